"""An EventStoreDB that was restored from its backup, under read models that had seen more."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from domain.shared.frozen import replace
from domain.shared.recorded import Position
from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.factory import utc_now
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.projections.builds import PostgresBuilds
from infra.projections.lag import lag
from tests.eventstoredb_server import Server
from tests.support.builders.shop import Writer
from tests.support.fixtures.proxy import until
from tests.support.harness.projecting import box_office, reached, running, sold, tickets


@asynccontextmanager
async def store_on(folder: Path, port: int = 0) -> AsyncIterator[tuple[EventStoreDB, int]]:
    async with Server(folder=folder, port=port) as server:
        store = EventStoreDB(server.uri, utc_now)
        yield store, server.port
        await store.close()


@pytest.mark.parametrize("sold_since", [0, 9], ids=["shorter", "other"])
async def test_read_models_of_a_log_that_was_restored_stand_still_and_say_so(
    database_url: str, connection: asyncpg.Connection, tmp_path: Path, sold_since: int
) -> None:
    async with store_on(tmp_path / "log") as (store, _):
        writer = Writer(store)
        await writer.write(sold("hamlet", 2))
        shutil.copytree(tmp_path / "log", tmp_path / "backup")
        await writer.write(sold("hamlet", 3))
        async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
            assert await reached(active, ["box_office"], await store.head())
    assert await tickets(connection, "box_office_b1") == {"hamlet": 5}
    (stood,) = await manage.builds(connection)
    assert stood.error is None

    async with store_on(tmp_path / "backup") as (store, _):
        await Writer(store, commands=50).write(sold("macbeth", sold_since))
        (listed,) = await lag(await manage.builds(connection), store)
        assert listed.build.state == "failed"
        async with running(database_url, store, [box_office()]):
            await until(lambda: failed(connection))
        (refused,) = await manage.builds(connection)
        assert (refused.position, refused.event_id, refused.error) == (
            stood.position,
            stood.event_id,
            listed.build.error,
        )
        assert "restore the missing events" in (refused.error or "")
        assert await tickets(connection, "box_office_b1") == {"hamlet": 5}

    async with store_on(tmp_path / "log") as (store, _):
        await Writer(store, commands=80).write(sold("macbeth", 1))
        async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
            assert await reached(active, ["box_office"], await store.head())
        (again,) = await manage.builds(connection)
        assert again.error is None
        assert await tickets(connection, "box_office_b1") == {"hamlet": 5, "macbeth": 1}


async def failed(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("select error is not null from projection_builds"))


async def test_a_database_of_an_earlier_version_gets_the_events_of_its_builds(
    database_url: str, connection: asyncpg.Connection, tmp_path: Path
) -> None:
    async with store_on(tmp_path) as (store, _):
        await Writer(store).write(sold("hamlet", 2))
        async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
            assert await reached(active, ["box_office"], await store.head())
        (stood,) = await manage.builds(connection)
        await connection.execute("alter table projection_builds drop column event_id")
        async with running(database_url, store, [box_office()]):

            async def filled() -> bool:
                await manage.install(connection)
                return [build.event_id for build in await manage.builds(connection)] == [stood.event_id]

            await until(filled)


async def test_each_move_of_a_build_names_the_event_where_it_ends(
    database_url: str, connection: asyncpg.Connection
) -> None:
    builds = PostgresBuilds(database_url)
    await builds.prepare([box_office()])
    for start, event_id in ((0, UUID(int=1)), (1, UUID(int=2)), (2, None)):
        async with builds.moving(await builds.known(), Position(start), Position(start + 1), event_id):
            pass
        (build,) = await manage.builds(connection)
        assert (build.position, build.event_id) == (start + 1, event_id)
    await builds.recognised(build, UUID(int=3))
    await builds.recognised(replace(build, position=Position(1)), UUID(int=4))
    assert [one.event_id for one in await builds.known()] == [UUID(int=3)]
    await builds.close()
