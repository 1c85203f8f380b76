"""From a cart to the shopper's word: what is bought, at which explained prices."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.cart.commands import CheckOutCart, Offer
from domain.cart.errors import (
    CartIsCheckedOut,
    CartIsEmpty,
    ChangedSteps,
    CheckoutIdUsed,
    NoLongerSold,
    NoWarehouse,
    PriceChanged,
    TotalChanged,
)
from domain.cart.events import CartCheckedOut
from domain.cart.state import Cart
from domain.pricing.promotions import Traits
from domain.pricing.quote import Charge, Item, Quote, QuotedLine, quote
from domain.shared import require
from domain.shared.frozen import replace
from domain.shared.ids import CustomerId, Sku
from domain.shared.pricing import PricedLine

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
    offers = _offers(cart, command)
    quoted = _quote(cart, command, offers, command.at)
    if quoted.total != command.total_seen:
        raise TotalChanged(command.total_seen, quoted.total, _changed(cart, command, offers, quoted))
    return [
        CartCheckedOut(
            cart_id=command.cart_id,
            checkout_id=command.checkout_id,
            owner=owner,
            lines=tuple(_priced(line, offers[line.sku]) for line in quoted.lines),
            delivery=replace(command.delivery, price=quoted.delivery),
            delivery_steps=quoted.delivery_steps,
            total=quoted.total,
            payment_method=command.payment_method,
            at=command.at,
            client=command.client,
            limits=command.limits,
            contact=command.contact,
        )
    ]


def _deliverable(cart: Cart, command: CheckOutCart) -> None:
    require.text(command.payment_method, "payment_method", LONGEST_METHOD)
    require.text(command.delivery.method, "delivery.method", LONGEST_METHOD)
    require.amount(command.delivery.price, "delivery.price", HIGHEST_DELIVERY_PRICE)
    require.same_currency(command.delivery.price, cart.currency, "delivery.price")
    if not command.delivery.warehouses:
        raise NoWarehouse("Name at least one warehouse to deliver from.", "delivery.warehouses")


def _offers(cart: Cart, command: CheckOutCart) -> Mapping[Sku, Offer]:
    if not cart.lines:
        raise CartIsEmpty("Add something before you check out.")
    offers = {offer.sku: offer for offer in command.offers}
    for line in cart.lines:
        if (offer := offers.get(line.sku)) is None:
            raise NoLongerSold(line.sku)
        require.same_currency(offer.unit_price.amount, cart.currency, "offers")
        if line.agreed is None and line.seen != offer.unit_price:
            raise PriceChanged(line.sku, line.seen, offer.unit_price)
    return offers


def _quote(cart: Cart, command: CheckOutCart, offers: Mapping[Sku, Offer], at: datetime) -> Quote:
    traits = {it.product_id: it for it in command.traits}
    items = [
        Item(
            sku=line.sku,
            quantity=line.quantity,
            unit_price=(offer := offers[line.sku]).unit_price,
            traits=traits.get(offer.product_id) or Traits(product_id=offer.product_id),
            agreed=line.agreed,
        )
        for line in cart.lines
    ]
    delivery = Charge(method=command.delivery.method, price=command.delivery.price)
    return quote(items, command.promotions, at, cart.currency, delivery)


def _changed(cart: Cart, command: CheckOutCart, offers: Mapping[Sku, Offer], now: Quote) -> Sequence[ChangedSteps]:
    """What differs from the quote that the shopper saw; all that there is, where its moment is not known."""
    then = None if command.quoted_at is None else _quote(cart, command, offers, command.quoted_at)
    both = [
        ChangedSteps(line.sku, None if then is None else then.lines[number].steps, line.steps)
        for number, line in enumerate(now.lines)
    ]
    both.append(ChangedSteps(None, None if then is None else then.delivery_steps, now.delivery_steps))
    return [steps for steps in both if steps.seen != steps.now]


def _priced(line: QuotedLine, offer: Offer) -> PricedLine:
    return PricedLine(
        sku=line.sku,
        product_id=offer.product_id,
        category_id=offer.category_id,
        title=offer.title,
        quantity=line.quantity,
        steps=line.steps,
        total=line.total,
    )
