"""The write API on everything it needs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import APIRouter
from starlette.types import ASGIApp

import write_api.app
import write_api.ports
from commands.handler import CommandHandler
from infra.bootstrap import composition, vault
from infra.bootstrap.accounts import accounts_of
from infra.bootstrap.commands import COMMANDS
from infra.bootstrap.delivery import delivery, limits
from infra.bootstrap.payment_edge import amounts_of, confirmations_of, stripe_webhooks
from infra.bootstrap.session_state import session_state
from infra.bootstrap.staff import staff_access
from infra.bootstrap.staff_logins import provider_of, second_factors_of
from infra.clock.identity import uuid7
from infra.clock.timekeeping import shop_clock
from infra.eventstore.factory import utc_now
from infra.http.callers import TrustedProxies
from infra.http.checkout_admission import MANY, CheckoutAdmission, look_of
from infra.http.health import Health
from infra.http.load_shedding import LoadShedding, Room
from infra.identity.api_keys import PostgresApiKeys
from infra.kafka.standing import ReportedLetters
from infra.payments.gateway import TestGateway
from infra.payments.page import confirmation_page
from infra.payments.webhooks import read_webhook
from infra.postgres.sessions import Connection
from infra.processes.progress import PostgresProgress
from infra.projections.own_records import PostgresOwnRecords
from infra.projections.rebuilding import Rebuilds
from infra.security.pseudonyms import pseudonyms
from infra.security.services import web_tokens
from infra.settings import Settings
from infra.telemetry import exporting, observing
from process_managers.engine.parking import ResendInput, ResendParked, SkipInput, SkipParked
from projections.registry import PROJECTIONS

PATIENCE = 2.0


@asynccontextmanager
async def write_side(settings: Settings) -> AsyncIterator[LoadShedding]:
    """The write API on everything it needs, with as many inside as it can serve."""
    async with (
        composition.sessions_of(settings, "write side") as sessions,
        shop_clock(sessions, at_its_word=settings.take_clock) as clock,
        composition.opened(settings, clock) as (store, snapshots),
        AsyncExitStack() as stack,
    ):
        await PostgresProgress(sessions).prepare()
        handler = CommandHandler(observing.store(store), composition.codec(), snapshots, COMMANDS)
        keys = await vault.vault_of(settings, sessions)
        state = await stack.enter_async_context(session_state(settings, sessions, clock, maintains=True))
        staff = await stack.enter_async_context(staff_access(store, sessions, clock))
        accounts = await stack.enter_async_context(accounts_of(settings, sessions, handler, keys, clock))
        factors = second_factors_of(settings, sessions)
        ports = write_api.ports.Ports(
            handler=handler,
            vault=keys,
            tokens=composition.tokens(settings, state, staff),
            accounts=accounts,
            keys=PostgresApiKeys(sessions),
            second_factors=factors,
            provider=provider_of(settings, sessions, accounts, factors),
            own_records=PostgresOwnRecords(sessions),
            webhooks=_webhooks(settings),
            clock=clock,
            new_id=uuid7,
            resend=lambda command_id: ResendParked(command_id=command_id),
            resend_input=lambda entry_id: ResendInput(entry_id=entry_id),
            skip=lambda command_id, reason: SkipParked(command_id=command_id, reason=reason),
            skip_input=lambda entry_id, reason: SkipInput(entry_id=entry_id, reason=reason),
            read_models=Rebuilds(sessions, PROJECTIONS),
            dead_letters=ReportedLetters(sessions),
            rules=write_api.ports.Rules(
                currency=settings.currency,
                delivery=delivery(settings),
                amounts=amounts_of(settings),
                limits=limits(settings),
            ),
            health=Health({"event store": store.head, "database": partial(sessions.persistently, _answers, PATIENCE)}),
            confirmations=await stack.enter_async_context(confirmations_of(settings)),
            pseudonym=pseudonyms(composition.secret_of(settings.token_secret).encode()),
            more=[
                *_confirmations(settings, await composition.gateway_of(settings, sessions)),
                *await stripe_webhooks(settings, sessions),
            ],
        )
        room = Room(at_once=settings.write_at_once, waiting=settings.write_waiting)
        app = write_api.app.create_app(ports, observed=exporting.wanted())
        proxies = TrustedProxies.at(settings.trusted_proxies, web_tokens(ports.tokens))
        async with _limited(settings, app, ports.tokens, proxies) as limited:
            yield LoadShedding(limited, room, closed=CheckoutAdmission(look_of(sessions, MANY)).closes, proxies=proxies)


@asynccontextmanager
async def _limited(
    settings: Settings, app: ASGIApp, tokens: write_api.ports.Tokens, proxies: TrustedProxies
) -> AsyncIterator[ASGIApp]:
    """Without a limit, what limits is not loaded: it takes as long as all the rest."""
    if settings.rate_limit is None:
        yield app
        return
    from infra.bootstrap.caching import limited

    async with limited(settings, app, lambda token: tokens.verify(token).subject, proxies) as around:
        yield around


async def _answers(connection: Connection) -> None:
    await connection.execute("select 1")


def _confirmations(settings: Settings, gateway: TestGateway | None) -> list[APIRouter]:
    if gateway is None:
        return []
    router = APIRouter(prefix=composition.CONFIRMATIONS, include_in_schema=False)
    shop = composition.shop_url(settings)
    router.include_router(confirmation_page(gateway, lambda order_id: f"{shop}/checkout/{order_id}"))
    return [router]


def _webhooks(settings: Settings) -> write_api.ports.WebhookReader:
    secret = composition.secret_of(settings.webhook_secret).encode()
    return lambda body, signature: read_webhook(body, signature, utc_now(), secret)
