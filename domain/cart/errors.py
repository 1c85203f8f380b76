"""Why a cart says no."""

from domain.shared.errors import Conflict, Invalid, NotFound
from domain.shared.ids import CheckoutId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice


class CartNotFound(NotFound):
    """There is no such cart."""


class CheckoutNotFound(NotFound):
    """The cart has had no such checkout."""


class NotInCart(NotFound):
    """The cart does not hold that SKU."""


class CartExists(Conflict):
    """The cart was opened before, by somebody else or in another currency."""


class CartIsClosed(Conflict):
    """The cart was abandoned."""


class CartIsCheckedOut(Conflict):
    """The cart is being bought."""

    def __init__(self, checkout_id: CheckoutId) -> None:
        super().__init__(f"Checkout {checkout_id} of this cart is under way. Wait for its end, or open a new cart.")
        self.checkout_id = checkout_id


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


class TotalChanged(Conflict):
    """The total is not the one that the shopper saw."""

    def __init__(self, seen: Money, current: Money) -> None:
        super().__init__(f"The total is {current}, not {seen}. Show it and ask again.", "total_seen")
        self.seen = seen
        self.current = current


class NoWarehouse(Invalid):
    """The delivery names no warehouse."""
