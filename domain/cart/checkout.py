"""From a cart to the shopper's word: what is bought, at which explained prices."""

from domain.cart.commands import CheckOutCart, Offer
from domain.cart.errors import (
    CartIsCheckedOut,
    CartIsEmpty,
    CheckoutIdUsed,
    NoLongerSold,
    NoWarehouse,
    PriceChanged,
    TotalChanged,
)
from domain.cart.events import CartCheckedOut
from domain.cart.state import Cart, Line
from domain.shared import require
from domain.shared.ids import CustomerId
from domain.shared.money import total
from domain.shared.pricing import PricedLine, PriceStep, add_up

LONGEST_METHOD = 100
HIGHEST_DELIVERY_PRICE = 10**9


def check_out(cart: Cart, owner: CustomerId, command: CheckOutCart) -> list[CartCheckedOut]:
    """Everything is still sold, at the prices and for the total that the shopper saw."""
    if cart.checkout_id == command.checkout_id:
        return []
    if cart.checkout_id is not None:
        raise CartIsCheckedOut(cart.checkout_id)
    if command.checkout_id in cart.ended_checkouts:
        raise CheckoutIdUsed(f"Checkout {command.checkout_id} came to nothing. Start one with a new id.")
    require.code(command.checkout_id, "checkout_id")
    _deliverable(cart, command)
    lines = _priced(cart, command)
    current = total((line.total for line in lines), cart.currency) + command.delivery.price
    if current != command.total_seen:
        raise TotalChanged(command.total_seen, current)
    return [
        CartCheckedOut(
            cart_id=command.cart_id,
            checkout_id=command.checkout_id,
            owner=owner,
            lines=lines,
            delivery=command.delivery,
            total=current,
            payment_method=command.payment_method,
            at=command.at,
            client=command.client,
            limits=command.limits,
        )
    ]


def _deliverable(cart: Cart, command: CheckOutCart) -> None:
    require.text(command.payment_method, "payment_method", LONGEST_METHOD)
    require.text(command.delivery.method, "delivery.method", LONGEST_METHOD)
    require.amount(command.delivery.price, "delivery.price", HIGHEST_DELIVERY_PRICE)
    require.same_currency(command.delivery.price, cart.currency, "delivery.price")
    if not command.delivery.warehouses:
        raise NoWarehouse("Name at least one warehouse to deliver from.", "delivery.warehouses")


def _priced(cart: Cart, command: CheckOutCart) -> tuple[PricedLine, ...]:
    if not cart.lines:
        raise CartIsEmpty("Add something before you check out.")
    offers = {offer.sku: offer for offer in command.offers}
    for line in cart.lines:
        if (offer := offers.get(line.sku)) is None:
            raise NoLongerSold(line.sku)
        require.same_currency(offer.unit_price.amount, cart.currency, "offers")
        if line.agreed is None and line.seen != offer.unit_price:
            raise PriceChanged(line.sku, line.seen, offer.unit_price)
    return tuple(_explained(line, offers[line.sku]) for line in cart.lines)


def _explained(line: Line, offer: Offer) -> PricedLine:
    price = offer.unit_price
    full = price.of(line.quantity)
    steps: tuple[PriceStep, ...] = (PriceStep(kind="list", amount=full, reason=f"{line.quantity} x {price}"),)
    if line.agreed is not None:
        steps += (PriceStep(kind="agreed", amount=line.agreed.total - full, reason=line.agreed.reason),)
    return PricedLine(
        sku=line.sku,
        product_id=offer.product_id,
        category_id=offer.category_id,
        title=offer.title,
        quantity=line.quantity,
        steps=steps,
        total=add_up(steps, full.currency),
    )
