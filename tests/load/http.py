"""HTTP/1.1 for load generators: as little as a client can do, so that the machine is left to the shop."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httptools
import msgspec

_encode = msgspec.json.Encoder().encode


class VisitFailed(Exception):
    """The shop did not do what it was asked; the text is the kind of error."""


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._new_answer()

    def _new_answer(self) -> None:
        self._parser, self._body = httptools.HttpResponseParser(self), bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclasses

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), bytes(self._body)))

    def connection_lost(self, _exc: Exception | None) -> None:
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("closed"))

    async def request(self, message: bytes) -> tuple[int, bytes]:
        if self.transport is None:
            raise ConnectionError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(message)
        try:
            return await self._answer
        finally:
            self._new_answer()


@dataclass(slots=True)
class Pool:
    """Connections to one API, the one used last taken first."""

    port: int
    most: int
    _idle: deque[Connection] = field(default_factory=deque)
    _room: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.most)

    async def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body. A connection that the server closed while it was idle is replaced once."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        message = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        async with self._room:
            if (used := self._used()) is not None:
                try:
                    return await self._on(used, message)
                except ConnectionError:
                    pass
            _, fresh = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self.port)
            return await self._on(fresh, message)

    def _used(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.transport is not None and not connection.transport.is_closing():
                return connection
        return None

    async def _on(self, connection: Connection, message: bytes) -> tuple[int, bytes]:
        try:
            answer = await connection.request(message)
        except BaseException:
            if connection.transport is not None:
                connection.transport.abort()
            raise
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        for connection in self._idle:
            if connection.transport is not None:
                connection.transport.close()


@dataclass(slots=True)
class Client:
    """The shop as a load generator sees it."""

    write: Pool
    read: Pool
    _queries: dict[str, bytes] = field(default_factory=dict)

    async def command(self, method: str, path: str, token: str, key: str, body: object) -> dict[str, Any]:
        """Raises VisitFailed, ConnectionError."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        status, answer = await self.write.send(method, path, _encode(body), headers)
        if status >= 300:
            raise VisitFailed(f"{status} from {path.split('/')[1]}: {answer[:120].decode(errors='replace')}")
        given: dict[str, Any] = msgspec.json.decode(answer)
        return given

    async def ask(self, query: str, variables: Mapping[str, object], token: str | None = None) -> dict[str, Any]:
        """Raises VisitFailed, ConnectionError."""
        if (text := self._queries.get(query)) is None:
            text = self._queries[query] = b'{"query":' + _encode(query) + b',"variables":'
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        status, answer = await self.read.send("POST", "/graphql", text + _encode(variables) + b"}", headers)
        given: dict[str, Any] = msgspec.json.decode(answer)
        if status >= 300 or "errors" in given:
            raise VisitFailed(f"{status} from GraphQL: {answer[:120].decode(errors='replace')}")
        data: dict[str, Any] = given["data"]
        return data
