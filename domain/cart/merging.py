"""A guest's cart becomes part of the cart of an account, once, and no line gets smaller by it."""

from collections.abc import Sequence

from domain.cart.commands import HandOverCart, MergeCart, MergedItem
from domain.cart.errors import CartIsCheckedOut, CartIsClosed, CartNotFound
from domain.cart.events import CartHandedOver, CartMerged, MergedLine
from domain.cart.state import Cart


def hand_over(cart: Cart, command: HandOverCart) -> Sequence[CartHandedOver]:
    """The cart is the guest's no longer. Raises CartNotFound, CartIsCheckedOut, CartIsClosed."""
    if cart.handed_to == command.to_cart:
        return []
    if cart.handed_to is not None:
        raise CartNotFound(f"There is no cart {command.cart_id}. Open it first.")
    if cart.checkout_id is not None:
        raise CartIsCheckedOut(cart.checkout_id)
    if cart.abandoned:
        raise CartIsClosed(f"Cart {command.cart_id} was abandoned. Open a new one.")
    return [CartHandedOver(cart_id=command.cart_id, to_owner=command.to_owner, to_cart=command.to_cart, at=command.at)]


def merge(cart: Cart, command: MergeCart, most_lines: int, most_of_a_sku: int) -> Sequence[CartMerged]:
    """Quantities are added, at most to what is available. What was merged before is not merged again."""
    if any(it.from_cart == command.from_cart for it in cart.merged):
        return []
    room, lines = most_lines - len(cart.lines), list[MergedLine]()
    for item in command.items:
        own = 0 if (line := cart.line(item.sku)) is None else line.quantity
        quantity = _together(own, item, most_of_a_sku) if own or room else 0
        room -= bool(quantity and not own)
        lines.append(MergedLine(sku=item.sku, offer=item.offer, asked=own + item.quantity, quantity=quantity))
    return [CartMerged(cart_id=command.cart_id, from_cart=command.from_cart, lines=tuple(lines), at=command.at)]


def _together(own: int, item: MergedItem, most_of_a_sku: int) -> int:
    """0: there is nothing to buy any more, and nothing was in the account's cart."""
    if item.offer is None:
        return own
    most = most_of_a_sku * item.offer.unit_price.base_quantity
    return min(most, max(own, item.quantity, min(own + item.quantity, item.available)))
