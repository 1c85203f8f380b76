"""A guest's cart goes into an account's cart once, and no line gets smaller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cart.commands import (
    AbandonCart,
    AddItem,
    ChangeQuantity,
    HandOverCart,
    MergeCart,
    MergedItem,
    OpenCart,
    RemoveItem,
)
from domain.cart.decider import MOST_LINES, MOST_OF_A_SKU, cart_decider
from domain.cart.errors import CartIsCheckedOut, CartIsClosed, CartNotFound
from domain.cart.events import CartHandedOver, CartMerged, ItemAdded, MergedLine
from domain.cart.state import Cart, Line
from domain.shared.ids import CartId, Sku
from tests.domain.cart.story import (
    ANNA,
    BEN,
    CART,
    FUEL_AT_349,
    MUG_AT_500,
    abandoned,
    mug_bought,
    offer,
    opened,
)
from tests.support.builders.strategies import FUEL, MUG, NOON
from tests.support.harness.spec import Spec

GUESTS, OTHER = CartId("guests"), CartId("other")
open_cart = Spec(cart_decider).given(opened)


def added(quantity: int) -> ItemAdded:
    return ItemAdded(cart_id=CART, offer=MUG_AT_500, quantity=quantity, at=NOON)


def hand_over(to: CartId = OTHER) -> HandOverCart:
    return HandOverCart(cart_id=CART, to_owner=BEN, to_cart=to, at=NOON)


def merge(*items: MergedItem) -> MergeCart:
    return MergeCart(cart_id=CART, from_cart=GUESTS, items=items, at=NOON)


def mugs(quantity: int, available: int = 100) -> MergedItem:
    return MergedItem(sku=MUG, quantity=quantity, offer=offer(MUG, 450), available=available)


def merged(*lines: MergedLine) -> CartMerged:
    return CartMerged(cart_id=CART, from_cart=GUESTS, lines=lines, at=NOON)


def line(asked: int, quantity: int, sku: Sku = MUG, cents: int = 450) -> MergedLine:
    return MergedLine(sku=sku, offer=offer(sku, cents), asked=asked, quantity=quantity)


HANDED_OVER = CartHandedOver(cart_id=CART, to_owner=BEN, to_cart=OTHER, at=NOON)


def test_a_cart_is_handed_over_once_and_to_one_cart() -> None:
    open_cart.when(hand_over()).then(HANDED_OVER)
    open_cart.given(HANDED_OVER).when(hand_over()).then()
    open_cart.given(HANDED_OVER).when(hand_over(GUESTS)).refused(CartNotFound)
    Spec(cart_decider).when(hand_over()).refused(CartNotFound)
    open_cart.given(abandoned).when(hand_over()).refused(CartIsClosed)
    open_cart.given(added(1), mug_bought).when(hand_over()).refused(CartIsCheckedOut)


@pytest.mark.parametrize(
    "command",
    [
        AddItem(cart_id=CART, offer=MUG_AT_500, quantity=1, at=NOON),
        ChangeQuantity(cart_id=CART, sku=MUG, quantity=2, at=NOON),
        RemoveItem(cart_id=CART, sku=MUG, at=NOON),
        merge(mugs(1)),
    ],
)
def test_a_cart_that_was_handed_over_is_not_there_any_more(command: AddItem) -> None:
    open_cart.given(added(1), HANDED_OVER).when(command).refused(CartNotFound)


def test_a_cart_that_was_handed_over_is_not_abandoned_and_is_opened_by_nobody_again() -> None:
    over = open_cart.given(HANDED_OVER)
    over.when(AbandonCart(cart_id=CART, idle_since=NOON)).then()
    over.when(OpenCart(cart_id=CART, owner=ANNA, currency="EUR", at=NOON)).then()
    assert not over.state.is_open


def test_quantities_are_added_at_most_to_what_is_available() -> None:
    open_cart.given(added(2)).when(merge(mugs(3))).then(merged(line(5, 5)))
    open_cart.given(added(10)).when(merge(mugs(1, available=10))).then(merged(line(11, 10)))
    open_cart.given(added(10)).when(merge(mugs(1, available=4))).then(merged(line(11, 10)))
    open_cart.when(merge(mugs(3, available=0))).then(merged(line(3, 3)))
    open_cart.given(added(MOST_OF_A_SKU)).when(merge(mugs(5, available=10**6))).then(
        merged(line(MOST_OF_A_SKU + 5, MOST_OF_A_SKU))
    )


def test_a_cart_is_merged_once() -> None:
    open_cart.given(merged(line(3, 3))).when(merge(mugs(3))).then()


def test_what_is_not_sold_any_more_is_left_out_unless_it_was_in_the_cart() -> None:
    gone = MergedItem(sku=MUG, quantity=3, offer=None, available=0)
    open_cart.when(merge(gone)).then(merged(MergedLine(sku=MUG, offer=None, asked=3, quantity=0)))
    open_cart.given(added(2)).when(merge(gone)).then(merged(MergedLine(sku=MUG, offer=None, asked=5, quantity=2)))
    assert open_cart.given(merged(MergedLine(sku=MUG, offer=None, asked=3, quantity=0))).state.lines == ()


def test_a_line_of_both_keeps_the_price_that_the_account_saw_and_a_new_one_that_of_the_guest() -> None:
    state = open_cart.given(added(2), merged(line(5, 5), line(1000, 1000, FUEL, 300))).state
    assert state.lines == (
        Line(MUG, 5, MUG_AT_500.unit_price),
        Line(FUEL, 1000, offer(FUEL, 300).unit_price),
    )


def test_a_full_cart_takes_more_of_what_it_has_and_nothing_new() -> None:
    full = open_cart.given(
        added(1),
        *(ItemAdded(cart_id=CART, offer=offer(Sku(f"S{n}"), 100), quantity=1, at=NOON) for n in range(1, MOST_LINES)),
    )
    fuel = MergedItem(sku=FUEL, quantity=1000, offer=FUEL_AT_349, available=10**6)
    full.when(merge(mugs(1), fuel)).then(
        merged(line(2, 2), MergedLine(sku=FUEL, offer=FUEL_AT_349, asked=1000, quantity=0))
    )


@given(st.integers(0, 20), st.integers(1, 20), st.integers(-5, 40))
def test_a_merged_line_is_at_least_each_of_both_and_at_most_their_sum(own: int, guests: int, available: int) -> None:
    before: Cart = open_cart.given(*([added(own)] if own else [])).state
    facts = cart_decider.decide(before, merge(mugs(guests, available)))
    after = cart_decider.replay(facts, since=before).line(MUG)
    assert after is not None
    assert max(own, guests) <= after.quantity <= own + guests
    assert after.quantity <= max(own, guests, available)
