"""A log that is not the one that was followed is not followed on."""

import asyncio
import shutil
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest

from commands.ports import NO_STREAM, LogDiverged, Page, Seen, StoreUnavailable
from commands.recognising import recognise, refusal
from domain.shared.recorded import START, Position
from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.factory import ClosableEventStore, utc_now
from infra.eventstore.postgres.subscription import Bell, follow
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import RECEIVED, RESERVED, event, stock, whole_log
from tests.support.fixtures.memory import MemoryStore

FAR = 1_000_000_000


async def test_each_position_names_its_event(store: ClosableEventStore) -> None:
    for number in range(3):
        await store.append(stock(number), [event(), event()], expected=NO_STREAM)
    for record in await whole_log(store):
        assert await store.event_at(record.position) == record.event_id
        seen = Seen(record.position, record.event_id)
        assert await recognise(store.event_at, seen) == seen
        assert await recognise(store.event_at, Seen(record.position, None)) == seen
    assert await store.event_at(START) is None


async def test_a_log_that_ends_before_or_holds_another_event_is_not_the_one(store: ClosableEventStore) -> None:
    at = await store.append(stock("a"), [event()], expected=NO_STREAM)
    beyond = Position(at.position + FAR)
    with pytest.raises(LogDiverged, match=f"The log ends at position {at.position}, before position {beyond}"):
        await store.event_at(beyond)
    other = uuid4()
    with pytest.raises(LogDiverged, match=f"The log holds .* at position {at.position}, not {other}"):
        await recognise(store.event_at, Seen(at.position, other))
    told = await refusal(store.event_at, Seen(at.position, other))
    assert told is not None
    assert "restore the missing events" in told
    assert await refusal(store.event_at, Seen(at.position, None)) is None


@pytest.mark.parametrize("types", [None, [RECEIVED]], ids=str)
async def test_a_subscription_behind_the_end_of_the_log_is_refused(
    store: ClosableEventStore, types: list[str] | None
) -> None:
    at = await store.append(stock("a"), [event()], expected=NO_STREAM)
    async with aclosing(store.subscribe(after=Position(at.position + FAR), types=types)) as pages:  # type: ignore[type-var]
        with pytest.raises(LogDiverged):
            await anext(pages)


async def test_the_system_s_own_records_are_no_events_of_the_shop(tmp_path: Path) -> None:
    async with Server(folder=tmp_path / "server") as server:
        store = EventStoreDB(server.uri, utc_now)
        assert server.log.records[-1].position > START
        assert await store.event_at(Position(server.log.records[-1].position)) is None
        at = await store.append("stock-a", [event()], expected=NO_STREAM)
        client = await store._writer._open()
        await client.set_stream_metadata("stock-b", metadata={"colour": "red"})
        of_the_system = Position(server.log.records[-1].position)
        assert of_the_system > await store.head() == at.position
        assert await store.event_at(of_the_system) == await store.event_at(at.position)
        with pytest.raises(LogDiverged):
            await store.event_at(Position(at.position + 1))
        await store.close()


@pytest.mark.parametrize("types", [None, [RECEIVED]], ids=str)
@pytest.mark.parametrize("new", [0, 2, 9])
async def test_a_server_that_comes_back_with_an_older_log_is_not_followed(
    tmp_path: Path, new: int, types: list[str] | None
) -> None:
    """It was restored from a backup, and perhaps written to since."""
    async with Server(folder=tmp_path / "server") as server:
        writer = EventStoreDB(server.uri, utc_now)
        await writer.append("stock-a", [event(), event()], expected=NO_STREAM)
        backup = shutil.copytree(tmp_path / "server", tmp_path / "backup")
        await writer.append("stock-a", [event(), event()], expected=1)
        port, head = server.port, await writer.head()
        store = EventStoreDB(server.uri, utc_now)
        pages = aiter(store.subscribe(after=START, types=types))
        position = START
        while position < head:
            position = (await anext(pages)).position
        await writer.close()
    async with Server(folder=backup, port=port) as server:
        writer = EventStoreDB(server.uri, utc_now)
        if new:
            await writer.append("stock-a", [event(type=RESERVED)] + [event() for _ in range(new - 1)], expected=1)
        async with asyncio.timeout(60):
            with pytest.raises(LogDiverged):
                await anext(pages)
        await writer.close()
        await store.close()


async def test_a_store_that_was_away_is_looked_at_before_it_is_followed_on() -> None:
    """As PostgreSQL is, which may have been restored meanwhile."""
    store, away = MemoryStore(), asyncio.Event()
    await store.append("stock-a", [event(), event(), event()], expected=NO_STREAM)

    async def read(after: Position) -> Page:
        if after != START:
            store.log[:] = store.log[:1]
            away.set()
            raise StoreUnavailable
        return await store.read_all(after=after, limit=10)

    pages = follow(read, store.event_at, Bell(), START, poll=0.01)
    assert (await anext(pages)).position == 3
    async with asyncio.timeout(60):
        with pytest.raises(LogDiverged):
            await anext(pages)
    assert away.is_set()
