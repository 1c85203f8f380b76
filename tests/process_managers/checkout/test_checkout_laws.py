"""Whatever answers in whatever order: an order with its stock and its money, or nothing held at all."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cart.commands import AddItem, CancelCheckout, CheckOutCart, Delivery, Offer, OpenCart
from domain.cart.state import Cart
from domain.order.events import OrderPlaced
from domain.payment.commands import RequestPayment
from domain.payment.state import Payment, PaymentPhase
from domain.shared.ids import (
    CartId,
    CheckoutId,
    CustomerId,
    OrderId,
    PaymentId,
    ProductId,
    Sku,
    Warehouse,
)
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from domain.stock.commands import ReceiveStock, ReserveStock
from domain.stock.state import Stock
from process_managers.checkout.state import CheckoutPhase
from tests.support.builders.sold import EAST, WEST
from tests.support.builders.strategies import CUP, MUG, NOON
from tests.support.harness.laws import examples, law
from tests.support.harness.model_checker import ModelChecker

ID = "one"
PLACES = [(sku, warehouse) for sku in (MUG, CUP) for warehouse in (WEST, EAST)]


def offer(sku: Sku, cents: int) -> Offer:
    return Offer(
        sku=sku,
        product_id=ProductId(sku),
        category_id=None,
        title=sku,
        unit_price=UnitPrice(amount=Money(cents, "EUR")),
    )


def checker(dice: Random, cents: int) -> ModelChecker:
    """A cart with a cup and two mugs, checked out, and so much stock in each place."""
    made = ModelChecker(dice.randrange, patience=dice.choice([5, 20, 80]), forgetful="checkout")
    for sku, warehouse in PLACES:
        if quantity := dice.choice([0, 1, 2, 3, 3, 3]):
            made.ask(ReceiveStock(sku=sku, warehouse=warehouse, quantity=quantity))
    cart = CartId("cart")
    offers = (offer(MUG, cents), offer(CUP, cents))
    made.ask(OpenCart(cart_id=cart, owner=CustomerId("anna"), currency="EUR", at=NOON))
    made.ask(AddItem(cart_id=cart, offer=offers[0], quantity=2, at=NOON))
    made.ask(AddItem(cart_id=cart, offer=offers[1], quantity=1, at=NOON))
    made.ask(
        CheckOutCart(
            cart_id=cart,
            checkout_id=CheckoutId(ID),
            offers=offers,
            total_seen=Money(3 * cents, "EUR"),
            delivery=Delivery(method="post", price=Money(0, "EUR"), warehouses=(WEST, EAST)),
            payment_method="card",
            at=NOON,
        )
    )
    return made


def try_again(made: ModelChecker, method: str) -> None:
    payment = made.state(f"payment-{ID}")
    if payment is not None:
        made.ask(
            RequestPayment(
                payment_id=PaymentId(ID),
                order_id=OrderId(ID),
                customer_id=CustomerId("anna"),
                amount=payment.asked,
                method=method,
            )
        )


def stock(made: ModelChecker, sku: Sku, warehouse: Warehouse) -> Stock:
    found = made.state(f"stock-{sku}@{warehouse}")
    return Stock() if found is None else found


def check_order(made: ModelChecker, placed: OrderPlaced) -> None:
    for line in placed.lines:
        assert sum(source.quantity for source in line.sources) == line.priced.quantity
        for source in line.sources:
            held = stock(made, line.priced.sku, source.warehouse).reservations[OrderId(ID)]
            assert held.committed
            assert held.quantity == source.quantity
    if placed.total.amount:
        payment: Payment = made.state(f"payment-{ID}")
        assert payment.phase is PaymentPhase.AUTHORISED
        assert payment.authorised == placed.total
        assert made.bank.held == {payment.gateway_ref: placed.total}


def check_end(made: ModelChecker) -> None:
    checkout = made.instances["checkout", ID]
    placed = any(isinstance(fact, OrderPlaced) for fact in made.log)
    cart: Cart = made.state("cart-cart")
    assert (cart.checkout_id is not None) == placed
    if placed:
        assert checkout.phase is CheckoutPhase.PLACED
        return
    assert checkout.phase in (CheckoutPhase.REJECTED, CheckoutPhase.EXPIRED, CheckoutPhase.CANCELLED)
    assert checkout.attention is None
    assert made.bank.held == {}
    assert all(OrderId(ID) not in stock(made, sku, warehouse).reservations for sku, warehouse in PLACES)


@settings(law, max_examples=examples(2500))
@given(st.integers(0, 2**32))
def test_an_order_with_all_it_needs_or_nothing_held(seed: int) -> None:
    dice = Random(seed)
    made = checker(dice, cents=dice.choice([0, 100, 100, 100, 100]))
    rival = ReserveStock(
        sku=MUG, warehouse=WEST, order_id=OrderId("ben"), quantity=1, expires_at=NOON + timedelta(days=1)
    )
    actions = {
        "retry": lambda: try_again(made, "another card"),
        "try again": lambda: try_again(made, "a third card"),
        "cancel": lambda: made.ask(CancelCheckout(cart_id=CartId("cart"), checkout_id=CheckoutId(ID))),
        "rival": lambda: made.ask(rival),
    }
    seen = len(made.log)
    others = dice.choices(list(actions.values()), k=dice.randrange(4))
    for _ in made.run(others):
        for fact in made.log[seen:]:
            if isinstance(fact, OrderPlaced):
                check_order(made, fact)
        seen = len(made.log)
    check_end(made)
