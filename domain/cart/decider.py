"""A cart changes freely while it is open, and is bought by one checkout at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.cart.checkout import check_out
from domain.cart.commands import (
    AbandonCart,
    AcceptPriceChange,
    AddItem,
    AgreePrice,
    CancelCheckout,
    CartCommand,
    ChangeQuantity,
    CheckOutCart,
    HandOverCart,
    MergeCart,
    OpenCart,
    RemoveItem,
    ReopenCart,
)
from domain.cart.errors import (
    CartExists,
    CartIsCheckedOut,
    CartIsClosed,
    CartIsFull,
    CartNotFound,
    CheckoutNotFound,
    NotInCart,
)
from domain.cart.events import (
    CancellationRequested,
    CartAbandoned,
    CartEvent,
    CartOpened,
    CartReopened,
    ItemAdded,
    ItemRemoved,
    PriceAgreed,
    PriceChangeAccepted,
    QuantityChanged,
)
from domain.cart.merging import hand_over, merge
from domain.cart.state import Cart, Line, evolve
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.ids import Sku
from domain.shared.pricing import Agreement, UnitPrice

__all__ = ["Cart", "cart_decider"]

MOST_OF_A_SKU = 1_000
MOST_LINES = 200
HIGHEST_LINE_TOTAL = 10**12
LONGEST_REASON = 200


def decide(cart: Cart, command: CartCommand) -> Sequence[CartEvent]:
    """What follows from a command; raises the errors of this folder."""
    if isinstance(command, OpenCart):
        return _open(cart, command)
    if cart.owner is None:
        raise CartNotFound(f"There is no cart {command.cart_id}. Open it first.")
    if isinstance(command, HandOverCart):
        return hand_over(cart, command)
    if cart.handed_to is not None:
        return _of_another(command)
    match command:
        case ReopenCart(cart_id=cart_id, checkout_id=checkout_id, reason=reason):
            live = cart.checkout_id == checkout_id
            return [CartReopened(cart_id=cart_id, checkout_id=checkout_id, reason=reason)] if live else []
        case CancelCheckout():
            return _cancel_checkout(cart, command)
        case AbandonCart(cart_id=cart_id, idle_since=idle_since):
            return [CartAbandoned(cart_id=cart_id)] if _is_idle(cart, idle_since) else []
        case _ if cart.abandoned:
            raise CartIsClosed(f"Cart {command.cart_id} was abandoned. Open a new one.")
        case CheckOutCart():
            return check_out(cart, cart.owner, command)
        case _ if cart.checkout_id is not None:
            raise CartIsCheckedOut(cart.checkout_id)
        case AddItem():
            return _add(cart, command)
        case ChangeQuantity():
            return _change_quantity(cart, command)
        case RemoveItem(cart_id=cart_id, sku=sku, at=at):
            return [ItemRemoved(cart_id=cart_id, sku=sku, at=at)] if cart.line(sku) else []
        case AgreePrice():
            return _agree(cart, command)
        case AcceptPriceChange():
            return _accept(cart, command)
        case MergeCart():
            return merge(cart, command, MOST_LINES, MOST_OF_A_SKU)
        case _:
            assert_never(command)


def _of_another(command: CartCommand) -> Sequence[CartEvent]:
    """What is in the cart is in another one by now. It is not abandoned, either."""
    if isinstance(command, AbandonCart):
        return []
    raise CartNotFound(f"There is no cart {command.cart_id}. Open it first.")


def _open(cart: Cart, command: OpenCart) -> Sequence[CartEvent]:
    require.code(command.cart_id, "cart_id")
    require.currency(command.currency)
    if cart.owner is None:
        return [CartOpened(cart_id=command.cart_id, owner=command.owner, currency=command.currency, at=command.at)]
    if (cart.owner, cart.currency) != (command.owner, command.currency):
        raise CartExists(f"Cart {command.cart_id} exists. Choose another id.", "cart_id")
    return []


def _cancel_checkout(cart: Cart, command: CancelCheckout) -> Sequence[CartEvent]:
    if command.checkout_id in cart.ended_checkouts:
        return []
    if command.checkout_id != cart.checkout_id:
        raise CheckoutNotFound(f"Cart {command.cart_id} has no checkout {command.checkout_id}.", "checkout_id")
    if cart.cancelling:
        return []
    return [CancellationRequested(cart_id=command.cart_id, checkout_id=command.checkout_id)]


def _is_idle(cart: Cart, since: datetime) -> bool:
    untouched = cart.touched_at is not None and cart.touched_at <= since
    return untouched and cart.checkout_id is None and not cart.abandoned


def _add(cart: Cart, command: AddItem) -> Sequence[CartEvent]:
    offer, line = command.offer, cart.line(command.offer.sku)
    require.same_currency(offer.unit_price.amount, cart.currency, "offer")
    _orderable(command.quantity, offer.unit_price)
    if line is not None:
        _orderable(line.quantity + command.quantity, offer.unit_price)
    elif len(cart.lines) == MOST_LINES:
        raise CartIsFull(f"A cart holds {MOST_LINES} different things. Buy these first.")
    return [ItemAdded(cart_id=command.cart_id, offer=offer, quantity=command.quantity, at=command.at)]


def _change_quantity(cart: Cart, command: ChangeQuantity) -> Sequence[CartEvent]:
    line = _line(cart, command.sku)
    _orderable(command.quantity, line.seen)
    if command.quantity == line.quantity:
        return []
    return [QuantityChanged(cart_id=command.cart_id, sku=command.sku, quantity=command.quantity, at=command.at)]


def _agree(cart: Cart, command: AgreePrice) -> Sequence[CartEvent]:
    line = _line(cart, command.sku)
    require.amount(command.total, "total", HIGHEST_LINE_TOTAL)
    require.same_currency(command.total, cart.currency, "total")
    require.reason(command.reason, LONGEST_REASON)
    if line.agreed == Agreement(command.total, command.reason):
        return []
    return [
        PriceAgreed(cart_id=command.cart_id, sku=command.sku, total=command.total, reason=command.reason, at=command.at)
    ]


def _accept(cart: Cart, command: AcceptPriceChange) -> Sequence[CartEvent]:
    price, line = command.offer.unit_price, _line(cart, command.offer.sku)
    require.same_currency(price.amount, cart.currency, "offer")
    _orderable(line.quantity, price)
    if price == line.seen:
        return []
    return [PriceChangeAccepted(cart_id=command.cart_id, sku=command.offer.sku, unit_price=price, at=command.at)]


def _line(cart: Cart, sku: Sku) -> Line:
    if (line := cart.line(sku)) is None:
        raise NotInCart(f"The cart does not hold {sku}. Add it first.", "sku")
    return line


def _orderable(quantity: int, price: UnitPrice) -> None:
    require.whole(quantity, "quantity", 1, MOST_OF_A_SKU * price.base_quantity)


cart_decider = Decider(initial=Cart(), decide=decide, evolve=evolve)
