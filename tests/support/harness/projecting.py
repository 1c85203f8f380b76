"""Read models that follow a real event store, and what their rows ought to be."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from commands.ports import EventStore
from domain.shared.recorded import START, EventView, Position, Recorded
from infra.eventstore.factory import ClosableEventStore, open_event_store
from infra.projections.active import ActiveBuilds
from infra.projections.run import run_projections
from infra.projections.tables import SchemaTables
from infra.serialization.codec import JsonCodec
from projections.engine.ports import Tables
from projections.engine.projection import Projection
from tests.support.builders.event_log_builder import build, feed
from tests.support.builders.shop import Append
from tests.support.harness.counter import TicketCancelled, TicketSold

PATIENCE = 60.0


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[ClosableEventStore]:
    """An empty event store in the database of the test."""
    opened = await open_event_store(database_url)
    yield opened.store
    await opened.store.close()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the database of the test."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def running(url: str, store: EventStore, projections: Sequence[Projection]) -> AsyncIterator[None]:
    """The runner, as `counterfoil run projections` runs it."""
    runner = asyncio.create_task(run_projections(url, store, JsonCodec(), projections))
    try:
        yield
        if runner.done():
            await runner
    finally:
        runner.cancel()
        await asyncio.wait([runner])


async def reached(active: ActiveBuilds, names: Collection[str], position: Position) -> bool:
    """Whether all of them come as far, in good time."""
    found = await active.wait_for(names, position, PATIENCE)
    return all(at >= position for at in found.values())


async def everything(store: EventStore) -> list[Recorded[Any]]:
    """All facts of the log."""
    codec, found, after = JsonCodec(), list[Recorded[Any]](), START
    while (page := await store.read_all(after=after, limit=5000)).records:
        found += [codec.decode_event(record) for record in page.records]
        after = page.position
    return found


async def content(tables: SchemaTables, projection: Projection) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {
        table: [row[0] for row in await tables.fetch(f"select t::text from {{s}}.{table} t order by 1")]
        for table in projection.tables
    }


async def served(connection: asyncpg.Connection, projection: Projection, number: int = 1) -> dict[str, list[str]]:
    """The rows of a build."""
    return await content(SchemaTables(connection, f"{projection.name}_b{number}"), projection)


async def folded(
    connection: asyncpg.Connection, projection: Projection, facts: Iterable[Recorded[Any]]
) -> dict[str, list[str]]:
    """The rows that the facts make, taken in all at once."""
    tables = await build(connection, projection, f"folded_{projection.name}")
    await feed(tables, projection, facts)
    rows = await content(tables, projection)
    await connection.execute(f"drop schema {tables.schema} cascade")
    return rows


async def _count(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    for recorded in batch:
        step = 1 if isinstance(recorded.fact, TicketSold) else -1
        await tables.execute(
            """insert into {s}.sold as s values ($1, $2)
            on conflict (show) do update set tickets = s.tickets + excluded.tickets""",
            recorded.fact.show,
            step,
        )


async def _stumble(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    await _count(batch, tables)
    if any(recorded.fact.show == "opera" for recorded in batch):
        raise ValueError("No opera here.")


def box_office(name: str = "box_office", version: int = 1, stumbles: bool = False) -> Projection:
    """A read model that shows when an event came twice or never, and that may not like the opera."""
    return Projection(
        name=name,
        version=version,
        handles=(TicketSold, TicketCancelled),
        tables=("sold",),
        ddl="create table {s}.sold (show text primary key, tickets int not null);",
        project=_stumble if stumbles else _count,
    )


def sold(show: str, tickets: int = 1) -> list[Append]:
    """So many tickets, sold one by one."""
    return [Append(f"show-{show}", [TicketSold(show=show)])] * tickets


async def tickets(connection: asyncpg.Connection, schema: str) -> dict[str, int]:
    """What a box office has counted."""
    return {row["show"]: row["tickets"] for row in await connection.fetch(f"select * from {schema}.sold")}


async def standing(connection: asyncpg.Connection) -> dict[str, tuple[str, Position]]:
    """Status and position of each build."""
    rows = await connection.fetch("select * from projection_builds where status <> 'dropped'")
    return {f"{row['name']}_b{row['build']}": (row["status"], row["position"]) for row in rows}
