"""An API on its port."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import uvicorn

from infra.bootstrap.parts import Ready
from infra.http.callers import TrustedProxies
from infra.http.connection_slots import ConnectionSlots, room_for
from infra.http.cors import shared_with_pages
from infra.http.load_shedding import LoadShedding
from infra.http.protocol import Connection, connections
from infra.settings import Settings
from infra.telemetry import observing

LAST_ANSWERS = 3
"""Seconds until a request without an answer is cancelled; its client gets 503 before (infra/http/protocol.py)."""

DOORS = 8
"""More would be opened in vain when few connect: each new connection is looked for at all of them."""

LARGEST_MESSAGE = 131_072
"""Bytes of a WebSocket message that are taken in at all; the read API says no to fewer."""


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, ready: Ready) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self._open_more_doors()
        self._ready()

    async def _open_more_doors(self) -> None:
        """Listen on the same sockets again: uvloop takes in one connection for each in a turn of the loop.

        Turns of the loop are long under load, and a connection that is not accepted cannot even get a 503.
        """
        loop, protocol = asyncio.get_running_loop(), cast(type[Connection], self.config.http_protocol_class)
        made = partial(protocol, self.config, self.server_state, self.lifespan.state)
        doors = [door.fileno() for server in self.servers for door in server.sockets]
        for door in doors * (DOORS - 1):
            same = socket.socket(fileno=os.dup(door))
            self.servers.append(await loop.create_server(made, sock=same, backlog=self.config.backlog))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    load_shedding: LoadShedding, settings: Settings, port: int, ready: Ready, *, beside_others: bool
) -> None:
    """`beside_others`: several processes listen on the port, and the kernel deals out connections (SO_REUSEPORT)."""
    observing.turned_away(lambda: load_shedding.turned_away)
    most = room_for(settings.connections)
    slots = ConnectionSlots(
        most,
        settings.connections_each or max(1, most // 4),
        proxies=TrustedProxies.at(settings.trusted_proxies),
        origins=frozenset(origin.encode() for origin in settings.cors_origins),
        refusal=load_shedding.refusal,
    )
    config = uvicorn.Config(
        shared_with_pages(observing.requests(load_shedding), settings.cors_origins),
        host=settings.host,
        port=port,
        http=connections(slots),
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
