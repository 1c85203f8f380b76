"""What changes of all that this process shows: one subscription at the read API, dealt out to open pages."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from domain.shared.backoff import Backoff
from web.ports import TooManyWatched

PROTOCOL = Subprotocol("graphql-transport-ws")
CHANGED = "subscription Changed($ids: [ID!]!) { changed(ids: $ids) { id } }"
MOST = 1_000
"""Things that one subscription of the read API takes."""

GATHER = 0.05
"""Seconds in which things that pages begin or cease to show become one new subscription."""

AGAIN = Backoff(first=0.2, longest=5.0)
GREETING = 5.0

log = structlog.get_logger()


class News:
    """Implements web.ports.News."""

    def __init__(self) -> None:
        self._changed = set[str]()
        self._some = asyncio.Event()

    def add(self, thing: str) -> None:
        self._changed.add(thing)
        self._some.set()

    async def next(self, within: float) -> Collection[str]:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._some.wait()
        self._some.clear()
        changed, self._changed = self._changed, set()
        return changed


class SubscribedChanges:
    """Implements web.ports.Changes. The connection is there only while something is watched."""

    def __init__(self, address: str, token: Callable[[], str]) -> None:
        self._address = address
        self._token = token
        self._watched = defaultdict[str, set[News]](set)
        self._different = asyncio.Event()

    @asynccontextmanager
    async def watching(self, ids: Collection[str]) -> AsyncIterator[News]:
        if len(self._watched.keys() | set(ids)) > MOST:
            raise TooManyWatched
        news = News()
        for thing in ids:
            self._watched[thing].add(news)
        self._different.set()
        try:
            yield news
        finally:
            for thing in ids:
                self._watched[thing].discard(news)
                if not self._watched[thing]:
                    del self._watched[thing]
            self._different.set()

    async def run(self) -> None:
        """Follow what is watched until cancelled."""
        failures = 0
        while True:
            await self._different.wait()
            try:
                async with connect(self._address, subprotocols=[PROTOCOL], proxy=None, open_timeout=GREETING) as socket:
                    await self._greet(socket)
                    failures = 0
                    await self._follow(socket)
            except (OSError, TimeoutError, WebSocketException) as error:
                log.warning("changes are not followed", reason=f"{type(error).__name__}: {error}")
                failures += 1
                await asyncio.sleep(AGAIN.pause(failures))
                self._tell(list(self._watched))
                self._different.set() if self._watched else self._different.clear()

    async def _greet(self, socket: ClientConnection) -> None:
        await _send(socket, type="connection_init", payload={"Authorization": f"Bearer {self._token()}"})
        async with asyncio.timeout(GREETING):
            await socket.recv()

    async def _follow(self, socket: ClientConnection) -> None:
        """Until nothing is watched any more, or the connection is lost."""
        hearing = asyncio.create_task(self._hear(socket))
        number, asked = 0, frozenset[str]()
        try:
            while self._watched:
                self._different.clear()
                if (wanted := frozenset(self._watched)) != asked:
                    number, asked = number + 1, wanted
                    variables = {"ids": sorted(wanted)}
                    payload = {"query": CHANGED, "variables": variables}
                    await _send(socket, type="subscribe", id=str(number), payload=payload)
                    if number > 1:
                        await _send(socket, type="complete", id=str(number - 1))
                waiting = asyncio.create_task(self._different.wait())
                await asyncio.wait({hearing, waiting}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if hearing.done():
                    return hearing.result()
                await asyncio.sleep(GATHER)
            self._different.clear()
        finally:
            hearing.cancel()
            await asyncio.wait({hearing})

    async def _hear(self, socket: ClientConnection) -> None:
        """Raises WebSocketException when the connection ends."""
        while True:
            message = json.loads(await socket.recv())
            match message["type"]:
                case "next":
                    changed = (message["payload"].get("data") or {}).get("changed") or []
                    self._tell([it["id"] for it in changed])
                case "ping":
                    await _send(socket, type="pong")
                case "error":
                    raise WebSocketException(str(message.get("payload")))

    def _tell(self, things: Collection[str]) -> None:
        for thing in things:
            for news in self._watched.get(thing, ()):
                news.add(thing)


async def _send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


@asynccontextmanager
async def changes_at(read_api: str, token: Callable[[], str]) -> AsyncIterator[SubscribedChanges]:
    """Changes from the read API at an address."""
    changes = SubscribedChanges(f"ws{read_api.removeprefix('http')}/graphql", token)
    running = asyncio.create_task(changes.run())
    try:
        yield changes
    finally:
        running.cancel()
        await asyncio.wait([running])
