"""Short words for what happens to a cart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.cart.commands import (
    AbandonCart,
    AcceptPriceChange,
    AddItem,
    AgreePrice,
    CancelCheckout,
    ChangeQuantity,
    CheckOutCart,
    Delivery,
    Offer,
    OpenCart,
    RemoveItem,
    ReopenCart,
)
from domain.cart.decider import cart_decider
from domain.cart.events import (
    CancellationRequested,
    CartAbandoned,
    CartCheckedOut,
    CartOpened,
    CartReopened,
    ItemAdded,
    ItemRemoved,
    PriceAgreed,
    PriceChangeAccepted,
    QuantityChanged,
)
from domain.pricing.promotions import ScheduledPromotion
from domain.shared.ids import CartId, CategoryId, CheckoutId, CustomerId, ProductId, Sku
from domain.shared.money import Money
from domain.shared.pricing import PricedLine, PriceStep, UnitPrice
from tests.support.builders.sold import at_list
from tests.support.builders.strategies import FUEL, MAIN, MUG, NOON
from tests.support.harness.spec import Spec

CART, ANNA, BEN = CartId("cart"), CustomerId("anna"), CustomerId("ben")
FIRST, SECOND = CheckoutId("first"), CheckoutId("second")
ONE, TWO = NOON + timedelta(hours=1), NOON + timedelta(hours=2)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def offer(sku: Sku, cents: int, base_quantity: int = 1) -> Offer:
    price = UnitPrice(amount=eur(cents), base_quantity=base_quantity)
    product, category = ProductId(sku.lower()), CategoryId("shop")
    return Offer(sku=sku, product_id=product, category_id=category, title=sku.title(), unit_price=price)


MUG_AT_500 = offer(MUG, 500)
FUEL_AT_349 = offer(FUEL, 349, base_quantity=1000)
POST = Delivery(method="post", price=eur(399), warehouses=(MAIN,))


def in_dollars(dear: Offer) -> Offer:
    return replace(dear, unit_price=replace(dear.unit_price, amount=Money(500, "USD")))


def open_cart(owner: CustomerId = ANNA, currency: str = "EUR") -> OpenCart:
    return OpenCart(cart_id=CART, owner=owner, currency=currency, at=NOON)


def add(what: Offer, quantity: int) -> AddItem:
    return AddItem(cart_id=CART, offer=what, quantity=quantity, at=ONE)


def change(sku: Sku, quantity: int) -> ChangeQuantity:
    return ChangeQuantity(cart_id=CART, sku=sku, quantity=quantity, at=ONE)


def remove(sku: Sku) -> RemoveItem:
    return RemoveItem(cart_id=CART, sku=sku, at=ONE)


def agree(sku: Sku, total: Money, reason: str = "scratched") -> AgreePrice:
    return AgreePrice(cart_id=CART, sku=sku, total=total, reason=reason, at=ONE)


def accept(what: Offer) -> AcceptPriceChange:
    return AcceptPriceChange(cart_id=CART, offer=what, at=ONE)


def check_out(
    *offers: Offer,
    seen: int,
    checkout: CheckoutId = FIRST,
    delivery: Delivery = POST,
    method: str = "card",
    promotions: Sequence[ScheduledPromotion] = (),
) -> CheckOutCart:
    return CheckOutCart(
        cart_id=CART,
        checkout_id=checkout,
        offers=offers,
        total_seen=eur(seen),
        delivery=delivery,
        payment_method=method,
        at=TWO,
        promotions=tuple(promotions),
    )


def reopen(checkout: CheckoutId = FIRST) -> ReopenCart:
    return ReopenCart(cart_id=CART, checkout_id=checkout, reason="declined")


def cancel(checkout: CheckoutId = FIRST) -> CancelCheckout:
    return CancelCheckout(cart_id=CART, checkout_id=checkout)


abandon = AbandonCart(cart_id=CART, idle_since=ONE)
opened = CartOpened(cart_id=CART, owner=ANNA, currency="EUR", at=NOON)
abandoned = CartAbandoned(cart_id=CART)


def added(what: Offer, quantity: int) -> ItemAdded:
    return ItemAdded(cart_id=CART, offer=what, quantity=quantity, at=ONE)


def changed(sku: Sku, quantity: int) -> QuantityChanged:
    return QuantityChanged(cart_id=CART, sku=sku, quantity=quantity, at=ONE)


def removed(sku: Sku) -> ItemRemoved:
    return ItemRemoved(cart_id=CART, sku=sku, at=ONE)


def agreed(sku: Sku, total: Money, reason: str = "scratched") -> PriceAgreed:
    return PriceAgreed(cart_id=CART, sku=sku, total=total, reason=reason, at=ONE)


def accepted(what: Offer) -> PriceChangeAccepted:
    return PriceChangeAccepted(cart_id=CART, sku=what.sku, unit_price=what.unit_price, at=ONE)


def reopened(checkout: CheckoutId = FIRST) -> CartReopened:
    return CartReopened(cart_id=CART, checkout_id=checkout, reason="declined")


def line(what: Offer, quantity: int, *steps: tuple[str, int, str]) -> PricedLine:
    return PricedLine(
        sku=what.sku,
        product_id=what.product_id,
        category_id=what.category_id,
        title=what.title,
        quantity=quantity,
        steps=tuple(PriceStep(kind=kind, amount=eur(cents), reason=reason) for kind, cents, reason in steps),
        total=eur(sum(cents for _, cents, _ in steps)),
    )


def checked_out(
    *lines: PricedLine, total: int, checkout: CheckoutId = FIRST, delivery: Delivery = POST
) -> CartCheckedOut:
    return CartCheckedOut(
        cart_id=CART,
        checkout_id=checkout,
        owner=ANNA,
        lines=lines,
        delivery=delivery,
        delivery_steps=at_list(delivery.method, delivery.price),
        total=eur(total),
        payment_method="card",
        at=TWO,
    )


def cancelled(checkout: CheckoutId = FIRST) -> CancellationRequested:
    return CancellationRequested(cart_id=CART, checkout_id=checkout)


given = Spec(cart_decider).given
one_mug = given(opened, added(MUG_AT_500, 1))
mug_bought = checked_out(line(MUG_AT_500, 1, ("list", 500, "1 x 5.00 EUR")), total=899)
buy_mug = check_out(MUG_AT_500, seen=899)
