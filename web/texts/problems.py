"""What visitors read when a command is refused: by the kind of problem, in words for people who shop.

A kind that is not here is told in the API's own words, which are for people too.
"""

from collections.abc import Callable, Mapping
from typing import Any

from web.api.write import Refused

Document = Mapping[str, Any]


def _cart_is_checked_out(document: Document) -> str:
    return STANDS.get(str(document.get("stands")), STANDS["under way"])


STANDS = {
    "under way": "This cart is being bought already.",
    "confirm the payment": "This cart is being bought; your bank waits for you to confirm the payment.",
    "pay otherwise": "The payment for this cart failed. Choose another card, or cancel to change the cart.",
    "paid": "This cart is paid. The order follows in a moment.",
    "ending": "The checkout of this cart is ending. The cart opens again by itself in a moment.",
    "bought": "This cart was bought.",
}

TEXTS: Mapping[str, str | Callable[[Document], str]] = {
    "cart-is-checked-out": _cart_is_checked_out,
    "cart-is-closed": "This cart was closed because it had not been used for long.",
    "cart-is-empty": "There is nothing in the cart.",
    "cart-is-full": "The cart is full: it holds 200 different things at most.",
    "no-longer-sold": "One of the things in your cart is not sold any more. Remove it to go on.",
    "not-for-sale": "This is not sold at the moment.",
    "unknown-sku": "This is not sold any more.",
    "price-changed": "A price has changed since you put it into the cart. Look at the new price before you buy.",
    "total-changed": "The total has changed. Nothing was bought.",
    "not-in-cart": "This is not in the cart any more.",
    "address-missing": "Say where the goods go.",
    "unknown-delivery-method": "Choose how the goods reach you.",
}


def text_of(refused: Refused) -> str:
    """One sentence or two for the head of a form or an error page."""
    text = TEXTS.get(refused.code)
    if callable(text):
        return text(refused.document)
    return text or str(refused.document.get("detail", "")) or "The shop cannot do this."


def faults_of(refused: Refused, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """What is wrong with each field, by the REST path of the field (`address.city`).

    `names` gives the field of the form for paths that differ.
    """
    known = names or {}
    return {
        known.get(error["field"], error["field"]): " ".join(filter(None, (error.get("reason"), error.get("fix"))))
        for error in refused.errors
    }
