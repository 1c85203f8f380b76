"""A shopper who does not want to buy after all."""

from domain.cart.commands import CancelCheckout
from domain.cart.decider import cart_decider
from domain.cart.errors import CartNotFound, CheckoutNotFound
from domain.cart.events import CancellationRequested, CartOpened, CartReopened
from domain.shared.ids import CartId, CheckoutId, CustomerId
from tests.process_managers.checkout.checkout_story import bought
from tests.support.builders.strategies import NOON
from tests.support.harness.spec import Spec

CART, ONE = CartId("cart"), CheckoutId("one")
given = Spec(cart_decider).given
opened = CartOpened(cart_id=CART, owner=CustomerId("anna"), currency="EUR", at=NOON)
cancel = CancelCheckout(cart_id=CART, checkout_id=ONE)
wish = CancellationRequested(cart_id=CART, checkout_id=ONE)
reopened = CartReopened(cart_id=CART, checkout_id=ONE, reason="Cancelled")


def test_a_checkout_is_cancelled_once_and_stays_under_way_until_it_has_ended() -> None:
    given(opened, bought).when(cancel, cancel).then(wish)
    assert given(opened, bought, wish).state.checkout_id == ONE


def test_a_checkout_that_has_ended_needs_no_cancelling() -> None:
    given(opened, bought, wish, reopened).when(cancel).then()
    given(opened, bought, reopened).when(cancel).then()


def test_only_a_checkout_of_the_cart_can_be_cancelled() -> None:
    given(opened).when(cancel).refused(CheckoutNotFound)
    given().when(cancel).refused(CartNotFound)
    other = CancelCheckout(cart_id=CART, checkout_id=CheckoutId("two"))
    assert given(opened, bought, wish).when(other).refused(CheckoutNotFound).field == "checkout_id"
