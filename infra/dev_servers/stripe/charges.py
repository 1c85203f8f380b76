"""Charges: one try to hold or take the money of an intent."""

from datetime import timedelta
from typing import Any

from infra.dev_servers.stripe import balance, disputes
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.cards import DECLINED, MESSAGES, Card
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching
from infra.dev_servers.stripe.payment_methods import card_of

HOLD = timedelta(days=7)
"""How long a card hold lasts (Stripe, "Place a hold on a payment method")."""

AUTHORISED: Json = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 20,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("charge", id, "charge")


def listed(account: Account, form: Json) -> list[Json]:
    return list(matching(created(account.all("charge"), form), form, ("payment_intent", "customer")))


def failed(account: Account, intent: Json, method: Json, card: Card) -> Json:
    """A try that the issuer refuses."""
    outcome = {
        **AUTHORISED,
        "advice_code": "try_again_later",
        "network_decline_code": "01",
        "network_status": "declined_by_network",
        "reason": card.declined,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    message = MESSAGES.get(card.declined or "", DECLINED)
    charge = _made(
        account,
        intent,
        method,
        failure_code=card.code,
        failure_message=message,
        outcome=outcome,
        paid=False,
        status="failed",
    )
    account.tell("charge.failed", charge)
    return charge


def held(account: Account, intent: Json, method: Json) -> Json:
    """Money that is held and not taken."""
    charge = _made(account, intent, method, outcome=dict(AUTHORISED), paid=True, status="succeeded")
    before = account.now() + HOLD
    charge["payment_method_details"]["card"]["capture_before"] = int(before.timestamp())
    account.tell("charge.succeeded", charge)
    return charge


def capture(account: Account, charge: Json, amount: int) -> None:
    """Take a part of what is held, and give back the rest, which Stripe counts as refunded."""
    released = charge["amount"] - amount
    charge.update(captured=True, amount_captured=amount, amount_refunded=released)
    charge["payment_method_details"]["card"].pop("capture_before", None)
    moved = balance.move(account, "charge", charge, amount, fee=balance.card_fee(amount))
    charge["balance_transaction"] = moved["id"]
    account.tell("charge.captured", charge)


def dispute_if_asked(account: Account, charge: Json) -> None:
    """Some test cards complain as soon as they are charged."""
    if kind := card_of(account.objects["payment_method"][charge["payment_method"]]).dispute:
        disputes.open_dispute(account, charge, kind)


def release(account: Account, charge: Json, *, expired: bool) -> None:
    """Give a hold back untaken."""
    charge.update(refunded=True, amount_refunded=charge["amount"])
    charge["payment_method_details"]["card"].pop("capture_before", None)
    account.tell("charge.expired" if expired else "charge.refunded", charge)


def _made(account: Account, intent: Json, method: Json, **more: Any) -> Json:
    card = method["card"]
    details = {
        "card": {
            "amount_authorized": intent["amount"] if more["paid"] else None,
            "authorization_code": None,
            "brand": card["brand"],
            "checks": dict(card["checks"]),
            "country": card["country"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "fingerprint": card["fingerprint"],
            "funding": card["funding"],
            "last4": card["last4"],
            "network": card["brand"],
            "three_d_secure": None,
            "wallet": None,
        },
        "type": "card",
    }
    charge = account.add(
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        balance_transaction=None,
        billing_details=dict(method["billing_details"]),
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_balance_transaction=None,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=details,
        refunded=False,
        **{"failure_code": None, "failure_message": None, **more},
    )
    intent["latest_charge"] = charge["id"]
    return charge
