"""Why a cart says no."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.shared.errors import Conflict, Invalid, NotFound
from domain.shared.ids import CheckoutId, Sku
from domain.shared.money import Money
from domain.shared.pricing import PriceStep, UnitPrice


class CartNotFound(NotFound):
    """There is no such cart."""


class CheckoutNotFound(NotFound):
    """The cart has had no such checkout."""


class NotInCart(NotFound):
    """The cart does not hold that SKU."""


class CartExists(Conflict):
    """The cart was opened before, by another owner or in another currency."""


class CartIsClosed(Conflict):
    """The cart was abandoned."""


class CheckoutStands(StrEnum):
    """How far the checkout of a cart is, as far as the shopper can do something about it."""

    UNDER_WAY = "under way"
    CONFIRM = "confirm the payment"
    PAY_OTHERWISE = "pay otherwise"
    PAID = "paid"
    ENDING = "ending"
    BOUGHT = "bought"


_ADVICE = {
    CheckoutStands.UNDER_WAY: (
        "Checkout {id} of this cart is under way. Ask the read API how it goes, or give it up with "
        "POST /checkouts/{id}/cancel."
    ),
    CheckoutStands.CONFIRM: (
        "Checkout {id} of this cart waits for the shopper to confirm the payment: open its payment's action URL. "
        "To give it up, POST /checkouts/{id}/cancel."
    ),
    CheckoutStands.PAY_OTHERWISE: (
        "The payment of checkout {id} of this cart failed, and its units are held still. "
        "Pay in another way with POST /checkouts/{id}/payments, or give it up with POST /checkouts/{id}/cancel."
    ),
    CheckoutStands.PAID: (
        "Checkout {id} of this cart is paid and becomes order {id} in a moment. Do not buy it again; "
        "ask the read API for the order."
    ),
    CheckoutStands.ENDING: (
        "Checkout {id} of this cart is being given up. The cart opens again by itself; try again in a moment."
    ),
    CheckoutStands.BOUGHT: (
        "This cart was bought: it is order {id}. Do not buy it again. "
        "To undo it, POST /orders/{id}/cancel; for other things, open a new cart."
    ),
}


class CartIsCheckedOut(Conflict):
    """The cart is being bought, or was bought."""

    def __init__(self, checkout_id: CheckoutId, stands: CheckoutStands = CheckoutStands.UNDER_WAY) -> None:
        super().__init__(_ADVICE[stands].format(id=checkout_id))
        self.checkout_id = checkout_id
        self.stands = stands


class CheckoutIdUsed(Conflict):
    """An earlier checkout of the cart had that id."""


class CartIsFull(Conflict):
    """The cart holds as many different things as it can."""


class CartIsEmpty(Conflict):
    """There is nothing in the cart."""


class NoLongerSold(Conflict):
    """Something in the cart is not sold any more."""

    def __init__(self, sku: Sku) -> None:
        super().__init__(f"{sku} is not sold any more. Remove it from the cart.")
        self.sku = sku


class PriceChanged(Conflict):
    """The price of something in the cart is not the one that the shopper saw."""

    def __init__(self, sku: Sku, seen: UnitPrice, current: UnitPrice) -> None:
        super().__init__(f"{sku} was seen at {seen} and now costs {current}. Accept the new price or remove it.")
        self.sku = sku
        self.seen = seen
        self.current = current


@dataclass(frozen=True, slots=True)
class ChangedSteps:
    """The steps of a line, or of the delivery (no SKU): as the shopper saw them, if that is known, and now."""

    sku: Sku | None
    seen: tuple[PriceStep, ...] | None
    now: tuple[PriceStep, ...]


class TotalChanged(Conflict):
    """The total is not the one that the shopper saw."""

    def __init__(self, seen: Money, current: Money, changed: Sequence[ChangedSteps] = ()) -> None:
        super().__init__(f"The total is {current}, not {seen}. Show it and ask again.", "total_seen")
        self.seen = seen
        self.current = current
        self.changed = tuple(changed)


class NoWarehouse(Invalid):
    """The delivery names no warehouse."""
