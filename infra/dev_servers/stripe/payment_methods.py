"""Payment methods: cards of Stripe's list of test cards, and those that customers saved."""

from typing import Any

from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.cards import BY_LAST4, CARDS, DECLINED, MESSAGES, Card
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import matching
from infra.dev_servers.stripe.parameters import required, text
from infra.dev_servers.stripe.refusals import Refused, invalid, missing

BILLING = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("payment_method", id, "payment_method")


def attach(account: Account, form: Json, id: str) -> Json:
    """Save a card for a customer, unless the issuer refuses."""
    customer = account.find("customer", required(form, "customer"), "customer", 400)
    method = usable(account, id, "payment_method")
    if method["customer"] not in (None, customer["id"]):
        raise Refused(status=400, message="The payment method you provided has already been attached to a customer.")
    card = card_of(method)
    if not card.attaches:
        raise declined(card)
    return save(account, method, customer["id"])


def detach(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    method = account.find("payment_method", id, "payment_method")
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise Refused(status=400, message=message)
    method["customer"] = None
    account.tell("payment_method.detached", method)
    return method


def listed(account: Account, form: Json) -> list[Json]:
    return of_customer(account, form, required(form, "customer"))


def of_customer(account: Account, form: Json, customer: str) -> list[Json]:
    """The saved cards of a customer."""
    account.find("customer", customer, "customer")
    saved = [each for each in account.all("payment_method") if each["customer"] == customer]
    return list(matching(saved, form, ("type",)))


def save(account: Account, method: Json, customer: str) -> Json:
    if method["customer"] != customer:
        method["customer"] = customer
        account.tell("payment_method.attached", method)
    return method


def usable(account: Account, id: str, param: str) -> Json:
    """A stored payment method, or a new one of a card of the list. Raises Refused."""
    if (card := CARDS.get(id)) is not None:
        return made(account, card)
    if id not in account.objects["payment_method"]:
        raise missing("PaymentMethod", id, param, 400)
    return account.objects["payment_method"][id]


def from_data(account: Account, form: Json) -> Json:
    """What `payment_method_data` describes; the token of a card (`tok_visa`) tells which one it is."""
    data = form.get("payment_method_data")
    if not isinstance(data, dict):
        raise invalid("Missing required param: payment_method_data.", "payment_method_data", "parameter_missing")
    card = data.get("card") or {}
    token = text(card, "token") or "tok_visa"
    return made(account, CARDS.get(token.replace("tok_", "pm_card_"), CARDS["pm_card_visa"]))


def made(account: Account, card: Card) -> Json:
    return account.add(
        "payment_method",
        allow_redisplay="unspecified",
        billing_details=dict(BILLING),
        card=described(card),
        customer=None,
        metadata={},
        type="card",
    )


def described(card: Card) -> Json:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"test{card.last4}{card.brand}",
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def card_of(method: Json) -> Card:
    return BY_LAST4[method["card"]["last4"]]


def declined(card: Card, **more: Any) -> Refused:
    """The error of a card that its issuer refuses."""
    if card.code == "card_declined":
        more["decline_code"] = card.declined
    message = MESSAGES.get(card.declined or "", DECLINED)
    return Refused(status=402, type="card_error", code=card.code, message=message, more=more)
