"""Builds of a read model, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import asyncpg
import pytest

from commands.ports import EventStore
from domain.shared.errors import NotFound
from domain.shared.recorded import EventView, Position
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.projections.manage import NotCaughtUp, StillRead
from infra.projections.upgrading import switch_what_caught_up, to_be_read
from projections.engine import parking
from projections.engine.ports import FedTables
from projections.engine.projection import Projection
from tests.support.builders.shop import Writer
from tests.support.harness.projecting import PATIENCE, box_office, reached, running, sold, standing, tickets

T = TypeVar("T")


async def test_the_first_build_of_a_name_is_active_at_once(connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    assert await standing(connection) == {"box_office_b1": ("active", 0)}
    await manage.prepare(connection, [box_office()])
    assert await standing(connection) == {"box_office_b1": ("active", 0)}


async def test_a_rebuild_catches_up_beside_the_active_build_and_takes_over(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    writer, office = Writer(store), box_office()
    await writer.write(sold("hamlet", 3))
    async with running(database_url, store, [office]), ActiveBuilds(database_url) as active:
        assert await reached(active, ["box_office"], Position(3))
        await manage.rebuild(connection, office)
        await writer.write(sold("hamlet"))
        await _until(connection, {"box_office_b1": ("active", 4), "box_office_b2": ("building", 4)})
        await manage.switch(connection, "box_office")
        assert await tickets(connection, "box_office_b2") == {"hamlet": 4}
        await writer.write(sold("hamlet"))
        await _until(connection, {"box_office_b1": ("retired", 5), "box_office_b2": ("active", 5)})
        await manage.switch(connection, "box_office", 1)
        assert await standing(connection) == {"box_office_b1": ("active", 5), "box_office_b2": ("retired", 5)}


async def test_a_build_that_is_behind_is_switched_to_by_force_only(connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    await connection.execute("update projection_builds set position = 7")
    await manage.rebuild(connection, box_office())
    with pytest.raises(NotCaughtUp, match="box_office_b2 is at 0 of 7"):
        await manage.switch(connection, "box_office")
    assert await standing(connection) == {"box_office_b1": ("active", 7), "box_office_b2": ("building", 0)}
    await manage.switch(connection, "box_office", force=True)
    assert await standing(connection) == {"box_office_b1": ("retired", 7), "box_office_b2": ("active", 0)}


async def test_a_build_that_failed_is_not_switched_to(connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    await manage.rebuild(connection, box_office())
    await connection.execute("update projection_builds set error = 'ValueError: no' where build = 2")
    with pytest.raises(NotCaughtUp, match="box_office_b2 failed at 0: ValueError: no"):
        await manage.switch(connection, "box_office")


async def test_a_new_version_is_built_beside_the_old_one_and_takes_over_when_it_has_caught_up(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    writer = Writer(store)
    await writer.write(sold("hamlet", 2))
    async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
        assert await reached(active, ["box_office"], Position(2))
    await writer.write(sold("hamlet"))
    async with running(database_url, store, [box_office(version=2)]):
        await _until(connection, {"box_office_b1": ("retired", 2), "box_office_b2": ("active", 3)})
    assert await tickets(connection, "box_office_b2") == {"hamlet": 3}


async def test_an_old_version_that_stays_in_the_catalogue_is_fed_on_and_can_be_gone_back_to(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    writer, both = Writer(store), [box_office(version=2), box_office()]
    await writer.write(sold("hamlet", 2))
    async with running(database_url, store, both):
        await _until(connection, {"box_office_b1": ("retired", 2), "box_office_b2": ("active", 2)})
        await writer.write(sold("hamlet"))
        await _until(connection, {"box_office_b1": ("retired", 3), "box_office_b2": ("active", 3)})
        await manage.switch(connection, "box_office", 1)
    async with running(database_url, store, [box_office("opera", version=2), *both]):
        await _until(
            connection,
            {"box_office_b1": ("active", 3), "box_office_b2": ("retired", 3), "opera_b1": ("active", 3)},
        )
    assert to_be_read(await manage.builds(connection), {"box_office": 2}) == []


@pytest.mark.parametrize("most", [0, 100], ids=["stops", "parks"])
async def test_a_new_version_takes_over_neither_while_it_is_behind_nor_when_it_takes_in_less(
    database_url: str, store: EventStore, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    writer = Writer(store)
    await writer.write(sold("hamlet", 9))
    async with running(database_url, store, [box_office()]):
        await _until(connection, {"box_office_b1": ("active", 9)})
    held_up = asyncio.Event()
    async with running(database_url, store, [_held_up_by(held_up)]):
        await _until(connection, {"box_office_b1": ("active", 9), "box_office_b2": ("building", 0)})
        with pytest.raises(NotCaughtUp):
            await manage.switch(connection, "box_office", 2)
        held_up.set()
        await _until(connection, {"box_office_b1": ("retired", 9), "box_office_b2": ("active", 9)})
    monkeypatch.setattr(parking, "MOST", most)
    await writer.write(sold("opera"))
    async with running(database_url, store, [box_office(version=3, stumbles=True)]):
        unable = "select error is not null or exists (select from projection_parked) from projection_builds"
        await _told_in_time(lambda c: c.fetchval(f"{unable} where build = 3"), connection, True)
        assert await _switches_nothing(connection, store)
        assert [build.number for build in to_be_read(await manage.builds(connection), {"box_office": 3})] == [3]
    assert (await standing(connection))["box_office_b2"] == ("active", 9)


def _held_up_by(event: asyncio.Event) -> Projection:
    """Version 2 of the box office, which takes nothing in before the event."""
    new = box_office(version=2)

    async def project(batch: Sequence[EventView[Any]], tables: FedTables) -> None:
        await event.wait()
        await new.project(batch, tables)

    return replace(new, project=project)


async def _switches_nothing(connection: asyncpg.Connection, store: EventStore) -> bool:
    """Looking twice, as `take_over` does, has no effect."""
    before = await standing(connection)
    for _ in range(2):
        assert not await switch_what_caught_up(connection, {"box_office": 3}, await store.head())
    return await standing(connection) == before


async def test_a_dropped_build_is_gone_and_its_number_is_not_given_again(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    writer, office = Writer(store), box_office()
    async with running(database_url, store, [office]):
        await _until(connection, {"box_office_b1": ("active", 0)})
        await manage.rebuild(connection, office)
        await manage.drop(connection, "box_office", 2)
        await writer.write(sold("hamlet"))
        await _until(connection, {"box_office_b1": ("active", 1)})
        await manage.rebuild(connection, office)
        await _until(connection, {"box_office_b1": ("active", 1), "box_office_b3": ("building", 1)})
    schemas = await connection.fetch("select nspname from pg_namespace where nspname like 'box%' order by 1")
    assert [row[0] for row in schemas] == ["box_office_b1", "box_office_b3"]


async def test_what_readers_read_is_not_dropped(connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    with pytest.raises(StillRead):
        await manage.drop(connection, "box_office", 1)
    assert await standing(connection) == {"box_office_b1": ("active", 0)}


async def test_unknown_builds_are_told_as_such(connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    with pytest.raises(NotFound, match="There is no build 9 of box_office"):
        await manage.switch(connection, "box_office", 9)
    with pytest.raises(NotFound, match="There is no build 1 of opera_house"):
        await manage.drop(connection, "opera_house", 1)


async def test_readers_follow_a_switch(database_url: str, connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    await manage.rebuild(connection, box_office())
    await connection.execute("insert into box_office_b1.sold values ('hamlet', 1)")
    await connection.execute("insert into box_office_b2.sold values ('hamlet', 2)")
    async with ActiveBuilds(database_url) as active:
        assert await _seen(active) == {"hamlet": 1}
        await manage.switch(connection, "box_office")
        await _told_in_time(_seen, active, {"hamlet": 2})


async def _seen(active: ActiveBuilds) -> object:
    return {row["show"]: row["tickets"] for row in await active["box_office"].fetch("select * from {s}.sold")}


async def _until(connection: asyncpg.Connection, there: dict[str, tuple[str, int]]) -> None:
    await _told_in_time(_standing, connection, there)


async def _told_in_time(ask: Callable[[T], Awaitable[object]], of: T, answer: object) -> None:
    """Ask until the answer comes; each question is a query, so the loop waits for the server."""
    async with asyncio.timeout(PATIENCE):
        while await ask(of) != answer:
            pass


async def _standing(connection: asyncpg.Connection) -> object:
    try:
        return await standing(connection)
    except asyncpg.UndefinedTableError:
        return None
