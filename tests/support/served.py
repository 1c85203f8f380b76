"""An ASGI application behind our connections, on a port of this machine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from infra.http.protocol import Crowd, connections

WITHIN = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A server at work."""

    port: int
    server: uvicorn.Server

    @property
    def connected(self) -> int:
        return len(self.server.server_state.connections)

    @property
    def idle(self) -> int:
        protocol: type = self.server.config.http_protocol_class
        return len(protocol.crowd.idle)  # type: ignore[attr-defined]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not holds():  # noqa: ASYNC110  # a number that nobody announces
                await asyncio.sleep(0.01)


@asynccontextmanager
async def served(app: ASGIApp, crowd: Crowd) -> AsyncIterator[Served]:
    config = uvicorn.Config(
        app,
        port=0,
        http=connections(crowd),
        log_config=None,
        lifespan="off",
        timeout_keep_alive=1,
        server_header=False,
        date_header=False,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    at = Served(0, server)
    await at.until(lambda: server.started or running.done())
    try:
        yield Served(server.servers[0].sockets[0].getsockname()[1], server)
    finally:
        server.should_exit = server.force_exit = True
        await running
