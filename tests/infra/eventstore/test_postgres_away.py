"""All of PostgreSQL stands still, or has no connection left: what was acknowledged is there, what was not can be asked
again, and everybody goes on by themselves. `make torture` does the same to a whole shop, for up to 30 s."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
import structlog

from commands.ports import ANY, NO_STREAM, StoreUnavailable
from domain.shared.recorded import START
from infra.eventstore.factory import utc_now
from infra.eventstore.postgres.store import PostgresEventStore
from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.lease import lease
from infra.postgres.readers import Readers
from projections.engine.ports import StorageUnavailable
from tests.infra.eventstore.acknowledged import Acknowledged, assert_kept
from tests.infra.eventstore.making import event, whole_log
from tests.infra.eventstore.test_following import follow
from tests.load.processor import children_of
from tests.support.fixtures.proxy import until

PLACES = 20
LOST = "event store connection lost"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with TemporaryDirectory(prefix="counterfoil-away-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder), {"max_connections": str(PLACES)})
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def url(server: EmbeddedPostgres, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Of a database of the test's own. Whoever was left inside is put out before the next test counts places."""
    name = f"away_{abs(hash(request.node.name))}"
    admin = await asyncpg.connect(server.url)
    await admin.execute(f"create database {name}")
    await admin.close()
    yield server.url.replace("/postgres?", f"/{name}?")
    admin = await asyncpg.connect(server.url)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@contextmanager
def standing_still(server: EmbeddedPostgres) -> Iterator[None]:
    """No process of the server does anything; connections stay open, and new ones are not answered."""
    pids = [server.pid(), *children_of(server.pid())]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextmanager
def no_place_left(taken: list[asyncpg.Connection]) -> Iterator[None]:
    try:
        yield
    finally:
        while taken:
            taken.pop().terminate()


async def take_all(url: str) -> list[asyncpg.Connection]:
    """Every connection that is to be had."""
    taken = list[asyncpg.Connection]()
    with suppress(asyncpg.TooManyConnectionsError):
        while True:
            taken.append(await asyncpg.connect(url))
    return taken


async def opened(url: str, patience: float = 15) -> PostgresEventStore:
    store = PostgresEventStore(url, utc_now, patience)
    await store.open()
    return store


async def write(store: PostgresEventStore, stream: str, number: int) -> Acknowledged:
    new = event()
    at = await store.append(stream, [new], expected=number - 1)
    return Acknowledged(at.position, stream, at.revision, (new.event_id,))


async def test_what_is_under_way_when_the_server_stands_still_is_stored_once(
    server: EmbeddedPostgres, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries that were given up may come to life when the server does, before or after the one that is waited for."""
    store = await opened(url, patience=120)
    told = [await write(store, "stock-before", 0)]
    following = asyncio.create_task(follow(store, 22))
    with structlog.testing.capture_logs() as said:

        async def given_up_twice() -> bool:
            return [line["event"] for line in said].count(LOST) >= 2

        monkeypatch.setattr("infra.postgres.sessions.ATTEMPT", 0.5)
        with standing_still(server):
            appending = [asyncio.create_task(write(store, f"stock-{n}", 0)) for n in range(20)]
            await until(given_up_twice)
            assert not any(append.done() for append in appending)
            monkeypatch.undo()
        told += await asyncio.gather(*appending)
    told.append(await write(store, "stock-before", 1))
    log = await whole_log(store)
    assert_kept(told, log)
    assert len(log) == 22
    assert await following == log
    await store.close()


async def test_what_was_refused_while_the_server_stood_still_can_be_asked_again(
    server: EmbeddedPostgres, url: str
) -> None:
    store, new = await opened(url), event()
    impatient = PostgresEventStore(url, utc_now, patience=0.5)
    await impatient.append("stock-warm", [event()], expected=NO_STREAM)
    with standing_still(server):
        with pytest.raises(StoreUnavailable):
            await impatient.append("stock-a", [new], expected=NO_STREAM)
        with pytest.raises(StoreUnavailable):
            await impatient.read("stock-a")
    assert (await store.append("stock-a", [new], expected=NO_STREAM)).revision == 0
    assert [record.event_id for record in await store.read("stock-a")] == [new.event_id]
    await impatient.close()
    await store.close()


async def test_a_reader_does_not_wait_for_a_server_that_stands_still(server: EmbeddedPostgres, url: str) -> None:
    readers = Readers(url, 1, answer_within=0.5)
    assert await readers.fetch("select 1")
    with standing_still(server), pytest.raises(StorageUnavailable):
        await readers.fetch("select 1")
    assert await readers.fetch("select 1")
    await readers.close()


async def test_who_has_a_connection_works_on_when_none_is_left(url: str) -> None:
    store = await opened(url)
    following = asyncio.create_task(follow(store, 9))
    told = [await write(store, "stock-a", 0)]
    with no_place_left(await take_all(url)):
        told += [await write(store, "stock-a", n) for n in range(1, 9)]
        assert_kept(told, await following)
    await store.close()


async def test_who_has_none_is_told_and_goes_on_when_there_is_one(url: str) -> None:
    await (await opened(url)).close()
    store, patient = PostgresEventStore(url, utc_now, patience=0.5), PostgresEventStore(url, utc_now, patience=60)
    readers, came = Readers(url, 1), asyncio.Event()

    async def hold() -> None:
        async with lease(url, "test"):
            came.set()

    with structlog.testing.capture_logs() as said, no_place_left(await take_all(url)):
        with pytest.raises(StoreUnavailable):
            await store.append("stock-a", [event()], expected=NO_STREAM)
        with pytest.raises(StorageUnavailable):
            await readers.fetch("select 1")
        waiting = [asyncio.create_task(write(patient, f"stock-{n}", 0)) for n in range(9)]
        holding = asyncio.create_task(hold())

        async def they_wait() -> bool:
            return {LOST, "lease not to be had"} <= {line["event"] for line in said}

        await until(they_wait)
        assert not came.is_set()
    told = await asyncio.gather(*waiting)
    await holding
    assert_kept(told, await whole_log(store))
    assert len(await readers.fetch("select 1")) == 1
    assert (await store.append("stock-a", [event()], expected=ANY)).position == await store.head() > START
    for used in (store, patient):
        await used.close()
    await readers.close()
