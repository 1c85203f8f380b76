"""Compares Stripe's balance with the log."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.shared.recorded import Position
from infra.bootstrap.composition import codec, event_store
from infra.bootstrap.payments import stripe_of
from infra.eventstore.factory import utc_now
from infra.payments.ledger import Ledger, read_log
from infra.payments.reconciliation import Reconciliation, reconciled
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.payments.stripe.balance import Balance

LOOK_BACK = timedelta(days=35)
"""How much later than Stripe the log may hear of a movement: lost webhooks are made up for within 30 days."""


async def reconcile(
    settings: Settings, since: datetime, progress: Callable[[Position, Position], None]
) -> tuple[Reconciliation, "Balance"]:
    """The log is read first: what it holds must then be at Stripe. Raises GatewayUnavailable, StoreUnavailable."""
    from infra.payments.stripe.balance import read_balance

    ledger = Ledger()
    async with event_store(settings) as store, stripe_of(settings) as api:
        log = await read_log(store, codec(), ledger, progress)
        balance = await read_balance(api, settings.stripe_shop, ledger.payments, since - LOOK_BACK)
    return reconciled(log, balance.entries, since, utc_now()), balance
