"""A cart while it is open."""

from dataclasses import replace
from typing import Any

import pytest

from domain.cart.commands import AbandonCart, CartCommand, OpenCart
from domain.cart.errors import CartExists, CartIsCheckedOut, CartIsClosed, CartIsFull, CartNotFound, NotInCart
from domain.cart.state import Line
from domain.shared.ids import CartId, Sku
from domain.shared.money import CurrencyMismatch, Money
from domain.shared.pricing import Agreement
from domain.shared.require import NotACode, NotACurrency, NumberOutOfBounds, TextOutOfBounds
from tests.domain.cart.story import (
    ANNA,
    BEN,
    CART,
    FUEL_AT_349,
    MUG_AT_500,
    ONE,
    TWO,
    abandon,
    abandoned,
    accept,
    accepted,
    add,
    added,
    agree,
    agreed,
    buy_mug,
    cancel,
    change,
    changed,
    eur,
    given,
    in_dollars,
    mug_bought,
    offer,
    one_mug,
    open_cart,
    opened,
    remove,
    removed,
    reopen,
    reopened,
)
from tests.support.builders.strategies import FUEL, MUG, NOON

MUG_AT_450 = offer(MUG, 450)
CHANGES = [add(MUG_AT_500, 1), change(MUG, 2), remove(MUG), agree(MUG, eur(1)), accept(MUG_AT_450)]


def test_a_cart_is_opened_once() -> None:
    given().when(open_cart(), open_cart()).then(opened)
    assert given(opened).when(open_cart(owner=BEN)).refused(CartExists).field == "cart_id"
    given(opened).when(open_cart(currency="USD")).refused(CartExists)


def test_a_cart_has_a_name_for_addresses_and_a_currency() -> None:
    unnamed = OpenCart(cart_id=CartId("a b"), owner=ANNA, currency="EUR", at=NOON)
    assert given().when(unnamed).refused(NotACode).field == "cart_id"
    assert given().when(open_cart(currency="euro")).refused(NotACurrency).field == "currency"


@pytest.mark.parametrize("ask", [*CHANGES, buy_mug, cancel(), reopen(), abandon])
def test_what_was_not_opened_can_be_asked_for_nothing(ask: CartCommand) -> None:
    given().when(ask).refused(CartNotFound)


@pytest.mark.parametrize("ask", CHANGES)
def test_only_an_open_cart_changes(ask: CartCommand) -> None:
    assert one_mug.given(mug_bought).when(ask).refused(CartIsCheckedOut).checkout_id == mug_bought.checkout_id
    one_mug.given(abandoned).when(ask).refused(CartIsClosed)
    one_mug.given(mug_bought, reopened()).when(remove(MUG)).then(removed(MUG))


def test_units_of_the_same_thing_add_up() -> None:
    given(opened).when(add(MUG_AT_500, 1), add(MUG_AT_500, 2)).then(added(MUG_AT_500, 1), added(MUG_AT_500, 2))
    assert one_mug.given(added(MUG_AT_500, 2)).state.lines == (Line(MUG, 3, MUG_AT_500.unit_price),)


def test_adding_again_takes_the_price_of_now() -> None:
    assert one_mug.given(added(MUG_AT_450, 1)).state.lines == (Line(MUG, 2, MUG_AT_450.unit_price),)


def test_lines_stay_in_the_order_of_adding() -> None:
    both = one_mug.given(added(FUEL_AT_349, 7), added(MUG_AT_500, 1), changed(MUG, 5)).state
    assert [line.sku for line in both.lines] == [MUG, FUEL]


@pytest.mark.parametrize("quantity", [-1, 0, 1_001])
def test_a_quantity_is_between_one_and_a_thousand(quantity: int) -> None:
    assert given(opened).when(add(MUG_AT_500, quantity)).refused(NumberOutOfBounds).field == "quantity"
    assert one_mug.when(change(MUG, quantity)).refused(NumberOutOfBounds).field == "quantity"


def test_a_thousand_is_the_most_also_when_added_bit_by_bit() -> None:
    one_mug.when(add(MUG_AT_500, 999)).then(added(MUG_AT_500, 999))
    one_mug.when(add(MUG_AT_500, 1_000)).refused(NumberOutOfBounds)
    one_mug.when(add(MUG_AT_500, 999), add(MUG_AT_500, 1)).refused(NumberOutOfBounds)


def test_taking_away_is_not_adding_less_than_nothing() -> None:
    given(opened, added(MUG_AT_500, 5)).when(add(MUG_AT_500, -1)).refused(NumberOutOfBounds)


def test_fuel_is_counted_in_thousandths() -> None:
    given(opened).when(add(FUEL_AT_349, 1_000_000)).then(added(FUEL_AT_349, 1_000_000))
    given(opened).when(add(FUEL_AT_349, 1_000_001)).refused(NumberOutOfBounds)
    given(opened, added(FUEL_AT_349, 1)).when(change(FUEL, 1_000_000)).then(changed(FUEL, 1_000_000))


def test_a_cart_has_one_currency() -> None:
    assert given(opened).when(add(in_dollars(MUG_AT_500), 1)).refused(CurrencyMismatch).field == "offer"
    assert one_mug.when(accept(in_dollars(MUG_AT_500))).refused(CurrencyMismatch).field == "offer"
    assert one_mug.when(agree(MUG, Money(1, "USD"))).refused(CurrencyMismatch).field == "total"


def test_a_cart_holds_two_hundred_different_things() -> None:
    many = [added(offer(Sku(f"S{n}"), 1), 1) for n in range(200)]
    given(opened, *many).when(add(MUG_AT_500, 1)).refused(CartIsFull)
    more = offer(Sku("S7"), 1)
    given(opened, *many).when(add(more, 1)).then(added(more, 1))
    given(opened, *many[1:]).when(add(MUG_AT_500, 1)).then(added(MUG_AT_500, 1))


def test_a_quantity_is_changed() -> None:
    one_mug.when(change(MUG, 3), change(MUG, 3)).then(changed(MUG, 3))
    assert one_mug.given(changed(MUG, 3)).state.lines == (Line(MUG, 3, MUG_AT_500.unit_price),)


def test_an_item_is_removed() -> None:
    one_mug.when(remove(MUG), remove(MUG)).then(removed(MUG))
    assert one_mug.given(removed(MUG)).state.lines == ()


@pytest.mark.parametrize("ask", [change(FUEL, 1), agree(FUEL, eur(1)), accept(FUEL_AT_349)])
def test_only_what_is_in_the_cart_changes(ask: CartCommand) -> None:
    assert one_mug.when(ask).refused(NotInCart).field == "sku"


def test_staff_agree_a_price_for_a_whole_line() -> None:
    one_mug.when(agree(MUG, eur(400)), agree(MUG, eur(400))).then(agreed(MUG, eur(400)))
    state = one_mug.given(agreed(MUG, eur(400))).state
    assert state.lines == (Line(MUG, 1, MUG_AT_500.unit_price, Agreement(eur(400), "scratched")),)


def test_another_price_or_another_reason_is_another_agreement() -> None:
    granted = one_mug.given(agreed(MUG, eur(400)))
    granted.when(agree(MUG, eur(0))).then(agreed(MUG, eur(0)))
    granted.when(agree(MUG, eur(10**12))).then(agreed(MUG, eur(10**12)))
    granted.when(agree(MUG, eur(400), "a friend")).then(agreed(MUG, eur(400), "a friend"))


def test_an_agreement_ends_when_the_quantity_changes() -> None:
    granted = one_mug.given(agreed(MUG, eur(400)))
    assert granted.given(changed(MUG, 2)).state.lines == (Line(MUG, 2, MUG_AT_500.unit_price),)
    assert granted.given(added(MUG_AT_500, 1)).state.lines == (Line(MUG, 2, MUG_AT_500.unit_price),)


def test_an_agreement_outlives_a_price_change() -> None:
    granted = one_mug.given(agreed(MUG, eur(400)), accepted(MUG_AT_450)).state
    assert granted.lines == (Line(MUG, 1, MUG_AT_450.unit_price, Agreement(eur(400), "scratched")),)


@pytest.mark.parametrize("total", [-1, 10**12 + 1])
def test_an_agreed_price_is_neither_negative_nor_huge(total: int) -> None:
    assert one_mug.when(agree(MUG, eur(total))).refused(NumberOutOfBounds).field == "total"


def test_an_agreement_has_a_reason() -> None:
    assert one_mug.when(agree(MUG, eur(1), " ")).refused(TextOutOfBounds).field == "reason"


def test_the_shopper_accepts_a_changed_price() -> None:
    one_mug.when(accept(MUG_AT_450), accept(MUG_AT_450)).then(accepted(MUG_AT_450))
    one_mug.when(accept(MUG_AT_500)).then()
    assert one_mug.given(accepted(MUG_AT_450)).state.lines == (Line(MUG, 1, MUG_AT_450.unit_price),)


def test_a_price_for_fewer_units_may_leave_too_many_in_the_cart() -> None:
    full = given(opened, added(FUEL_AT_349, 5_000))
    full.when(accept(offer(FUEL, 1))).refused(NumberOutOfBounds)


def test_an_idle_cart_is_abandoned() -> None:
    one_mug.when(abandon, abandon).then(abandoned)
    given(opened).when(abandon).then(abandoned)


def test_a_cart_that_was_touched_since_is_kept() -> None:
    one_mug.when(AbandonCart(cart_id=CART, idle_since=NOON)).then()


@pytest.mark.parametrize(
    "change",
    [
        added(FUEL_AT_349, 7),
        changed(MUG, 3),
        agreed(MUG, eur(400)),
        accepted(MUG_AT_450),
        removed(MUG),
    ],
)
def test_every_change_touches_the_cart(change: Any) -> None:
    touched = one_mug.given(replace(change, at=TWO))
    touched.when(AbandonCart(cart_id=CART, idle_since=ONE)).then()
    touched.when(AbandonCart(cart_id=CART, idle_since=TWO)).then(abandoned)


def test_a_checkout_that_came_to_nothing_has_touched_the_cart() -> None:
    one_mug.given(mug_bought, reopened()).when(AbandonCart(cart_id=CART, idle_since=ONE)).then()


def test_a_cart_under_checkout_is_kept() -> None:
    one_mug.given(mug_bought).when(AbandonCart(cart_id=CART, idle_since=TWO)).then()
    one_mug.given(mug_bought, reopened()).when(AbandonCart(cart_id=CART, idle_since=TWO)).then(abandoned)
