"""The checkout: where the goods go, how they travel, what pays."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web.texts.languages import noted

ADDRESS = ("name", "street", "postal_code", "city", "region", "country")
REQUIRED = {
    "name": noted("Enter the recipient's name."),
    "street": noted("Enter the street and the number."),
    "city": noted("Enter the town or city."),
    "country": noted("Choose the country."),
}
LABELS: Mapping[str, str] = {
    "email": noted("E-mail"),
    "delivery_method": noted("Delivery"),
    "payment_method": noted("Card"),
    "address.name": noted("Name"),
    "address.street": noted("Street and number"),
    "address.postal_code": noted("Postal code"),
    "address.city": noted("City"),
    "address.region": noted("State or region"),
    "address.country": noted("Country"),
}
CARDS: Sequence[tuple[str, str, str]] = (
    ("pm_card_ok", noted("Card ending 4242"), noted("pays at once")),
    ("pm_card_3ds", noted("Card ending 3220"), noted("asks you to confirm at your bank")),
    ("pm_card_declined", noted("Card ending 0002"), noted("is declined")),
    ("pm_card_insufficient_funds", noted("Card ending 9995"), noted("has not enough money")),
)
"""Cards of the test gateway: method, name, what happens."""

TOKEN = re.compile("ctoken_[A-Za-z0-9_]{1,90}")
CHOOSE_DELIVERY, CHOOSE_CARD = noted("Choose how the goods reach you."), noted("Choose a card.")


@dataclass(frozen=True, slots=True)
class Purchase:
    """The REST body, or what is wrong, by REST path."""

    body: Mapping[str, Any]
    faults: Mapping[str, str]


def parsed(
    typed: Mapping[str, str], cart_id: str, methods: Sequence[Mapping[str, Any]], *, at_stripe: bool = False
) -> Purchase:
    """`methods` are those that the visitor can choose from, with the total that each was shown with."""
    chosen = next((it for it in methods if it["method"] == typed["delivery_method"]), None)
    faults: dict[str, str] = {}
    if chosen is None:
        faults["delivery_method"] = CHOOSE_DELIVERY
    if (card := card_of(typed, at_stripe=at_stripe)) is None:
        faults["payment_method"] = CHOOSE_CARD
    address = {name: typed[f"address.{name}"] for name in ADDRESS}
    if chosen is not None and chosen["toAddress"]:
        faults |= {f"address.{name}": text for name, text in REQUIRED.items() if not address[name]}
    if chosen is None or faults:
        return Purchase({}, faults)
    body = {
        "cart_id": cart_id,
        "total_seen": _shown_total(typed, chosen),
        **({"quoted_at": typed["quoted_at"]} if _is_moment(typed["quoted_at"]) else {}),
        "delivery_method": chosen["method"],
        "payment_method": card,
        **({"address": address} if chosen["toAddress"] else {}),
        **({"email": typed["email"]} if typed["email"] else {}),
    }
    return Purchase(body, {})


def card_of(typed: Mapping[str, str], *, at_stripe: bool = False) -> str | None:
    """A card that is offered, or what Stripe's card form made of one."""
    if at_stripe:
        token = typed["payment_method"]
        return token if TOKEN.fullmatch(token) else None
    return next((method for method, _, _ in CARDS if method == typed["payment_method"]), None)


def _shown_total(typed: Mapping[str, str], chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    """The total that the visitor saw when the form was rendered; the API refuses it when it is not right any more."""
    shown = typed[f"total.{chosen['method']}"]
    known = shown.isascii() and shown.isdigit() and len(shown) <= 18
    return {"amount": int(shown) if known else chosen["total"]["amount"], "currency": chosen["total"]["currency"]}


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
