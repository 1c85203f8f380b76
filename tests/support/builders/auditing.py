"""Shops to be audited, and damages to be found."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.audit.check import check
from infra.audit.verdict import Verdict
from infra.projections.active import ActiveBuilds
from infra.serialization.codec import JsonCodec
from infra.serialization.upcasters import UPCASTERS
from projections.registry import PROJECTIONS
from tests.support.builders.shop import Append, Shop, Writer
from tests.support.harness.projecting import reached, running

SHOP = Shop()
NAMES = [projection.name for projection in PROJECTIONS]


async def written(store: EventStore, *appends: Append) -> None:
    """Append behind what is there."""
    writer = Writer(store, commands=int(await store.head()))
    await writer.write(appends)


async def built(url: str, store: EventStore) -> None:
    """Take every read model to the end of the log."""
    async with running(url, store, PROJECTIONS), ActiveBuilds(url) as active:
        assert await reached(active, NAMES, await store.head())


async def verdict(
    url: str, store: EventStore, projections: Sequence[Any] = (), handled: Position | None = None, **told: Any
) -> Verdict:
    """What `counterfoil check` finds."""
    return await check(url, store, JsonCodec(UPCASTERS), projections, handled=handled, **told)


def failed(verdict: Verdict) -> dict[str, list[str]]:
    """The claims that do not hold, each with what was found."""
    return {check.claim: check.examples for check in verdict.checks if not check.ok}


def received(quantity: int) -> list[Append]:
    """Some units of one SKU."""
    return [append for append in Shop(units=quantity).opening() if append.stream == "stock-S00001@MAIN"]


async def tamper(connection: asyncpg.Connection, statement: str) -> None:
    """Change stored events behind the back of the store."""
    await connection.execute(f"alter table events disable trigger events_are_final; {statement}")
