"""An older copy shows what was done to a log since, also when hashes, positions and times are right again."""

from collections.abc import Callable

import asyncpg
import pytest

from domain.shared.recorded import Position
from infra.eventstore.copying import Copied, Copying, DifferentLogs
from infra.eventstore.factory import ClosableEventStore, in_memory_store
from infra.eventstore.gaps import MissingPositions
from tests.infra.eventstore.making import whole_log
from tests.support.builders.auditing import SHOP, failed, received, tamper, verdict, written
from tests.support.builders.forging import Row, forge
from tests.support.builders.sale import sale
from tests.support.harness.projecting import connection, store

__all__ = ["connection", "store"]

Change = Callable[[list[Row]], list[Row]]

FORGED = "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69"


@pytest.fixture
async def filled(store: ClosableEventStore) -> ClosableEventStore:
    for append in (*SHOP.opening(), *sale(SHOP, 1).delivered()):
        await written(store, append)
    return store


@pytest.fixture
async def older(filled: ClosableEventStore) -> ClosableEventStore:
    """A copy of the log."""
    copy = in_memory_store()
    await Copying(filled, copy, gapless=True).run()
    return copy


def cut_tail(log: list[Row]) -> list[Row]:
    return log[:-1]


def closed_gap(log: list[Row]) -> list[Row]:
    return [row for row in log if row.stream != "stock-S00011@MAIN"]


def receipt(log: list[Row], at: str) -> Row:
    """A receipt that never was."""
    like = next(row for row in log if row.stream == "stock-S00011@MAIN")
    return Row(0, like.stream, 0, FORGED, like.type, like.data, like.metadata).at(at)


def forged_append(log: list[Row]) -> list[Row]:
    return [*log, receipt(log, log[-1].recorded_at)]


def forged_among(log: list[Row]) -> list[Row]:
    return [*log[:-1], receipt(log, log[-2].recorded_at), log[-1]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cut_tail, "The target holds more than the source"),
        (closed_gap, "The target holds something else where the source holds"),
        (forged_among, "The target holds something else where the source holds stock-S00011@MAIN at revision 1"),
    ],
)
async def test_what_passes_every_proof_is_found_by_an_older_copy(
    database_url: str,
    filled: ClosableEventStore,
    older: ClosableEventStore,
    connection: asyncpg.Connection,
    change: Change,
    said: str,
) -> None:
    before = await whole_log(older)
    await forge(connection, change)
    assert failed(await verdict(database_url, filled)) == {}
    for ask in (Copying(filled, older, gapless=True).compare, Copying(filled, older, gapless=True).run):
        with pytest.raises(DifferentLogs, match=said):
            await ask()
    assert await whole_log(older) == before


async def test_an_append_behind_the_copy_is_counted(
    database_url: str, filled: ClosableEventStore, older: ClosableEventStore, connection: asyncpg.Connection
) -> None:
    """A shop at rest appends nothing, so each event that its copy lacks was forged."""
    head = await filled.head()
    assert await Copying(filled, older, gapless=True).compare() == Copied(head, 0, head, head)
    await forge(connection, forged_append)
    assert failed(await verdict(database_url, filled)) == {}
    before = await whole_log(older)
    assert await Copying(filled, older, gapless=True).compare() == Copied(head, 1, head, head)
    assert await whole_log(older) == before


async def test_a_gap_is_not_closed_by_a_copy(filled: ClosableEventStore, connection: asyncpg.Connection) -> None:
    await tamper(connection, "delete from events where stream = 'stock-S00011@MAIN'")
    for ask in (Copying.run, Copying.compare):
        with pytest.raises(MissingPositions, match="between the positions 83 and 85"):
            await ask(Copying(filled, in_memory_store(), gapless=True))


async def test_a_copy_that_goes_on_proves_what_is_new(
    filled: ClosableEventStore, older: ClosableEventStore, connection: asyncpg.Connection
) -> None:
    head = await filled.head()
    await written(filled, *received(1), *received(2), *received(3))
    assert (await Copying(filled, older, gapless=True).compare()).new == 3
    await tamper(connection, f"delete from events where position = {head + 3}")
    assert (await Copying(filled, older, gapless=True).run()).new == 2
    assert len(await whole_log(older)) == head + 2
    await written(filled, *received(4))
    await tamper(connection, f"update events set position = position + 1 where position = {head + 3}")
    with pytest.raises(MissingPositions, match=f"between the positions {head + 2} and {Position(head + 4)}"):
        await Copying(filled, older, gapless=True).run()
