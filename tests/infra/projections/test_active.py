"""Readers see what they wrote, and wait for it without asking again and again."""

import asyncio
import time
from dataclasses import replace

import asyncpg
import pytest

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.postgres.readers import Readers
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from projections.engine.ports import BeingRebuilt, StorageUnavailable, TookTooLong
from tests.support.builders.shop import Writer
from tests.support.harness.projecting import PATIENCE, box_office, running, sold


async def test_a_reader_sees_what_it_wrote(database_url: str, store: EventStore) -> None:
    writer = Writer(store)
    async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
        for count in range(1, 20):
            await writer.write(sold("hamlet"))
            await active.wait_for(["box_office"], Position(count), PATIENCE)
            row = await active["box_office"].fetchrow("select tickets from {s}.sold")
            assert row is not None
            assert row["tickets"] == count


async def test_a_reader_that_waits_in_vain_learns_how_far_it_is(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office(), box_office("other")])
    await connection.execute("update projection_builds set position = 5 where name = 'other'")
    async with ActiveBuilds(database_url) as active:
        began = time.monotonic()
        reached = await active.wait_for(["box_office", "other"], Position(5), 0.2)
        assert 0.2 <= time.monotonic() - began < 2
    assert reached == {"box_office": 0, "other": 5}


async def test_many_wait_at_once_and_none_asks_the_database(database_url: str, connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    async with ActiveBuilds(database_url) as active:
        waiting = [asyncio.create_task(active.wait_for(["box_office"], Position(9), PATIENCE)) for _ in range(500)]
        await connection.execute("select pg_stat_clear_snapshot()")
        before = await _transactions(connection)
        await connection.execute("update projection_builds set position = 9")
        await connection.execute(
            "select pg_notify($1, $2)", manage.PROGRESS, '{"position": 9, "builds": ["box_office_b1"]}'
        )
        answers = await asyncio.gather(*waiting)
        assert answers == [{"box_office": 9}] * 500
        assert await _transactions(connection) - before < 50


async def test_whoever_has_a_turn_waits_for_a_connection_only_once(database_url: str) -> None:
    readers, told = Readers(database_url, 1), list[str]()

    async def other() -> None:
        await readers.fetchrow("select 1")
        told.append("other")

    async with readers.in_turn() as turn:
        waiting = asyncio.create_task(other())
        for name in ("first", "second"):
            await turn.fetchrow("select 1")
            told.append(name)
    await waiting
    await readers.close()
    assert told == ["first", "second", "other"]


async def test_a_read_model_that_nobody_built_yet_is_waited_for_and_not_read(database_url: str) -> None:
    async with ActiveBuilds(database_url) as active:
        assert await active.wait_for(["box_office"], Position(1), 0) == {"box_office": 0}
        with pytest.raises(StorageUnavailable, match="box_office was not built yet"):
            active["box_office"]


async def test_whoever_leaves_while_a_switch_is_announced_gets_away(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    for ticks in range(8):
        async with asyncio.timeout(PATIENCE), ActiveBuilds(database_url) as active:
            await asyncio.sleep(0.05)
            active._hear(None, 0, manage.CHANGED, "")
            for _ in range(ticks):
                await asyncio.sleep(0)


async def test_readers_cannot_write(database_url: str, connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    async with ActiveBuilds(database_url) as active:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await active["box_office"].execute("insert into {s}.sold values ('hamlet', 1)")


async def test_a_wrong_statement_is_not_taken_for_a_lost_server(database_url: str) -> None:
    readers = Readers(database_url, 1)
    with pytest.raises(asyncpg.PostgresSyntaxError):
        await readers.fetch("select from where")
    with pytest.raises(asyncpg.DataError):
        await readers.fetch("select $1::int", "one")
    assert [row[0] for row in await readers.fetch("select 1")] == [1]
    await readers.close()


async def test_a_build_that_lacks_what_is_asked_for_is_no_fault_of_the_asker(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    async with ActiveBuilds(database_url) as active:
        for later in ("select * from {s}.of_version_2", "select of_version_2 from {s}.sold", "table {s}_gone.sold"):
            with pytest.raises(StorageUnavailable, match="of another version, or gone"):
                await active["box_office"].fetch(later)
        assert await active["box_office"].fetch("table {s}.sold") == []


async def test_a_build_of_another_version_is_read_as_long_as_it_has_what_is_asked_for(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office(), box_office("other")])
    await connection.execute("insert into box_office_b1.sold values ('hamlet', 1)")
    ours = [box_office(version=2), box_office("other")]
    async with ActiveBuilds(database_url, projections=ours) as active:
        (row,) = await active.together("other", "box_office").fetch("select tickets from {box_office}.sold")
        assert row["tickets"] == 1
        asked = "select of_version_2 from {s}.sold"
        for tables in (active["box_office"], active.together("box_office", "other")):
            for ask in (tables.fetch, tables.fetchrow, tables.execute):
                with pytest.raises(BeingRebuilt) as refused:
                    await ask(asked)
                assert (refused.value.model, refused.value.share) == ("box_office", None)
        with pytest.raises(StorageUnavailable) as gone:
            await active["other"].fetch(asked)
        assert not isinstance(gone.value, BeingRebuilt)

        await manage.prepare(connection, ours)
        await connection.execute("update projection_builds set position = 3 where build = 2")
        await connection.execute("update projection_builds set position = 12 where build = 1")
        await _asked_until(active, asked, 3 / 12)
        await connection.execute("update projection_builds set error = 'ValueError: no' where build = 2")
        await _asked_until(active, asked, None)


async def _asked_until(active: ActiveBuilds, query: str, share: float | None) -> None:
    """Until readers are told that so much is there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with pytest.raises(BeingRebuilt) as refused:
                await active["box_office"].fetch(query)
            if refused.value.share == share:
                return


async def test_a_build_that_means_something_else_is_not_read_at_all(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    ours = replace(box_office(version=2), readable_since=2)
    async with ActiveBuilds(database_url, projections=[ours]) as active:
        with pytest.raises(BeingRebuilt, match="box_office is of another version"):
            active["box_office"]
        await manage.prepare(connection, [ours])
        await manage.switch(connection, "box_office")
        async with asyncio.timeout(PATIENCE):
            while await _is_refused(active):
                pass
        assert await active["box_office"].fetch("table {s}.sold") == []


async def _is_refused(active: ActiveBuilds) -> bool:
    try:
        await active["box_office"].fetch("select 1")
    except BeingRebuilt:
        await asyncio.sleep(0.01)
        return True
    return False


async def test_a_lost_server_is_told_as_such_and_found_again(database_url: str) -> None:
    readers = Readers(database_url, 1)
    with pytest.raises(StorageUnavailable):
        await readers.fetch("select pg_terminate_backend(pg_backend_pid())")
    assert [row[0] for row in await readers.fetch("select 1")] == [1]
    await readers.close()
    with pytest.raises(StorageUnavailable):
        await Readers("postgresql://nobody@/nowhere?host=/nowhere", 1).fetch("select 1")


async def _transactions(connection: asyncpg.Connection) -> int:
    row = await connection.fetchrow("select xact_commit from pg_stat_database where datname = current_database()")
    assert row is not None
    return int(row[0])


async def test_a_statement_that_takes_too_long_is_stopped_and_its_line_goes_on(database_url: str) -> None:
    readers = Readers(database_url, 2, stop_after=0.05)
    first, second = await asyncio.gather(*(readers.fetch("select pg_backend_pid() from pg_sleep(0.01)") for _ in "ab"))
    with pytest.raises(TookTooLong):
        await readers.fetch("select pg_sleep(60)")
    left = await asyncio.gather(*(readers.fetch("select pg_backend_pid() from pg_sleep(0.01)") for _ in "ab"))
    assert {row[0][0] for row in left} == {first[0][0], second[0][0]}
    await readers.close()


async def test_what_is_read_apart_is_stopped_and_what_is_not_goes_on(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    async with ActiveBuilds(database_url, slow_within=0.05) as active:
        for tables in (active.apart("box_office"), active.apart("box_office", filtered=True)):
            with pytest.raises(TookTooLong):
                await tables.fetch("select pg_sleep(60)")
        assert len(await active["box_office"].fetch("select pg_sleep(0.2)")) == 1
