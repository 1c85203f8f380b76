"""How the tests talk to the server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient, NewEvent, RecordedEvent, StreamState

from tests.eventstoredb_server import Server

T = TypeVar("T")
NO_STREAM, ANY, EXISTS = StreamState.NO_STREAM, StreamState.ANY, StreamState.EXISTS


def event(type: str = "Happened", data: bytes = b"{}", id: UUID | None = None, **more: Any) -> NewEvent:
    return NewEvent(type=type, data=data, id=id or uuid4(), **more)


def events(number: int, type: str = "Happened") -> list[NewEvent]:
    return [event(type) for _ in range(number)]


@asynccontextmanager
async def connected(uri: str, authority: bytes | None = None) -> AsyncIterator[AsyncEventStoreDBClient]:
    client = AsyncEventStoreDBClient(uri, root_certificates=authority)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


async def blocking(server: Server, talk: Callable[[EventStoreDBClient], T]) -> T:
    """What the library's other client has to say, in a thread of its own."""

    def talks() -> T:
        client = EventStoreDBClient(server.uri, root_certificates=authority_of(server))
        try:
            return talk(client)
        finally:
            client.close()

    return await asyncio.to_thread(talks)


def authority_of(server: Server) -> bytes | None:
    return server.certificates.authority if server.certificates else None


async def read(reading: Any) -> list[RecordedEvent]:
    """Everything that a read answers."""
    async with await reading as found:
        return [event async for event in found]


class Listener:
    """Pumps a subscription into a list, and waits for what is expected of it."""

    def __init__(self, subscription: Any) -> None:
        self.subscription = subscription
        self.heard: list[Any] = []
        self.failure: Exception | None = None
        self._more = asyncio.Event()
        self._pump = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for each in self.subscription:
                self.heard.append(each)
                self._more.set()
        except Exception as failure:
            self.failure = failure
        self._more.set()

    async def hears(self, number: int, within: float = 5.0) -> list[Any]:
        async with asyncio.timeout(within):
            while len(self.heard) < number and not self._pump.done():
                self._more.clear()
                await self._more.wait()
        return self.heard

    async def ends(self, within: float = 5.0) -> Exception | None:
        await asyncio.wait_for(asyncio.shield(self._pump), within)
        return self.failure

    async def hears_nothing(self, beyond: int) -> None:
        with suppress(TimeoutError):
            await self.hears(beyond + 1, within=0.15)
        assert len(self.heard) == beyond


@asynccontextmanager
async def listening(subscribing: Any) -> AsyncIterator[Listener]:
    listener = Listener(await subscribing)
    try:
        yield listener
    finally:
        await listener.subscription.stop()
        await listener.ends()
