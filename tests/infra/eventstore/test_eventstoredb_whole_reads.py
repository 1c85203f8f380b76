"""A read of EventStoreDB is whole, or it is read again: whatever happens to the connection under it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
from esdbclient import NewEvent, RecordedEvent, StreamState

from commands.ports import NO_STREAM
from domain.shared.recorded import START, Position
from infra.eventstore.eventstoredb.client import Client, Cut
from infra.eventstore.eventstoredb.errors import TRY_AGAIN
from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.factory import utc_now
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import event

STORED = 400
DISCOVERS = 0.05
"""Seconds that the server takes to tell who leads."""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    """A client that looks for the leader first, as with a cluster; the log holds STORED events."""
    client = Client(f"esdb://{server.target},{server.target}?Tls=false")
    await client.connect()
    new = [NewEvent("Happened", b"{}") for _ in range(STORED)]
    await client.append_to_stream("order-1", current_version=StreamState.NO_STREAM, events=new)
    yield client
    with suppress(*TRY_AGAIN, AttributeError):
        await client.close()


Read = Callable[[Client], Coroutine[Any, Any, list[RecordedEvent]]]
READS: dict[str, Read] = {
    "all": lambda client: client.collect(client.read_all()),
    "stream": lambda client: client.collect(client.read_stream("order-1")),
    "backwards": lambda client: client.collect(client.read_all(backwards=True)),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("begins_after", [0.0, DISCOVERS / 2, DISCOVERS])
async def test_a_read_that_begins_while_the_client_looks_for_the_leader(
    server: Server, client: Client, read: Read, begins_after: float
) -> None:
    """The new connection is there after the read has begun, and the old one ends it."""
    answered = list[int | str]()
    for _ in range(5):
        server.faults.stall(DISCOVERS, method="Gossip.Read")
        moving = asyncio.create_task(client.reconnect())
        await asyncio.sleep(begins_after)
        try:
            answered.append(len(await read(client)))
        except Cut:
            answered.append("cut")
        await moving
    assert set(answered) <= {STORED, "cut"}, answered


async def test_a_read_of_a_client_that_is_closed_meanwhile(client: Client) -> None:
    reading = asyncio.create_task(READS["all"](client))
    await asyncio.sleep(0.01)
    await client.close()
    with pytest.raises(Cut):
        await reading


async def test_a_read_whose_task_is_cancelled_meanwhile(client: Client) -> None:
    """The library takes a cancellation for the end of what there is."""
    reading = asyncio.create_task(READS["all"](client))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises((Cut, asyncio.CancelledError)):
        await reading


async def test_pages_that_are_read_while_connections_change_skip_nothing(server: Server) -> None:
    store = EventStoreDB(f"esdb://{server.target},{server.target}?Tls=false", utc_now)
    for stream in range(4):
        await store.append(f"stock-{stream}", [event() for _ in range(100)], expected=NO_STREAM)
    whole = [record.event_id for record in (await store.read_all(after=START, limit=STORED)).records]
    assert len(whole) == STORED

    reading = True

    async def change() -> None:
        while reading:
            server.faults.stall(DISCOVERS, method="Gossip.Read")
            await store._reader._client.reconnect()  # type: ignore[union-attr]
            await asyncio.sleep(DISCOVERS)

    changing = asyncio.create_task(change())
    for _ in range(10):
        seen, after, more = list[object](), START, True
        while more:
            page = await store.read_all(after=Position(after), limit=70)
            seen += [record.event_id for record in page.records]
            after, more = page.position, page.more
        assert seen == whole
    reading = False
    await changing
    await store.close()
