"""An API on its port."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from infra.connections import Crowd, connections, room_for
from infra.parts import Ready
from infra.settings import Settings
from infra.telemetry import observing

LAST_ANSWERS = 3
LARGEST_MESSAGE = 131_072
"""Bytes of a WebSocket message that are taken in at all; the read API says no to fewer."""


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, ready: Ready) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: ASGIApp, settings: Settings, port: int, ready: Ready, *, beside_others: bool) -> None:
    """`beside_others`: several processes listen on the port, and the kernel deals out connections (SO_REUSEPORT)."""
    config = uvicorn.Config(
        observing.requests(app),
        host=settings.host,
        port=port,
        http=connections(Crowd(room_for(settings.connections))),
        ws_max_size=LARGEST_MESSAGE,
        server_header=False,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LAST_ANSWERS,
    )
    server = _Server(config, ready)
    sockets = [listening(settings.host, port)] if beside_others else None
    serving = asyncio.ensure_future(server.serve(sockets))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


def listening(host: str, port: int) -> socket.socket:
    """A socket on a port that others of us may listen on too."""
    mine = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    mine.bind((host, port))
    return mine
