"""A wire to a server that tests can cut at a chosen moment."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

Call = Callable[[], Awaitable[tuple[StreamReader, StreamWriter]]]
BEFORE, AFTER = "before", "after"


@dataclass(slots=True, eq=False)
class Wire:
    """Carries bytes between clients and the server behind `url`.

    The message of a client that comes after `passing` others cuts its connection: BEFORE the server has it, or AFTER
    the server has answered it, with the client none the wiser. That happens once. A deaf wire swallows what the server
    says on the connections there are; new connections are whole.
    """

    url: str = ""
    passing: int | None = None
    when: str = AFTER
    connections: int = 0
    _deaf: set[int] = field(default_factory=set)

    def go_deaf(self) -> None:
        self._deaf = set(range(self.connections))

    def _cuts_now(self) -> bool:
        if self.passing is None:
            return False
        cuts = self.passing == 0
        self.passing = None if cuts else self.passing - 1
        return cuts

    async def carry(self, client: StreamReader, to_client: StreamWriter, call: Call) -> None:
        number, self.connections = self.connections, self.connections + 1
        server, to_server = await call()
        cut = asyncio.Event()

        async def out() -> None:
            while message := await client.read(2**16):
                if self._cuts_now():
                    if self.when == BEFORE:
                        return
                    cut.set()
                to_server.write(message)

        async def back() -> None:
            while message := await server.read(2**16):
                if cut.is_set():
                    return
                if number not in self._deaf:
                    to_client.write(message)

        ends = [asyncio.create_task(out()), asyncio.create_task(back())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        with suppress(ConnectionError):
            to_client.close()
            to_server.close()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """A wire whose `url` leads to the same database as the given URL of a server on a Unix socket."""
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    async with _laid(lambda: asyncio.open_unix_connection(socket)) as (wire, port):
        wire.url = f"postgresql://postgres@127.0.0.1:{port}{parts.path}?sslmode=disable"
        yield wire


@asynccontextmanager
async def wire_to_port(server: int) -> AsyncIterator[tuple[Wire, int]]:
    """A wire to a port of this machine, and the port where it begins."""
    async with _laid(lambda: asyncio.open_connection("127.0.0.1", server)) as laid:
        yield laid


@asynccontextmanager
async def _laid(call: Call) -> AsyncIterator[tuple[Wire, int]]:
    wire = Wire()
    tasks = set[asyncio.Task[None]]()

    def accept(reader: StreamReader, writer: StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(wire.carry(reader, writer, call)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield wire, port
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[object]], patience: float = 60) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(patience):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)
