"""Where a batch ends makes no difference to any read model."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.payment.commands import RequestVoid
from domain.shared.ids import PaymentId
from domain.shared.journal import CommandParked, CommandResent, Envelope, InputParked, InputResent
from domain.shared.recorded import Recorded
from infra.postgres.embedded import EmbeddedPostgres
from projections.engine.projection import Projection
from projections.registry import PROJECTIONS
from tests.support.builders.event_log_builder import Log, build, feed
from tests.support.builders.sale import Sale, sale
from tests.support.builders.shop import Shop
from tests.support.harness.projecting import content

SHOP = Shop(products=3)
ENDS = (Sale.delivered, Sale.cancelled, Sale.short, Sale.rejected, Sale.placed, Sale.reserved)
VOID = Envelope(RequestVoid(payment_id=PaymentId("o000001"), reason="late"))
PARKED = CommandParked(
    process="checkout", instance="o000001", command_id=UUID(int=1), command=VOID, error="Down", attempts=5
)
RESENT = CommandResent(process="checkout", instance="o000001", command_id=UUID(int=1), command=VOID)
INPUT: dict[str, Any] = {
    "process": "checkout",
    "instance": "o000001",
    "entry_id": UUID(int=2),
    "input_id": UUID(int=3),
    "input": "cart.checked_out.v1",
    "stream": "cart-1",
    "revision": 2,
    "unrecorded": None,
}
UNHEARD, GIVEN = InputParked(**INPUT, error="KeyError"), InputResent(**INPUT)


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded[Any]]:
    """A few orders at once, each to an end of its own, told in any order that keeps each order's."""
    log = Log()
    for append in SHOP.opening():
        log.tell(*append.facts, stream=append.stream)
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=4))
    under_way = [end(sale(SHOP, number)) for number, end in enumerate(ends)]
    under_way.append(iter([]))
    while under_way:
        chosen = draw(st.integers(0, len(under_way) - 1))
        step = next(under_way[chosen], None)
        if step is None:
            del under_way[chosen]
        else:
            log.tell(*step.facts, stream=step.stream)
        if draw(st.integers(0, 30)) == 0:
            log.tell(draw(st.sampled_from([PARKED, RESENT, UNHEARD, GIVEN])), stream="parked-1")
    return log.recorded


@given(told=histories(), sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_rows_do_not_depend_on_where_batches_end(
    postgres: EmbeddedPostgres, told: list[Recorded[Any]], sizes: list[int]
) -> None:
    asyncio.run(_rows_do_not_depend(postgres.url, told, sizes))


async def _rows_do_not_depend(url: str, told: Sequence[Recorded[Any]], sizes: Sequence[int]) -> None:
    connection = await asyncpg.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    for projection in PROJECTIONS:
        at_once = await build(connection, projection, f"once_{projection.name}")
        await feed(at_once, projection, told)
        in_parts = await build(connection, projection, f"parts_{projection.name}")
        for part in _parts(told, sizes):
            await feed(in_parts, projection, part)
        assert await content(in_parts, projection) == await content(at_once, projection)
    await transaction.rollback()
    await connection.close()


def _parts(told: Sequence[Recorded[Any]], sizes: Sequence[int]) -> Iterator[Sequence[Recorded[Any]]]:
    start = 0
    for number in count():
        size = sizes[number % len(sizes)]
        if start >= len(told):
            return
        yield told[start : start + size]
        start += size


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
async def test_the_tables_of_a_read_model_are_all_named(connection: asyncpg.Connection, projection: Projection) -> None:
    tables = await build(connection, projection)
    there = await tables.fetch("select tablename from pg_tables where schemaname = '{s}' order by 1")
    assert [row[0] for row in there] == sorted(projection.tables + projection.unproven)
