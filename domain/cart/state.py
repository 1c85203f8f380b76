"""What is known of a cart."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from domain.cart.events import (
    CancellationRequested,
    CartAbandoned,
    CartCheckedOut,
    CartEvent,
    CartHandedOver,
    CartMerged,
    CartOpened,
    CartReopened,
    ItemAdded,
    ItemRemoved,
    MergedLine,
    PriceAgreed,
    PriceChangeAccepted,
    QuantityChanged,
)
from domain.shared.frozen import replace
from domain.shared.ids import CartId, CheckoutId, CustomerId, Sku
from domain.shared.pricing import Agreement, UnitPrice


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a SKU, the unit price that the shopper saw, and the agreed total if there is one."""

    sku: Sku
    quantity: int
    seen: UnitPrice
    agreed: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of the lines of a guest's cart."""

    from_cart: CartId
    lines: tuple[MergedLine, ...]


@dataclass(frozen=True, slots=True)
class Cart:
    """Whose cart it is, what is in it in the order of adding, and which checkout is under way."""

    owner: CustomerId | None = None
    currency: str = ""
    lines: tuple[Line, ...] = ()
    checkout_id: CheckoutId | None = None
    cancelling: bool = False
    ended_checkouts: frozenset[CheckoutId] = frozenset()
    abandoned: bool = False
    touched_at: datetime | None = None
    handed_to: CartId | None = None
    merged: tuple[Merged, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something can be put into it."""
        return self.owner is not None and self.checkout_id is None and not self.abandoned and self.handed_to is None

    def line(self, sku: Sku) -> Line | None:
        """The line of a SKU, if the cart holds it."""
        return next((line for line in self.lines if line.sku == sku), None)


def evolve(cart: Cart, event: CartEvent) -> Cart:
    """The cart after the fact."""
    match event:
        case CartOpened(owner=owner, currency=currency, at=at):
            return Cart(owner=owner, currency=currency, touched_at=at)
        case ItemAdded(offer=offer, quantity=quantity, at=at):
            before = cart.line(offer.sku)
            both = quantity + (before.quantity if before else 0)
            return _with(cart, Line(offer.sku, both, offer.unit_price), at)
        case QuantityChanged(sku=sku, quantity=quantity, at=at):
            return _with(cart, replace(_line(cart, sku), quantity=quantity, agreed=None), at)
        case PriceAgreed(sku=sku, total=total, reason=reason, at=at):
            return _with(cart, replace(_line(cart, sku), agreed=Agreement(total, reason)), at)
        case PriceChangeAccepted(sku=sku, unit_price=price, at=at):
            return _with(cart, replace(_line(cart, sku), seen=price), at)
        case ItemRemoved(sku=sku, at=at):
            return replace(cart, lines=tuple(line for line in cart.lines if line.sku != sku), touched_at=at)
        case CartCheckedOut(checkout_id=checkout_id, at=at):
            return replace(cart, checkout_id=checkout_id, touched_at=at)
        case CancellationRequested():
            return replace(cart, cancelling=True)
        case CartReopened(checkout_id=checkout_id):
            return replace(
                cart, checkout_id=None, cancelling=False, ended_checkouts=cart.ended_checkouts | {checkout_id}
            )
        case CartAbandoned():
            return replace(cart, abandoned=True)
        case CartHandedOver(to_cart=to_cart):
            return replace(cart, handed_to=to_cart)
        case CartMerged(from_cart=from_cart, lines=lines, at=at):
            for merged in lines:
                cart = _with_merged(cart, merged, at)
            return replace(cart, merged=(*cart.merged, Merged(from_cart, lines)), touched_at=at)
        case _:
            assert_never(event)


def _with_merged(cart: Cart, merged: MergedLine, at: datetime) -> Cart:
    """A line of both keeps the price that the account saw, and an agreed price as long as its quantity stays."""
    before = cart.line(merged.sku)
    if merged.quantity == (before.quantity if before else 0):
        return cart
    if before is not None:
        return _with(cart, replace(before, quantity=merged.quantity, agreed=None), at)
    assert merged.offer is not None, "only what is offered can be new in a cart"
    return _with(cart, Line(merged.sku, merged.quantity, merged.offer.unit_price), at)


def _line(cart: Cart, sku: Sku) -> Line:
    return next(line for line in cart.lines if line.sku == sku)


def _with(cart: Cart, changed: Line, at: datetime) -> Cart:
    """The changed line in its place, or at the end when it is new."""
    if cart.line(changed.sku) is None:
        return replace(cart, lines=(*cart.lines, changed), touched_at=at)
    lines = tuple(changed if line.sku == changed.sku else line for line in cart.lines)
    return replace(cart, lines=lines, touched_at=at)
