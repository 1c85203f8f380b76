"""A shopper with two carts: what they hold unpaid in the first never keeps them from buying the second."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cart.commands import AddItem, CheckOutCart, Delivery, OpenCart
from domain.cart.state import Cart
from domain.order.events import OrderPlaced
from domain.shared.holding import HoldLimits
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, Sku
from domain.shared.money import Money
from domain.stock.commands import ReceiveStock
from domain.stock.events import ReservationCommitted
from domain.stock.state import Stock
from process_managers.checkout.state import Checkout, CheckoutPhase
from tests.process_managers.checkout.test_checkout_laws import offer
from tests.support.builders.sold import EAST, WEST
from tests.support.builders.strategies import MUG, NOON
from tests.support.harness.laws import examples, law
from tests.support.harness.model_checker import ModelChecker

ANNA, BEN = CustomerId("anna"), CustomerId("ben")
LIMITS = HoldLimits(shopper=50, client=75, always=4)


def check_out(made: ModelChecker, name: str, owner: CustomerId, units: int) -> None:
    cart = CartId(name)
    made.ask(OpenCart(cart_id=cart, owner=owner, currency="EUR", at=NOON))
    made.ask(AddItem(cart_id=cart, offer=offer(Sku(MUG), 100), quantity=units, at=NOON))
    made.ask(
        CheckOutCart(
            cart_id=cart,
            checkout_id=CheckoutId(name),
            offers=(offer(Sku(MUG), 100),),
            total_seen=Money(100 * units, "EUR"),
            delivery=Delivery(method="post", price=Money(0, "EUR"), warehouses=(WEST, EAST)),
            payment_method="card",
            at=NOON,
            client="paris",
            limits=LIMITS,
        )
    )


def play(seed: int, owner: CustomerId) -> ModelChecker:
    """Two carts over all the stock there is; the second is checked out at any time after the first."""
    dice = Random(seed)
    made = ModelChecker(dice.randrange, patience=dice.choice([20, 80]))
    for where, units in ((WEST, 2), (EAST, 2)):
        made.ask(ReceiveStock(sku=MUG, warehouse=where, quantity=units))
    check_out(made, "first", ANNA, 4)
    for _ in made.run([lambda: check_out(made, "second", owner, dice.randint(1, 4))]):
        for where in (WEST, EAST):
            stock: Stock = made.state(f"stock-{MUG}@{where}")
            assert 0 <= stock.reserved <= stock.on_hand
    return made


def short(made: ModelChecker, name: str) -> bool:
    checkout: Checkout = made.instances["checkout", name]
    return any(line.short for line in checkout.lines.values())


def placed(made: ModelChecker) -> set[str]:
    return {fact.order_id for fact in made.log if isinstance(fact, OrderPlaced)}


def committed(made: ModelChecker) -> set[OrderId]:
    return {fact.order_id for fact in made.log if isinstance(fact, ReservationCommitted)}


@settings(law, max_examples=examples(1000))
@given(st.integers(0, 2**32))
def test_the_second_cart_finds_the_units_unless_the_first_has_bought_them(seed: int) -> None:
    made = play(seed, ANNA)
    orders = placed(made)
    for name in ("first", "second"):
        checkout: Checkout = made.instances["checkout", name]
        cart: Cart = made.state(f"cart-{name}")
        assert (checkout.phase is CheckoutPhase.PLACED) == (name in orders) == (cart.checkout_id is not None)
        held = [made.state(f"stock-{MUG}@{where}").reservations.get(OrderId(name)) for where in (WEST, EAST)]
        assert any(held) == (name in orders)
    assert len(made.bank.held) + len(made.bank.taken) == len(orders)


@settings(law, max_examples=examples(300))
@given(st.integers(0, 2**32))
def test_a_hold_that_is_not_paid_never_makes_its_own_shopper_short(seed: int) -> None:
    """A hold that is committed is paid: it stands, even if its order comes to nothing a moment later."""
    made = play(seed, ANNA)
    if OrderId("first") not in committed(made):
        assert not short(made, "second")


def test_somebody_elses_hold_does() -> None:
    assert any(short(play(seed, BEN), "second") for seed in range(50))
