"""Lines that are cut or fall silent without being closed: whoever uses them notices, says so and goes on."""

import asyncio
from collections.abc import Iterable, Iterator

import asyncpg
import pytest
import structlog

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.postgres.readers import READ_ONLY, Readers
from infra.postgres.shutdown import closed, ended
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.projections.builds import PostgresBuilds
from projections.engine.ports import StorageUnavailable
from tests.support.builders.shop import Writer
from tests.support.fixtures.proxy import until, wire_to
from tests.support.harness.projecting import PATIENCE, box_office, running, sold, tickets

SECONDS = 0.3


@pytest.fixture
def said() -> Iterator[list[structlog.typing.EventDict]]:
    with structlog.testing.capture_logs() as said:
        yield said


def warnings(said: Iterable[structlog.typing.EventDict]) -> list[str]:
    """What was said of lost lines: each is counted by telemetry/messages.py."""
    return [line["event"] for line in said if line["log_level"] == "warning" and line["event"].endswith("lost")]


async def test_what_a_crashed_server_has_lost_is_waited_for_again(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    progress = '{"position": 9, "builds": ["box_office_b1"]}'
    async with ActiveBuilds(database_url) as active:
        await connection.execute("select pg_notify($1, $2)", manage.PROGRESS, progress)
        assert await active.wait_for(["box_office"], Position(9), PATIENCE) == {"box_office": 9}

        await connection.execute("update projection_builds set position = 5")
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await until(lambda: reached(active, 5))
        assert await active.wait_for(["box_office"], Position(9), 0.1) == {"box_office": 5}


async def reached(active: ActiveBuilds, position: int) -> bool:
    return active.reached(["box_office"]) == {"box_office": position}


async def test_readers_who_hear_of_nothing_any_more_notice(
    database_url: str,
    connection: asyncpg.Connection,
    said: list[structlog.typing.EventDict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("infra.projections.active.ANSWER_WITHIN", SECONDS)
    monkeypatch.setattr(
        "infra.projections.active.Readers",
        lambda url, size, settings=READ_ONLY, stop_after=None: Readers(url, size, settings, SECONDS, stop_after),
    )
    await manage.prepare(connection, [box_office()])
    async with wire_to(database_url) as wire, ActiveBuilds(wire.url) as active:
        wire.go_deaf()
        await connection.execute("update projection_builds set position = 7")
        assert await active.wait_for(["box_office"], Position(7), PATIENCE) == {"box_office": 7}
    assert "read models listener lost" in warnings(said)


async def test_a_query_on_a_silent_line_fails_and_the_next_one_has_a_line_that_answers(database_url: str) -> None:
    async with wire_to(database_url) as wire:
        readers = Readers(wire.url, 2, answer_within=SECONDS)
        await asyncio.gather(*(readers.fetch("select pg_sleep(0.05)") for _ in range(2)))
        assert wire.connections == 2
        wire.go_deaf()
        with pytest.raises(StorageUnavailable):
            await readers.fetch("select 1")
        assert [len(await readers.fetch("select 1")) for _ in range(3)] == [1] * 3
        await readers.close()


@pytest.mark.parametrize("busy", [True, False], ids=["at a batch", "while nothing happens"])
async def test_projections_on_a_silent_line_go_on_with_another(
    database_url: str,
    store: EventStore,
    connection: asyncpg.Connection,
    said: list[structlog.typing.EventDict],
    monkeypatch: pytest.MonkeyPatch,
    busy: bool,
) -> None:
    async with wire_to(database_url) as wire:
        quiet = 60 if busy else SECONDS
        monkeypatch.setattr(
            "infra.projections.run.PostgresBuilds", lambda _, fence: PostgresBuilds(wire.url, quiet, SECONDS, fence)
        )
        writer = Writer(store)
        async with running(database_url, store, [box_office()]):
            await writer.write(sold("hamlet"))
            await until(lambda: counted(connection, 1))
            wire.go_deaf()
            if not busy:
                await until(lambda: noticed(said))
            await writer.write(sold("hamlet"))
            await until(lambda: counted(connection, 2))
    assert warnings(said) == ["projections connection lost"]


async def counted(connection: asyncpg.Connection, expected: int) -> bool:
    try:
        return await tickets(connection, "box_office_b1") == {"hamlet": expected}
    except asyncpg.UndefinedTableError:
        return False


async def noticed(said: Iterable[structlog.typing.EventDict]) -> bool:
    return "projections connection lost" in warnings(said)


async def test_a_batch_that_is_given_up_on_a_silent_line_ends_at_once(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    (build,) = await manage.builds(connection)
    begun = asyncio.Event()

    async def write(builds: PostgresBuilds) -> None:
        async with builds.moving([build], Position(0), Position(9)) as tables:
            begun.set()
            while True:
                await tables[build.schema].execute("insert into {s}.sold values ('hamlet', 1) on conflict do nothing")

    async with wire_to(database_url) as wire:
        builds = PostgresBuilds(wire.url)
        writing = asyncio.create_task(write(builds))
        await begun.wait()
        with wire.silent():
            await asyncio.sleep(0.2)  # until the answer to a statement is not coming
            writing.cancel()
            async with asyncio.timeout(PATIENCE / 3):
                await asyncio.wait({writing})
                await builds.close()
    assert writing.cancelled()


async def test_a_transaction_that_is_given_up_while_the_server_is_silent_ends_soon(database_url: str) -> None:
    begun = asyncio.Event()

    async def work(line: asyncpg.Connection) -> None:
        async with line.transaction():
            begun.set()
            while True:
                await line.execute("select 1")

    async with wire_to(database_url) as wire:
        line = await asyncpg.connect(wire.url, command_timeout=PATIENCE)
        working = asyncio.create_task(work(line))
        await begun.wait()
        with wire.silent():
            await asyncio.sleep(0.2)  # until the answer to a statement is not coming
            async with asyncio.timeout(PATIENCE / 3):
                await ended([working])
                await closed(line)
    assert line.is_closed()
    assert working.cancelled()
