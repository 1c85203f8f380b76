"""The gateway at the edge of the write API: its webhooks, its limits on amounts, and where payments are confirmed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from fastapi import APIRouter

from infra.bootstrap.composition import CONFIRMATIONS, write_url
from infra.bootstrap.payments import confirm_at_of, stripe_of
from infra.eventstore.factory import utc_now
from infra.payments.confirmations import StripeConfirmations, TestGatewayConfirmations
from infra.postgres.sessions import Sessions
from infra.settings import Settings
from infra.telemetry import observing
from write_api.ports import AnyAmount, Confirmations, PayableAmounts

log = structlog.get_logger()


async def stripe_webhooks(settings: Settings, sessions: Sessions) -> Sequence[APIRouter]:
    """Where Stripe tells of changes, if it takes the payments."""
    if settings.stripe_key is None:
        return ()
    from infra.payments.stripe.inbox import StripeInbox
    from infra.payments.stripe.webhook import Webhooks, webhook_route

    inbox = StripeInbox(sessions)
    await inbox.prepare()
    secrets = settings.stripe_webhook_secrets
    given = [] if secrets is None else secrets.get_secret_value().split(",")
    if not given:
        log.warning("stripe webhooks are refused", reason="COUNTERFOIL_STRIPE_WEBHOOK_SECRETS is not set")
    webhooks = Webhooks(
        inbox,
        [secret.strip().encode() for secret in given],
        settings.stripe_shop,
        settings.stripe_is_live,
        utc_now,
        observing.webhooks(),
    )
    return [webhook_route(webhooks)]


@asynccontextmanager
async def confirmations_of(settings: Settings) -> AsyncIterator[Confirmations | None]:
    """Where shoppers confirm payments."""
    if settings.stripe_key is None:
        page = f"{write_url(settings)}{CONFIRMATIONS}/"
        yield TestGatewayConfirmations(page) if settings.test_gateway else None
        return
    from infra.payments.stripe.present import Present

    async with stripe_of(settings) as api:
        yield StripeConfirmations(Present(api, settings.stripe_shop, confirm_at_of(settings)))


def amounts_of(settings: Settings) -> PayableAmounts:
    """What the gateway can take."""
    if settings.stripe_key is None:
        return AnyAmount()
    from infra.payments.stripe.amounts import StripeAmounts

    return StripeAmounts()
