"""The parts of the shop, each to be run in a process of its own until it is cancelled."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import uvicorn
from starlette.types import ASGIApp

from infra import bootstrap
from infra.connections import Crowd, connections, room_for
from infra.garbage import collect_rarely
from infra.lease import LeaseLost, lease
from infra.projections.run import run_projections
from infra.settings import Settings
from infra.shares import share_work
from infra.telemetry import observing
from process_managers.partitions import PARTITIONS
from projections.catalogue import PROJECTIONS

Ready = Callable[[], None]
"""To be called when the part does its work."""

PROCESSES, WEBHOOKS = "processes", "webhooks"
LAST_ANSWERS = 3
LARGEST_MESSAGE = 131_072
"""Bytes of a WebSocket message that are taken in at all; the read API says no to fewer."""

AGAIN_AFTER = 0.5
SIGNATURE = "Stripe-Signature"
HOOKS = "/webhooks/payments"


async def serve_write_api(settings: Settings, ready: Ready, *, beside_others: bool = False) -> None:
    async with bootstrap.write_side(settings) as app:
        collect_rarely()
        await _serve(app, settings, settings.write_port, ready, beside_others=beside_others)


async def serve_read_api(settings: Settings, ready: Ready, *, beside_others: bool = False) -> None:
    async with bootstrap.read_side(settings) as app:
        collect_rarely()
        await _serve(app, settings, settings.read_port, ready, beside_others=beside_others)


async def feed_projections(settings: Settings, ready: Ready) -> None:
    collect_rarely()

    async def work() -> None:
        async with bootstrap.event_store(settings) as store:
            ready()
            await run_projections(bootstrap.database_of(settings), store, bootstrap.codec(), PROJECTIONS)

    copying = asyncio.create_task(while_there_is_a_lease(partial(bootstrap.search_index, settings)))
    try:
        await while_there_is_a_lease(work)
    finally:
        copying.cancel()
        await asyncio.wait([copying])


async def drive_processes(settings: Settings, ready: Ready) -> None:
    collect_rarely()
    database = bootstrap.database_of(settings)

    async def work() -> None:
        async with bootstrap.process_runner(settings) as runner_of:
            ready()

            async def drive(mine: frozenset[str], stop: asyncio.Event) -> None:
                await runner_of(frozenset(map(int, mine))).run(stop)

            await share_work(database, PROCESSES, list(map(str, range(PARTITIONS))), drive)

    async def send() -> None:
        async with lease(database, WEBHOOKS):
            await _send_webhooks(settings)

    sending = asyncio.create_task(while_there_is_a_lease(send))
    try:
        await while_there_is_a_lease(work)
    finally:
        sending.cancel()
        await asyncio.wait([sending])


async def _send_webhooks(settings: Settings) -> None:
    """Tell the write API what the test gateway has to tell."""
    async with httpx.AsyncClient(base_url=bootstrap.write_url(settings), trust_env=False) as client:

        async def send(body: bytes, signature: str) -> None:
            headers = {SIGNATURE: signature, "Content-Type": "application/json"}
            (await client.post(HOOKS, content=body, headers=headers)).raise_for_status()

        async with bootstrap.webhook_sender(settings, send) as sender:
            await _until_cancelled(sender.run)


async def while_there_is_a_lease(work: Callable[[], Awaitable[None]]) -> None:
    """Whoever loses the lease has lost the database; they queue for it again."""
    while True:
        try:
            await work()
            return
        except LeaseLost:
            await asyncio.sleep(AGAIN_AFTER)


async def _until_cancelled(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """When we are cancelled, ask for the end and wait for it: what is in hand is finished."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(run(stop))
    try:
        await asyncio.shield(running)
    finally:
        stop.set()
        await running


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


async def _serve(app: ASGIApp, settings: Settings, port: int, ready: Ready, *, beside_others: bool) -> None:
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
