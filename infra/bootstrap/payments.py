"""Who takes the payments: Stripe, the test gateway or nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from commands.ports import EventStore
from domain.shared.ids import OrderId
from infra.bootstrap.composition import codec, database_of, gateway_of, opened, secret_of, sessions_of, shop_url
from infra.eventstore.factory import utc_now
from infra.payments.none import NoGateway
from infra.postgres.sessions import Sessions
from infra.settings import Settings
from infra.telemetry import observing
from process_managers.engine.ports import Gateway

if TYPE_CHECKING:
    from infra.payments.stripe.api import StripeApi

UNAVAILABLE = ("GatewayUnavailable", "KeySpent")
"""The names of GatewayUnavailable and of its subclass for Stripe, as commands are parked with them."""


@asynccontextmanager
async def payment_gateway(settings: Settings, sessions: Sessions, store: EventStore) -> AsyncIterator[Gateway]:
    """The gateway of the settings."""
    if settings.stripe_key is None:
        yield await gateway_of(settings, sessions) or NoGateway()
        return
    from infra.payments.stripe.gateway import StripeGateway
    from infra.payments.stripe.requests import LoggedRequests

    shop = shop_url(settings)
    async with stripe_of(settings) as api:
        yield StripeGateway(
            api,
            LoggedRequests(store, codec()),
            utc_now,
            settings.stripe_shop,
            confirm_at=confirm_at_of(settings),
            back_at=lambda order: f"{shop}/checkout/{order}/confirmed",
        )


@asynccontextmanager
async def stripe_of(settings: Settings) -> AsyncIterator["StripeApi"]:
    """Stripe with the key of the settings."""
    from infra.payments.stripe.api import stripe_api
    from infra.payments.stripe.pace import Pace

    pace = Pace(settings.stripe_rate, settings.stripe_rate / 4)
    async with stripe_api(secret_of(settings.stripe_key), settings.stripe_api, pace) as api:
        yield api


async def follow_stripe(settings: Settings, stop: asyncio.Event) -> None:
    """Apply what changes at Stripe, until `stop` is set. Raises StoreUnavailable."""
    from commands.handler import CommandHandler
    from commands.routes import ROUTES
    from infra.payments.stripe.applying import Applying
    from infra.payments.stripe.inbox import StripeInbox
    from infra.payments.stripe.polling import Polling
    from infra.payments.stripe.present import Present

    async with (
        sessions_of(settings, "stripe") as sessions,
        opened(settings) as (store, snapshots),
        stripe_of(settings) as api,
    ):
        inbox = StripeInbox(sessions)
        await inbox.prepare()
        handler = CommandHandler(observing.store(store), codec(), snapshots, ROUTES)
        present = Present(api, settings.stripe_shop, confirm_at_of(settings))
        applying = Applying(inbox, present, handler, codec(), utc_now)
        polling = Polling(api, inbox, utc_now, settings.stripe_shop, settings.stripe_is_live)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(applying.run(stop))
                both.create_task(polling.run(stop))
        except ExceptionGroup as lost:
            raise lost.exceptions[0] from None


async def retry_gateway_calls(settings: Settings, stop: asyncio.Event) -> None:
    """Resend what was parked because the gateway was unavailable, until `stop` is set. Raises StoreUnavailable."""
    from commands.handler import CommandHandler
    from infra.bootstrap.commands import COMMANDS
    from infra.processes.progress import PostgresProgress
    from infra.projections.parked_commands import longest_parked
    from process_managers.gateway_retries import GatewayRetries

    async with sessions_of(settings, "gateway retries") as sessions, opened(settings) as (store, snapshots):
        progress = PostgresProgress(sessions)
        await progress.prepare()
        handler = CommandHandler(observing.store(store), codec(), snapshots, COMMANDS)
        waiting = partial(longest_parked, database_of(settings))
        retries = GatewayRetries(waiting, store, codec(), handler, progress.position, UNAVAILABLE)
        await retries.run(stop)


def confirm_at_of(settings: Settings) -> Callable[[OrderId], str]:
    """Our page where a shopper confirms a payment."""
    shop = shop_url(settings)
    return lambda order: f"{shop}/checkout/{order}/confirm"
