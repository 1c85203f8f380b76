"""What visitors read when a command is refused: by the kind of problem, in words for people who shop.

A kind that is not here is shown in the API's own words, which are for people too, but in English.
"""

from collections.abc import Callable, Mapping
from typing import Any

from web.api.write import Refused
from web.texts.languages import noted

Document = Mapping[str, Any]


def _cart_is_checked_out(document: Document) -> str:
    return STANDS.get(str(document.get("stands")), STANDS["under way"])


STANDS = {
    "under way": noted("This cart is being bought already."),
    "confirm the payment": noted("This cart is being bought; your bank waits for you to confirm the payment."),
    "pay otherwise": noted("The payment for this cart failed. Choose another card, or cancel to change the cart."),
    "paid": noted("This cart is paid. The order follows in a moment."),
    "ending": noted("The checkout of this cart is ending. The cart opens again by itself in a moment."),
    "bought": noted("This cart was bought."),
}

TEXTS: Mapping[str, str | Callable[[Document], str]] = {
    "cart-is-checked-out": _cart_is_checked_out,
    "cart-is-closed": noted("This cart was closed because it had not been used for long."),
    "cart-is-empty": noted("There is nothing in the cart."),
    "cart-is-full": noted("The cart is full: it holds 200 different things at most."),
    "no-longer-sold": noted("One of the things in your cart is not sold any more. Remove it to go on."),
    "not-for-sale": noted("This is not sold at the moment."),
    "unknown-sku": noted("This is not sold any more."),
    "price-changed": noted("A price has changed since you put it into the cart. Look at the new price before you buy."),
    "total-changed": noted("The total has changed. Nothing was bought."),
    "not-in-cart": noted("This is not in the cart any more."),
    "address-missing": noted("Say where the goods go."),
    "unknown-delivery-method": noted("Choose how the goods reach you."),
}


NOT_POSSIBLE, NOT_USABLE = noted("The shop cannot do this."), noted("This cannot be used. Please look at it again.")


def text_of(refused: Refused, *, english: bool = True) -> str:
    """One sentence or two for the head of a form or an error page.

    The API's own words are for those who read English; others get a shorter text in their language.
    """
    text = TEXTS.get(refused.code)
    if callable(text):
        return text(refused.document)
    return text or (english and str(refused.document.get("detail", ""))) or NOT_POSSIBLE


def faults_of(refused: Refused, names: Mapping[str, str] | None = None, *, english: bool = True) -> dict[str, str]:
    """What is wrong with each field, by the REST path of the field (`address.city`).

    `names` gives the field of the form for paths that differ.
    """
    known = names or {}
    return {
        known.get(error["field"], error["field"]): _fault(error) if english else NOT_USABLE for error in refused.errors
    }


def _fault(error: Mapping[str, str]) -> str:
    return " ".join(filter(None, (error.get("reason"), error.get("fix"))))
