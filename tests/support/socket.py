"""A WebSocket client for ASGI applications, in the event loop of the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message, Scope


class Closed(Exception):
    """The application closed the socket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code


class Socket:
    """Speaks graphql-transport-ws."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._ids: Iterator[int] = iter(range(1, 1_000))

    async def say(self, message: object) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def hear(self) -> Any:
        """The next message. Raises Closed."""
        async with asyncio.timeout(60):
            message = await self.from_app.get()
        if message["type"] == "websocket.close":
            raise Closed(message["code"], message.get("reason") or "")
        return json.loads(message["text"])

    async def greet(self, token: str | None = None) -> Any:
        payload = {} if token is None else {"Authorization": f"Bearer {token}"}
        await self.say({"type": "connection_init", "payload": payload})
        return await self.hear()

    async def subscribe(self, query: str, **variables: object) -> str:
        it = str(next(self._ids))
        await self.say({"type": "subscribe", "id": it, "payload": {"query": query, "variables": variables}})
        return it

    async def next(self) -> Any:
        """The data of the next event."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]


@asynccontextmanager
async def connected(app: ASGIApp, path: str = "/graphql") -> AsyncIterator[Socket]:
    """A socket that has been accepted; hung up at the end."""
    socket = Socket()
    scope: Scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"shop")],
        "subprotocols": ["graphql-transport-ws"],
        "client": ("test", 1),
        "server": ("shop", 80),
        "state": {},
    }
    task = asyncio.ensure_future(app(scope, socket.to_app.get, socket.from_app.put))
    await socket.to_app.put({"type": "websocket.connect"})
    accepted = await socket.from_app.get()
    assert accepted["type"] == "websocket.accept", accepted
    try:
        yield socket
    finally:
        await socket.to_app.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(task, 60)
