"""Several processes on one store, and processes that die."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from os import kill
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory

import pytest

from infra.eventstore.factory import open_event_store, utc_now
from infra.eventstore.postgres.store import PostgresEventStore
from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.program import PostgresFailed
from tests.infra.eventstore.acknowledged import Acknowledged, acknowledgements, assert_kept, start_writer
from tests.infra.eventstore.making import event, whole_log

WRITERS = 3


async def test_writers_in_several_processes_make_one_order(shared_store_url: str) -> None:
    """None of them finds tables to write to: the first one makes them."""
    appends = 150 if shared_store_url.startswith("postgresql") else 40
    writers = [await start_writer(shared_store_url, appends + n) for n in range(WRITERS)]
    told = await asyncio.gather(*(acknowledgements(writer) for writer in writers))
    assert [await writer.wait() for writer in writers] == [0] * WRITERS

    store = (await open_event_store(shared_store_url)).store
    log = await whole_log(store)
    await store.close()

    assert [len(each) for each in told] == [appends + n for n in range(WRITERS)]
    assert_kept([one for each in told for one in each], log)
    assert len(log) == sum(len(one.event_ids) for each in told for one in each)
    if not shared_store_url.startswith("esdb"):
        assert [record.position for record in log] == list(range(1, len(log) + 1))


async def test_what_a_killed_process_was_told_is_stored_is_stored(shared_store_url: str) -> None:
    told = list[Acknowledged]()
    for _ in range(2):
        writer = await start_writer(shared_store_url, 10**6)
        told += await acknowledgements(writer, 50)
        writer.kill()
        told += await acknowledgements(writer)
        assert await writer.wait() == -SIGKILL

    store = (await open_event_store(shared_store_url)).store
    log = await whole_log(store)
    await store.close()

    assert len(told) >= 100
    assert_kept(told, log)


@pytest.fixture
def mortal_postgres() -> Iterator[EmbeddedPostgres]:
    """A server for one test, which may kill it."""
    with TemporaryDirectory(prefix="counterfoil-test-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        server.start()
        yield server
        server.stop()


async def test_a_killed_server_loses_nothing_and_doubles_nothing(mortal_postgres: EmbeddedPostgres) -> None:
    server = mortal_postgres
    store = PostgresEventStore(server.url, utc_now, patience=60)
    await store.open()
    told, enough = list[Acknowledged](), asyncio.Event()

    async def write(writer: int) -> None:
        for n in range(200):
            events = [event(), event()]
            at = await store.append(f"stock-{writer}", events, expected=2 * n - 1)
            told.append(Acknowledged(at.position, f"stock-{writer}", at.revision, tuple(e.event_id for e in events)))
            if len(told) == 300:
                enough.set()

    writers = asyncio.gather(*(write(writer) for writer in range(8)))
    await enough.wait()
    await _kill(server)
    assert not writers.done()
    await _start_again(server)
    await writers

    log = await whole_log(store)
    await store.close()
    assert_kept(told, log)
    assert len(log) == 2 * len(told) == 3200


async def _kill(server: EmbeddedPostgres) -> None:
    pid = server.pid()
    kill(pid, SIGKILL)
    with suppress(ProcessLookupError):
        while True:
            kill(pid, 0)
            await asyncio.sleep(0.01)


async def _start_again(server: EmbeddedPostgres) -> None:
    """The children of the killed server have to leave its shared memory first."""
    async with asyncio.timeout(60):
        while not server.running():
            with suppress(PostgresFailed):
                await asyncio.to_thread(server.start)
