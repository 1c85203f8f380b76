"""Checking a cart out: the shopper's word, and how often it is given."""

from dataclasses import replace

import pytest

from domain.cart.commands import CheckOutCart
from domain.cart.errors import (
    CartIsCheckedOut,
    CartIsClosed,
    CartIsEmpty,
    CheckoutIdUsed,
    CheckoutNotFound,
    NoLongerSold,
    NoWarehouse,
    PriceChanged,
    TotalChanged,
)
from domain.shared.errors import DomainError
from domain.shared.ids import CheckoutId
from domain.shared.money import CurrencyMismatch, Money
from domain.shared.personal import Sealed
from domain.shared.require import NotACode, NumberOutOfBounds, TextOutOfBounds
from tests.domain.cart.story import (
    FIRST,
    FUEL_AT_349,
    MUG_AT_500,
    POST,
    SECOND,
    abandoned,
    accepted,
    added,
    agreed,
    buy_mug,
    cancel,
    cancelled,
    check_out,
    checked_out,
    eur,
    given,
    in_dollars,
    line,
    mug_bought,
    offer,
    one_mug,
    opened,
    removed,
    reopen,
    reopened,
)
from tests.support.builders.strategies import FUEL, MUG

MUG_AT_450 = offer(MUG, 450)


def test_what_is_bought_is_told_with_its_price_explained() -> None:
    cart = given(opened, added(MUG_AT_500, 2), added(FUEL_AT_349, 1_500))
    mugs = line(MUG_AT_500, 2, ("list", 1_000, "2 x 5.00 EUR"))
    fuel = line(FUEL_AT_349, 1_500, ("list", 524, "1500 x 3.49 EUR per 1000"))
    cart.when(check_out(FUEL_AT_349, MUG_AT_500, seen=1_923)).then(checked_out(mugs, fuel, total=1_923))


def test_an_agreed_price_is_a_step_with_its_reason() -> None:
    granted = one_mug.given(agreed(MUG, eur(450)))
    mug = line(MUG_AT_500, 1, ("list", 500, "1 x 5.00 EUR"), ("agreed", -50, "scratched"))
    granted.when(check_out(MUG_AT_500, seen=849)).then(checked_out(mug, total=849))


def test_an_agreed_price_holds_whatever_the_catalogue_says_now() -> None:
    granted = one_mug.given(agreed(MUG, eur(460)))
    mug = line(MUG_AT_450, 1, ("list", 450, "1 x 4.50 EUR"), ("agreed", 10, "scratched"))
    granted.when(check_out(MUG_AT_450, seen=859)).then(checked_out(mug, total=859))


def test_what_was_given_away_may_cost_nothing() -> None:
    free = replace(POST, price=eur(0))
    gift = line(MUG_AT_500, 1, ("list", 500, "1 x 5.00 EUR"), ("agreed", -500, "scratched"))
    one_mug.given(agreed(MUG, eur(0))).when(check_out(MUG_AT_500, seen=0, delivery=free)).then(
        checked_out(gift, total=0, delivery=free)
    )


def test_an_empty_cart_is_not_bought() -> None:
    given(opened).when(check_out(seen=399)).refused(CartIsEmpty)
    one_mug.given(removed(MUG)).when(buy_mug).refused(CartIsEmpty)


def test_an_abandoned_cart_is_not_bought() -> None:
    one_mug.given(abandoned).when(buy_mug).refused(CartIsClosed)


def test_what_is_not_sold_any_more_is_named() -> None:
    refusal = one_mug.when(check_out(FUEL_AT_349, seen=899)).refused(NoLongerSold)
    assert refusal.sku == MUG
    assert refusal.detail == "MUG is not sold any more. Remove it from the cart."


def test_a_changed_price_goes_back_to_the_shopper() -> None:
    refusal = one_mug.when(check_out(MUG_AT_450, seen=899)).refused(PriceChanged)
    assert (refusal.sku, refusal.seen, refusal.current) == (MUG, MUG_AT_500.unit_price, MUG_AT_450.unit_price)
    assert refusal.detail == "MUG was seen at 5.00 EUR and now costs 4.50 EUR. Accept the new price or remove it."


def test_a_price_for_another_number_of_units_is_a_changed_price() -> None:
    fuel = given(opened, added(FUEL_AT_349, 1_000))
    fuel.when(check_out(offer(FUEL, 349), seen=748)).refused(PriceChanged)


def test_an_accepted_price_is_a_seen_price() -> None:
    mug = line(MUG_AT_450, 1, ("list", 450, "1 x 4.50 EUR"))
    one_mug.given(accepted(MUG_AT_450)).when(check_out(MUG_AT_450, seen=849)).then(checked_out(mug, total=849))


@pytest.mark.parametrize("seen", [898, 900, 500, 0])
def test_another_total_than_the_shopper_saw_goes_back_to_the_shopper(seen: int) -> None:
    refusal = one_mug.when(check_out(MUG_AT_500, seen=seen)).refused(TotalChanged)
    assert (refusal.seen, refusal.current) == (eur(seen), eur(899))
    assert refusal.field == "total_seen"


def test_the_total_is_in_the_currency_of_the_cart() -> None:
    one_mug.when(replace(buy_mug, total_seen=Money(899, "USD"))).refused(TotalChanged)
    assert one_mug.when(check_out(in_dollars(MUG_AT_500), seen=899)).refused(CurrencyMismatch).field == "offers"
    dollars = replace(POST, price=Money(399, "USD"))
    assert one_mug.when(replace(buy_mug, delivery=dollars)).refused(CurrencyMismatch).field == "delivery.price"


@pytest.mark.parametrize(
    ("ask", "error", "field"),
    [
        (replace(buy_mug, payment_method=""), TextOutOfBounds, "payment_method"),
        (replace(buy_mug, delivery=replace(POST, method="")), TextOutOfBounds, "delivery.method"),
        (replace(buy_mug, delivery=replace(POST, price=eur(-1))), NumberOutOfBounds, "delivery.price"),
        (replace(buy_mug, delivery=replace(POST, warehouses=())), NoWarehouse, "delivery.warehouses"),
        (replace(buy_mug, checkout_id=CheckoutId("a/b")), NotACode, "checkout_id"),
    ],
)
def test_a_checkout_says_how_to_pay_and_to_deliver(ask: CheckOutCart, error: type[DomainError], field: str) -> None:
    assert one_mug.when(ask).refused(error).field == field


def test_a_cart_has_one_live_checkout() -> None:
    one_mug.when(buy_mug, buy_mug).then(mug_bought)
    refusal = one_mug.given(mug_bought).when(replace(buy_mug, checkout_id=SECOND)).refused(CartIsCheckedOut)
    assert refusal.checkout_id == FIRST


def test_a_checkout_that_came_to_nothing_gives_the_cart_back() -> None:
    again = replace(buy_mug, checkout_id=SECOND)
    bought_again = replace(mug_bought, checkout_id=SECOND)
    one_mug.given(mug_bought).when(reopen(), again).then(reopened(), bought_again)


def test_only_the_live_checkout_gives_the_cart_back() -> None:
    one_mug.when(reopen()).then()
    one_mug.given(mug_bought).when(reopen(SECOND)).then()
    one_mug.given(mug_bought).when(reopen(), reopen()).then(reopened())


def test_a_late_end_of_an_earlier_checkout_leaves_the_live_one_alone() -> None:
    second = replace(mug_bought, checkout_id=SECOND)
    one_mug.given(mug_bought, reopened(), second).when(reopen(FIRST)).then()


def test_the_id_of_an_ended_checkout_is_not_used_again() -> None:
    one_mug.given(mug_bought, reopened()).when(buy_mug).refused(CheckoutIdUsed)


def test_the_shopper_may_call_a_checkout_off_once() -> None:
    one_mug.given(mug_bought).when(cancel(), cancel()).then(cancelled())


def test_a_cart_stays_closed_until_its_checkout_has_come_to_nothing() -> None:
    one_mug.given(mug_bought, cancelled()).when(replace(buy_mug, checkout_id=SECOND)).refused(CartIsCheckedOut)
    one_mug.given(mug_bought, cancelled()).when(reopen()).then(reopened())


def test_a_new_checkout_is_not_called_off_with_the_old_one() -> None:
    second = replace(mug_bought, checkout_id=SECOND)
    third = one_mug.given(mug_bought, cancelled(), reopened(), second)
    third.when(cancel(FIRST)).then()
    third.when(cancel(SECOND)).then(cancelled(SECOND))


def test_only_a_checkout_that_was_begun_is_called_off() -> None:
    assert one_mug.when(cancel()).refused(CheckoutNotFound).field == "checkout_id"
    one_mug.given(mug_bought).when(cancel(SECOND)).refused(CheckoutNotFound)


def test_the_address_for_mails_is_kept_with_the_checkout() -> None:
    contact = Sealed(subject="anna", ciphertext="x")
    one_mug.when(replace(buy_mug, contact=contact)).then(replace(mug_bought, contact=contact))
