"""The one composition root: which adapter stands behind which port."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from fastapi import APIRouter
from pydantic import SecretStr

import read_api.app
import read_api.ports
import write_api.app
import write_api.ports
from commands.forgetting import forget
from commands.handler import CommandHandler
from commands.ports import Appended, EventStore
from commands.routes import ROUTES
from domain.person.commands import ForgetPerson
from domain.shared.recorded import Metadata, Position
from infra import bootstrap_caching
from infra.audit.check import check as prove
from infra.audit.verdict import Verdict
from infra.codec import JsonCodec
from infra.delivery import delivery
from infra.eventstore.opening import Opened, open_event_store, utc_now
from infra.eventstore.sessions import Sessions
from infra.eventstore.upcasters import UPCASTERS
from infra.history import LogHistory
from infra.identity import uuid7
from infra.payments.gateway import TestGateway
from infra.payments.page import confirmation_page
from infra.payments.postgres import PostgresBook
from infra.payments.sender import Send, Sender
from infra.payments.webhooks import read_webhook
from infra.processes.progress import PostgresProgress
from infra.projections.active import ActiveBuilds
from infra.projections.run import build_all
from infra.settings import Settings
from infra.telemetry import observing
from infra.telemetry.behind import Behind
from infra.timekeeping import shop_clock
from infra.tokens import Tokens
from infra.turnstile import Room, Turnstile
from infra.vault import PostgresVault, vault_key
from process_managers.catalogue import PROCESSES
from process_managers.gateway_calls import GatewayCalls
from process_managers.parking import PARKING, ResendParked
from process_managers.ports import Clock
from process_managers.runner import Runner
from process_managers.unheard import UNHEARD, ResendInput
from projections.catalogue import PROJECTIONS

CONNECTIONS = 4
CONFIRMATIONS = "/test-gateway"
COMMANDS = {**ROUTES, ResendParked: PARKING, ResendInput: UNHEARD}


class NoDatabase(Exception):
    """Nobody said which database to use."""


def codec() -> JsonCodec:
    return JsonCodec(UPCASTERS)


def database_of(settings: Settings) -> str:
    """The database that is set. Raises NoDatabase."""
    if settings.database is None:
        raise NoDatabase("Set COUNTERFOIL_DATABASE, or run everything with: counterfoil up")
    return settings.database


def write_url(settings: Settings) -> str:
    """Where this machine reaches the write API."""
    return _url(settings.host, settings.write_port)


def read_url(settings: Settings) -> str:
    """Where this machine reaches the read API."""
    return _url(settings.host, settings.read_port)


def tokens(settings: Settings) -> Tokens:
    """Raises WeakSecret."""
    return Tokens(_secret(settings.token_secret).encode())


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
async def event_store(settings: Settings) -> AsyncIterator[EventStore]:
    """The event store alone."""
    async with opened(settings) as both:
        yield both.store


@asynccontextmanager
async def command_handler(settings: Settings) -> AsyncIterator[CommandHandler]:
    """Carries out any command, for whoever needs no API around it."""
    async with opened(settings) as (store, snapshots):
        yield CommandHandler(store, codec(), snapshots, COMMANDS)


@asynccontextmanager
async def write_side(settings: Settings) -> AsyncIterator[Turnstile]:
    """The write API on everything it needs, with as many inside as it can serve."""
    async with (
        _sessions(settings, "write side") as sessions,
        shop_clock(sessions, at_its_word=settings.take_clock) as clock,
        opened(settings, clock) as (store, snapshots),
    ):
        ports = write_api.ports.Ports(
            handler=CommandHandler(observing.store(store), codec(), snapshots, COMMANDS),
            vault=await _vault(settings, sessions),
            tokens=tokens(settings),
            webhooks=_webhooks(settings),
            clock=clock,
            new_id=uuid7,
            resend=lambda command_id: ResendParked(command_id=command_id),
            resend_input=lambda entry_id: ResendInput(entry_id=entry_id),
            rules=write_api.ports.Rules(currency=settings.currency, delivery=delivery(settings)),
            more=[_confirmations(await _gateway(settings, sessions))],
        )
        room = Room(at_once=settings.write_at_once, waiting=settings.write_waiting)
        app = write_api.app.create_app(ports)
        async with bootstrap_caching.limited(settings, app, ports.tokens) as limited:
            yield Turnstile(limited, room)


@asynccontextmanager
async def read_side(settings: Settings) -> AsyncIterator[Turnstile]:
    """The read API on everything it needs, with as many inside as it can serve."""
    async with (
        event_store(settings) as store,
        _sessions(settings, "read side") as sessions,
        shop_clock(sessions, at_its_word=settings.take_clock) as clock,
        ActiveBuilds(database_of(settings), projections=PROJECTIONS) as models,
        observing.standing((history := LogHistory(store, codec(), models)).standing),
        _search(settings) as search,
    ):
        ports = read_api.ports.Ports(
            models=models,
            history=history,
            tokens=tokens(settings),
            vault=await _vault(settings, sessions),
            clock=clock,
            search=search,
        )
        room = Room(at_once=settings.at_once, waiting=settings.waiting)
        app = read_api.app.create_app(ports)
        async with (
            bootstrap_caching.remembering(settings, app, models, store, codec()) as remembering,
            bootstrap_caching.limited(settings, remembering, ports.tokens) as limited,
        ):
            yield Turnstile(limited, room)


@asynccontextmanager
async def _search(settings: Settings) -> AsyncIterator[read_api.ports.Search]:
    if settings.opensearch is None:
        yield read_api.ports.in_postgres
        return
    from infra.opensearch.opening import search

    async with search(settings.opensearch, settings.opensearch_prefix) as engine:
        yield engine


async def search_index(settings: Settings) -> None:
    """Keep OpenSearch equal to the read model until cancelled; without it there is nothing to do. Raises LeaseLost."""
    if settings.opensearch is None:
        return
    from infra.opensearch.opening import follow

    await follow(settings.opensearch, settings.opensearch_prefix, database_of(settings))


@asynccontextmanager
async def process_runner(settings: Settings) -> AsyncIterator[Callable[[frozenset[int]], Runner]]:
    """Makes runners of all processes in some partitions, with the test gateway to pay at."""
    async with (
        _sessions(settings, "processes") as sessions,
        shop_clock(sessions, at_its_word=settings.take_clock) as clock,
        opened(settings, clock) as (store, snapshots),
    ):
        progress = PostgresProgress(sessions)
        await progress.prepare()
        watched = observing.store(store)
        handler = CommandHandler(watched, codec(), snapshots, ROUTES)
        commands = observing.commands(GatewayCalls(await _gateway(settings, sessions), handler))
        async with observing.standing(partial(_processes_behind, store, progress)):
            yield lambda partitions: Runner(
                watched,
                codec(),
                PROCESSES,
                replace(progress, partitions=partitions),
                commands,
                clock,
                ROUTES,
                partitions=partitions,
            )


async def _processes_behind(store: EventStore, progress: PostgresProgress) -> Mapping[str, Behind]:
    return {"processes": Behind(max(0, await store.head() - await progress.position()))}


async def check(settings: Settings, progress: Callable[[Position, Position], None]) -> Verdict:
    """Prove the log and everything made of it, up to its present end."""
    async with opened(settings) as (store, _), _sessions(settings, "check") as sessions:
        done = PostgresProgress(sessions)
        await done.prepare()
        handled = await done.position()
        url = database_of(settings)
        return await prove(url, store, codec(), PROJECTIONS, handled=handled, traits=store.traits, progress=progress)


@asynccontextmanager
async def forgetting(settings: Settings, actor: str) -> AsyncIterator[Callable[[str, str], Awaitable[Appended]]]:
    """What forgets a subject for a reason; the log says that `actor` did it."""
    async with opened(settings) as (store, snapshots), _sessions(settings, "forgetting") as sessions:
        handler, vault = CommandHandler(store, codec(), snapshots, ROUTES), await _vault(settings, sessions)

        async def forget_one(subject: str, reason: str) -> Appended:
            asked = uuid7()
            metadata = Metadata(command_id=asked, correlation_id=asked, causation_id=asked, actor=actor)
            return await forget(handler, vault, ForgetPerson(subject=subject, reason=reason, at=utc_now()), metadata)

        yield forget_one


async def build_read_models(settings: Settings) -> None:
    """Bring every read model to the present end of the log."""
    async with event_store(settings) as store:
        await build_all(database_of(settings), store, codec(), PROJECTIONS)


@asynccontextmanager
async def webhook_sender(settings: Settings, send: Send) -> AsyncIterator[Sender]:
    """What the test gateway has to tell the shop."""
    async with _sessions(settings, "webhooks") as sessions:
        book = PostgresBook(sessions)
        await book.prepare()
        yield Sender(book, send, _secret(settings.webhook_secret).encode(), utc_now)


@asynccontextmanager
async def _sessions(settings: Settings, name: str) -> AsyncIterator[Sessions]:
    sessions = Sessions(database_of(settings), name, CONNECTIONS)
    try:
        yield sessions
    finally:
        await sessions.close()


async def _vault(settings: Settings, sessions: Sessions) -> PostgresVault:
    vault = PostgresVault(sessions, vault_key(_secret(settings.vault_key)))
    await vault.prepare()
    return vault


async def _gateway(settings: Settings, sessions: Sessions) -> TestGateway:
    book = PostgresBook(sessions)
    await book.prepare()
    return TestGateway(book, utc_now, f"{write_url(settings)}{CONFIRMATIONS}/")


def _confirmations(gateway: TestGateway) -> APIRouter:
    router = APIRouter(prefix=CONFIRMATIONS, include_in_schema=False)
    router.include_router(confirmation_page(gateway))
    return router


def _webhooks(settings: Settings) -> write_api.ports.WebhookReader:
    secret = _secret(settings.webhook_secret).encode()
    return lambda body, signature: read_webhook(body, signature, utc_now(), secret)


def _url(host: str, port: int) -> str:
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


def _secret(value: SecretStr | None) -> str:
    """Settings come here complete, from infra.data_folder.with_secrets."""
    if value is None:
        raise ValueError("The settings lack a secret.")
    return value.get_secret_value()
