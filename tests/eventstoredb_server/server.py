"""The server: a node, its port, and what a test may do to it."""

import asyncio
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc.aio

from .access import Access
from .disk import Disk
from .faults import Faults
from .introduction import introduce
from .log import Log
from .node import MIB, Member, Node
from .services import handlers
from .standard_projections import STANDARD
from .tls import Certificates

HOST = "127.0.0.1"
BIGGEST_MESSAGE = 16 * MIB


class Server:
    """An EventStoreDB to test against, in the event loop of the test: `async with Server() as server`.

    It keeps everything in memory, or in `folder` too. With `tls` it asks for a user and a password. With
    `standard_projections` it links events by category and type, as a real one does when told to start them.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        folder: Path | None = None,
        tls: bool = False,
        log: Log | None = None,
        state: str = "Leader",
        users: dict[str, tuple[str, ...]] | None = None,
        max_append_size: int = MIB,
        live_buffer: int | None = None,
        standard_projections: bool = False,
    ) -> None:
        self._standard_projections = standard_projections
        self._disk = Disk(folder) if folder else None
        self.certificates = Certificates.made() if tls else None
        me = Member(HOST, port, state)
        access = Access(secure=tls, users=users) if users else Access(secure=tls)
        self.faults = Faults(drop=self._drop_soon)
        self.node = Node(
            log=log or Log(self._disk),
            access=access,
            faults=self.faults,
            me=me,
            members=[me],
            max_append_size=max_append_size,
            live_buffer=live_buffer,
        )
        introduce(self.node.log, access)
        self._grpc: Any = None
        self._dropping: asyncio.Task[None] | None = None

    @property
    def log(self) -> Log:
        return self.node.log

    @property
    def port(self) -> int:
        return self.node.me.port

    @property
    def target(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def uri(self) -> str:
        """The connection string. With TLS the client needs `certificates.authority` too."""
        return f"esdb://admin:changeit@{self.target}" if self.certificates else f"esdb://{self.target}?Tls=false"

    async def start(self) -> None:
        """On the port it had before, if it had one."""
        self.node.me.port = _free(self.port)
        self._grpc = await self._listening()
        if self.node.leads:
            self.node.lead()
        for name in STANDARD if self._standard_projections else ():
            self.node.projections.enable(name, enabled=True)

    async def _listening(self) -> Any:
        """Stricter than the real one: a client's pings are held to gRPC's defaults, as many a proxy does."""
        listener = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", BIGGEST_MESSAGE),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 1),
                ("grpc.keepalive_time_ms", 10_000),
                ("grpc.keepalive_timeout_ms", 10_000),
            ]
        )
        listener.add_generic_rpc_handlers(handlers(self.node))
        if self.certificates:
            listener.add_secure_port(self.target, self.certificates.of_server())
        else:
            listener.add_insecure_port(self.target)
        await listener.start()
        return listener

    async def stop(self) -> None:
        """At once: calls end with UNAVAILABLE, as they do when a server goes."""
        if self._dropping:
            await self._dropping
        self.node.step_down()
        if self._grpc:
            await self._grpc.stop(None)
            self._grpc = None

    async def drop_connections(self) -> None:
        """Every connection breaks, and clients may connect again: there is no moment at which nobody listens."""
        broken, self._grpc = self._grpc, await self._listening()
        await broken.stop(None)

    def _drop_soon(self) -> None:
        self._dropping = asyncio.ensure_future(self.drop_connections())

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        await self.stop()
        if self._disk:
            self._disk.close()


def _free(port: int) -> int:
    """That port, or any if it is 0. Raises OSError if somebody listens on it, which gRPC would share in silence."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(port != 0))
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])
