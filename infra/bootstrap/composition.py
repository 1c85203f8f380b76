"""The one composition root: which adapter stands behind which port.

What the APIs need is in modules of its own, and what only some parts need is imported where they ask for it, so that
each part starts without what is for others: loading code is most of the time of a start.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from commands.ports import EventStore, StoreUnavailable
from commands.recognising import refusal
from domain.shared.recorded import START, Position
from infra.clock.timekeeping import shop_clock
from infra.eventstore.factory import ClosableEventStore, Opened, open_event_store, utc_now
from infra.postgres.sessions import Sessions
from infra.serialization.codec import JsonCodec
from infra.serialization.upcasters import UPCASTERS
from infra.settings import Settings
from infra.telemetry import observing
from infra.telemetry.lag import Behind
from process_managers.engine.ports import Clock
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from commands.handler import CommandHandler
    from infra.audit.stream_heads import HeadDigest
    from infra.audit.verdict import Verdict
    from infra.http.checkout_admission import Look
    from infra.payments.gateway import TestGateway
    from infra.payments.sender import Send, Sender
    from infra.postgres.partition_assignment import Fence
    from infra.processes.progress import PostgresProgress
    from infra.security.session_state import SessionState
    from infra.security.staff_access import StaffAccess
    from infra.security.tokens import Tokens
    from process_managers.engine.runner import Runner

CONNECTIONS = 4
AGAIN_AFTER = 1.0
CONFIRMATIONS = "/test-gateway"

log = structlog.get_logger()


class NoDatabase(Exception):
    """No database is set."""


def codec() -> JsonCodec:
    return JsonCodec(UPCASTERS)


def database_of(settings: Settings) -> str:
    """The database that is set. Raises NoDatabase."""
    if settings.database is None:
        raise NoDatabase("Set COUNTERFOIL_DATABASE, or run everything with: counterfoil up")
    return settings.database


def write_url(settings: Settings) -> str:
    """Where this machine reaches the write API."""
    return settings.write_api or _url(settings.host, settings.write_port)


def read_url(settings: Settings) -> str:
    """Where this machine reaches the read API."""
    return settings.read_api or _url(settings.host, settings.read_port)


def shop_url(settings: Settings) -> str:
    """The origin of the pages as browsers know it."""
    return settings.shop_address or _url(settings.host, settings.web_port)


def tokens(settings: Settings, state: "SessionState | None" = None, staff: "StaffAccess | None" = None) -> "Tokens":
    """With `state` access tokens are issued and verified too, with `staff` API keys. Raises WeakSecret."""
    from infra.security.session_state import SessionState
    from infra.security.staff_access import StaffAccess
    from infra.security.tokens import Tokens

    secret = secret_of(settings.token_secret).encode()
    return Tokens(secret, state or SessionState(), staff or StaffAccess(), settings.shared_secret_tokens)


@asynccontextmanager
async def opened(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Opened]:
    """The event store and its snapshots, closed at the end. Raises UnknownStore, StoreUnavailable."""
    url = settings.event_store or database_of(settings)
    both = await open_event_store(url, clock, database=settings.database)
    try:
        yield both
    finally:
        await both.store.close()


@asynccontextmanager
async def event_store(settings: Settings) -> AsyncIterator[ClosableEventStore]:
    """The event store alone."""
    async with opened(settings) as both:
        yield both.store


@asynccontextmanager
async def command_handler(settings: Settings) -> AsyncIterator["CommandHandler"]:
    """Carries out any command, without an API around it."""
    from commands.handler import CommandHandler
    from infra.bootstrap.commands import COMMANDS

    async with opened(settings) as (store, snapshots):
        yield CommandHandler(store, codec(), snapshots, COMMANDS)


async def search_index(settings: Settings) -> None:
    """Keep OpenSearch equal to the read model until cancelled; without it there is nothing to do. Raises LeaseLost."""
    if settings.opensearch is None:
        return
    from infra.opensearch.factory import follow

    url, prefix = settings.opensearch, settings.opensearch_prefix
    while True:
        try:
            async with event_store(settings) as store:
                await follow(url, prefix, database_of(settings), store.event_at)
        except StoreUnavailable as error:
            log.warning("search index waits for the event store", reason=str(error))
            await asyncio.sleep(AGAIN_AFTER)


@asynccontextmanager
async def process_runner(settings: Settings) -> AsyncIterator[Callable[["Fence"], "Runner"]]:
    """Makes runners of all processes in the partitions that a fence names, with the gateway to pay at."""
    from commands.handler import CommandHandler
    from commands.routes import ROUTES
    from infra.bootstrap.payments import payment_gateway
    from infra.http.checkout_admission import look_of
    from infra.processes.fenced import FencedCommands, FencedStore
    from infra.processes.progress import PostgresProgress
    from process_managers.engine.runner import Runner
    from process_managers.gateway_calls import GatewayCalls
    from process_managers.registry import PROCESSES

    async with (
        sessions_of(settings, "processes") as sessions,
        shop_clock(sessions, at_its_word=settings.take_clock) as clock,
        opened(settings, clock) as (store, snapshots),
        AsyncExitStack() as stack,
    ):
        progress = PostgresProgress(sessions)
        await progress.prepare()
        watched = observing.store(store)
        handler = CommandHandler(watched, codec(), snapshots, ROUTES)
        gateway = await stack.enter_async_context(payment_gateway(settings, sessions, store))
        commands = observing.commands(GatewayCalls(gateway, handler))
        async with observing.standing(partial(_processes_behind, store, progress, look_of(sessions))):

            def runner_of(fence: "Fence") -> Runner:
                partitions = frozenset(map(int, fence.pieces))
                return Runner(
                    FencedStore(watched, fence),
                    codec(),
                    PROCESSES,
                    replace(progress, partitions=partitions, fence=fence),
                    FencedCommands(commands, fence),
                    clock,
                    ROUTES,
                    partitions=partitions,
                )

            yield runner_of


async def _processes_behind(store: EventStore, progress: "PostgresProgress", late: "Look") -> Mapping[str, Behind]:
    seen, head = await progress.seen(), await store.head()
    diverged = any([await refusal(store.event_at, one) for one in seen])
    behind = head if diverged else max(0, head - min(one.position for one in seen))
    return {"processes": Behind(behind, await late(), diverged)}


async def check(
    settings: Settings,
    progress: Callable[[Position, Position], None],
    expected: Sequence["HeadDigest"] = (),
    moved: Position = START,
) -> "Verdict":
    """Prove the log and everything made of it, up to its present end."""
    from infra.audit.check import check as prove
    from infra.processes.progress import PostgresProgress

    async with opened(settings) as (store, _), sessions_of(settings, "check") as sessions:
        done = PostgresProgress(sessions)
        await done.prepare()
        handled, stand = await done.position(), await done.seen()
        return await prove(
            database_of(settings),
            store,
            codec(),
            PROJECTIONS,
            handled=handled,
            processes=stand,
            expected=expected,
            moved=moved,
            capabilities=store.capabilities,
            progress=progress,
        )


async def build_read_models(settings: Settings) -> None:
    """Bring every read model to the present end of the log."""
    from infra.projections.run import build_all

    async with event_store(settings) as store:
        await build_all(database_of(settings), store, codec(), PROJECTIONS)


@asynccontextmanager
async def webhook_sender(settings: Settings, send: "Send") -> AsyncIterator["Sender"]:
    """What the test gateway has to tell the shop."""
    from infra.payments.postgres import PostgresBook
    from infra.payments.sender import Sender

    async with sessions_of(settings, "webhooks") as sessions:
        book = PostgresBook(sessions)
        await book.prepare()
        yield Sender(book, send, secret_of(settings.webhook_secret).encode(), utc_now)


@asynccontextmanager
async def sessions_of(settings: Settings, name: str) -> AsyncIterator[Sessions]:
    sessions = Sessions(database_of(settings), name, CONNECTIONS)
    try:
        yield sessions
    finally:
        await sessions.close()


async def gateway_of(settings: Settings, sessions: Sessions) -> "TestGateway | None":
    """The test gateway, if the settings allow it."""
    if not settings.test_gateway:
        return None
    from infra.payments.gateway import TestGateway
    from infra.payments.postgres import PostgresBook

    book = PostgresBook(sessions)
    await book.prepare()
    return TestGateway(book, utc_now, f"{write_url(settings)}{CONFIRMATIONS}/")


def _url(host: str, port: int) -> str:
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


def secret_of(value: SecretStr | None) -> str:
    """Settings come here complete, from infra.bootstrap.data_folder.with_secrets."""
    if value is None:
        raise ValueError("The settings lack a secret.")
    return value.get_secret_value()
