"""`counterfoil reconcile`: a capture that the log does not have is shown, and is the command's exit code."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from commands.handler import CommandHandler
from commands.routes import ROUTES
from domain.payment.commands import RecordAuthorisation, RecordCapture, RequestPayment
from infra.bootstrap.composition import codec, opened
from infra.dev_servers.stripe import intents
from infra.dev_servers.stripe.server import StripeServer
from infra.settings import Settings
from tests.infra.cli.conftest import Counterfoil
from tests.infra.payments.stripe.conftest import by_nobody
from tests.support.builders.payments import ANNA, euro, payment

HOLD = {
    "amount": "1000",
    "currency": "eur",
    "confirm": "true",
    "capture_method": "manual",
    "payment_method": "pm_card_visa",
    "metadata": {"shop": "counterfoil", "payment": "anna-1"},
}


async def recorded(settings: Settings, held: Any) -> None:
    """The log of a shop that took this payment."""
    asked = payment("pm_card_visa")
    async with opened(settings) as (store, snapshots):
        handler = CommandHandler(store, codec(), snapshots, ROUTES)
        for command in (
            RequestPayment(
                payment_id=ANNA,
                order_id=asked.order_id,
                customer_id=asked.customer_id,
                amount=asked.amount,
                method=asked.method,
            ),
            RecordAuthorisation(
                payment_id=ANNA,
                attempt=1,
                gateway_ref=held["id"],
                amount=euro(1000),
                capture_before=datetime.now(UTC) + timedelta(days=7),
            ),
            RecordCapture(payment_id=ANNA, amount=euro(1000), gateway_ref=held["id"]),
        ):
            await handler(command, by_nobody())


async def test_what_stripe_has_and_the_log_has_not_is_shown(
    counterfoil: Counterfoil, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "data", database=database_url)
    async with StripeServer() as stripe:

        async def run(*words: str) -> tuple[int, str]:
            done = await asyncio.to_thread(
                counterfoil,
                "reconcile",
                *words,
                database=database_url,
                COUNTERFOIL_STRIPE_KEY=stripe.key,
                COUNTERFOIL_STRIPE_PUBLISHABLE_KEY="pk_test_counterfoil",
                COUNTERFOIL_STRIPE_API=stripe.address,
            )
            return done.returncode, done.stdout + done.stderr

        stripe.clock.move(days=-2)
        held = intents.create(stripe.account, HOLD)
        stripe.dashboard.capture(held["id"])
        await recorded(settings, held)
        code, agreed = await run()
        assert (code, agreed.splitlines()[-1]) == (0, "The log and Stripe agree.")
        refund = stripe.dashboard.refund(held["id"], 250)
        code, shown = await run("--json")
        found = json.loads(shown)
        assert (code, found["differences"]) == (
            1,
            [
                {
                    "difference": "only at the gateway",
                    "kind": "refund",
                    "payment": "anna-1",
                    "stripe_id": refund["id"],
                    "log": None,
                    "stripe": {"amount": -250, "currency": "EUR"},
                }
            ],
        )
        code, shown = await run()
        assert (code, shown.splitlines()[-1]) == (1, "1 difference.")
        assert refund["id"] in shown
        stripe.faults.error_before()
        code, shown = await run()
        assert (code, shown.startswith("counterfoil: Stripe answered 500")) == (1, True)


def test_without_stripe_there_is_nothing_to_compare_with(counterfoil: Counterfoil, database_url: str) -> None:
    done = counterfoil("reconcile", database=database_url)
    assert (done.returncode, done.stderr) == (
        2,
        "counterfoil: There is no Stripe to compare with: COUNTERFOIL_STRIPE_KEY is not set.\n",
    )
