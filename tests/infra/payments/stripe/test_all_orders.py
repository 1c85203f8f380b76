"""In whatever order, and however often Stripe tells of it, a payment has one hold, one capture and no failure (C34)."""

import json
from itertools import permutations
from typing import Any

from domain.payment.commands import RequestPayment
from domain.payment.state import PaymentPhase
from domain.shared.ids import CustomerId, OrderId, PaymentId
from infra.dev_servers.stripe import intents
from infra.dev_servers.stripe.server import StripeServer
from infra.dev_servers.stripe.webhooks import signature
from tests.infra.payments.stripe.conftest import SECRET, Shop, by_nobody
from tests.support.builders.payments import euro

TOLD = ("payment_intent.created", "payment_intent.requires_action", "payment_intent.processing",
        "payment_intent.amount_capturable_updated", "payment_intent.succeeded")  # fmt: skip
FACTS = ["payment.requested.v1", "payment.authorised.v1", "payment.captured.v1"]


def bought(stripe: StripeServer, payment: str) -> dict[str, Any]:
    """A payment that asked for 3-D Secure, was held, and was captured at Stripe; its events by type."""
    form = {
        "amount": "1000",
        "currency": "eur",
        "confirm": "true",
        "capture_method": "manual",
        "payment_method": "pm_card_threeDSecure2Required",
        "return_url": "https://shop.test/",
        "metadata": {"shop": "shop", "payment": payment, "order": payment, "attempt": "1"},
    }
    intent = intents.create(stripe.account, form)
    stripe.bank.approve(intent["id"])
    stripe.dashboard.capture(intent["id"])
    events = {
        event["type"]: event for event in stripe.account.all("event") if event["data"]["object"]["id"] == intent["id"]
    }
    created = events["payment_intent.created"]
    working = {**created["data"]["object"], "status": "processing"}
    events["payment_intent.processing"] = {
        **created,
        "id": f"{created['id']}p",
        "type": "payment_intent.processing",
        "data": {"object": working},
    }
    return events


async def requested(shop: Shop, payment: str) -> None:
    command = RequestPayment(
        payment_id=PaymentId(payment),
        order_id=OrderId(payment),
        customer_id=CustomerId("anna"),
        amount=euro(1000),
        method="ctoken_1",
    )
    await shop.handler(command, by_nobody())


async def test_every_order_ends_the_same(shop: Shop, stripe: StripeServer) -> None:
    stripe.webhooks.lost = True
    for number, order in enumerate(permutations(TOLD)):
        payment = f"p{number}"
        events = bought(stripe, payment)
        await requested(shop, payment)
        for place, type in enumerate(order):
            body = json.dumps(events[type]).encode()
            for _ in range(1 + (number + place) % 3):
                assert await shop.hear(body, signature(body, [SECRET], stripe.clock())) == 200
            if number % 2:
                await shop.applying.apply_due()
    while await shop.applying.apply_due():
        pass
    for number in range(120):
        after = await shop.payment(PaymentId(f"p{number}"))
        assert (after.phase, after.captured, after.attempt) == (PaymentPhase.CAPTURED, euro(1000), 1)
        assert await shop.facts(PaymentId(f"p{number}")) == FACTS
