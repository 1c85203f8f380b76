"""The checkout's table, row by row, until the order is placed."""

from datetime import timedelta
from typing import Any

import pytest

from domain.shared.ids import Sku
from domain.stock.commands import ExtendReservation
from process_managers.engine.process import SetTimer
from tests.process_managers.checkout.checkout_story import (
    LATER,
    RESERVED_UNTIL,
    action,
    all_held,
    asked,
    authorised,
    bought,
    commit,
    committed,
    confirming,
    declined,
    failed,
    gift,
    given,
    held,
    order,
    order_placed,
    paid,
    release,
    released,
    reopen,
    request_payment,
    reserve,
    reserved,
    reserving,
    stop_answer,
    stop_pay,
    stop_reserve,
    timer,
    waiting,
)
from tests.support.builders.sold import CUPS, EAST, MUGS, WEST, euro, from_one, order_line, place
from tests.support.builders.strategies import CUP, MUG, NOON


def test_each_line_is_reserved_at_the_best_warehouse() -> None:
    heard = given().when(bought)
    heard.then(stop_answer, SetTimer(name="reserve", due=NOON + timedelta(seconds=10)), reserve(CUP), reserve(MUG))
    heard.shows("reserving")


def test_nothing_is_known_of_a_checkout_before_it_begins() -> None:
    heard = given().when(reserved(MUG))
    heard.then()
    heard.shows("started")


def test_a_declined_line_is_asked_for_at_the_next_warehouse() -> None:
    reserving.given(reserved(CUP)).when(declined(MUG), LATER).then(reserve(MUG, EAST, LATER))


def test_a_line_that_nobody_has_ends_the_checkout() -> None:
    heard = reserving.given(reserved(CUP), declined(MUG)).when(declined(MUG, EAST))
    heard.then(
        stop_reserve,
        stop_pay,
        release(CUP, "rejected"),
        stop_answer,
        reopen("MUG: 2 were wanted, 0 are available. Remove it from the cart, or try again later."),
    )
    heard.shows("rejected")


def test_stock_that_does_not_answer_in_time_ends_the_checkout() -> None:
    heard = reserving.given(reserved(CUP)).when(timer("reserve"))
    heard.then(
        stop_reserve,
        stop_pay,
        release(CUP, "rejected"),
        stop_answer,
        reopen("The stock did not answer in time. Nothing was taken. Check the cart out again."),
    )
    heard.shows("rejected")


@pytest.mark.parametrize("first", [MUG, CUP])
def test_when_all_is_held_the_money_is_asked_for(first: Sku) -> None:
    second = CUP if first == MUG else MUG
    heard = reserving.given(reserved(first)).when(reserved(second))
    heard.then(stop_reserve, SetTimer(name="pay", due=NOON + timedelta(minutes=14)), request_payment)
    heard.shows("reserved")


def test_the_time_to_pay_counts_from_the_earliest_reservation() -> None:
    later = reserved(CUP, until=RESERVED_UNTIL + timedelta(minutes=1))
    reserving.given(later).when(reserved(MUG)).then(
        stop_reserve, SetTimer(name="pay", due=NOON + timedelta(minutes=14)), request_payment
    )


def test_an_asked_payment_is_waited_for() -> None:
    heard = all_held.when(asked)
    heard.then()
    heard.shows("awaiting payment")


@pytest.mark.parametrize("before", [all_held, waiting])
def test_a_shopper_who_has_to_prove_who_they_are_gets_more_time_once(before: Any) -> None:
    until = RESERVED_UNTIL + timedelta(minutes=15)
    more = (
        SetTimer(name="pay", due=NOON + timedelta(minutes=29)),
        ExtendReservation(**held(CUP), expires_at=until),
        ExtendReservation(**held(MUG), expires_at=until),
    )
    before.when(action).then(*more)
    before.given(action).when(action).then(*more)


def test_a_failed_attempt_may_be_repeated_until_time_is_over() -> None:
    heard = waiting.when(failed)
    heard.then()
    heard.shows("awaiting payment")


@pytest.mark.parametrize("before", [all_held, waiting])
def test_held_money_commits_every_line(before: Any) -> None:
    heard = before.when(authorised)
    heard.then(stop_reserve, stop_pay, commit(CUP), commit(MUG))
    heard.shows("authorised")


def test_nothing_to_pay_commits_at_once() -> None:
    heard = given(gift).when(reserved(MUG))
    heard.then(stop_reserve, stop_pay, commit(MUG))
    heard.shows("authorised")
    free = place(lines=(order_line(MUG, WEST, 2, 0),), delivery_price=euro(0), total=euro(0), payment_id=None)
    given(gift, reserved(MUG)).when(committed(MUG)).then(free)


def test_the_order_is_placed_when_every_line_is_committed() -> None:
    paid.when(committed(CUP)).then()
    heard = paid.given(committed(CUP)).when(committed(MUG), LATER)
    heard.then(order)
    heard.shows("confirming")


def test_an_order_is_placed_from_the_warehouses_that_hold_it() -> None:
    heard = given(bought, declined(MUG), reserved(CUP), reserved(MUG, EAST), authorised, committed(CUP)).when(
        committed(MUG, EAST)
    )
    heard.then(place(lines=(from_one(MUGS.priced, EAST), from_one(CUPS.priced, WEST))))


def test_a_placed_order_is_the_end() -> None:
    heard = confirming.when(order_placed)
    heard.then()
    heard.shows("placed")
    confirming.given(order_placed).when(released(MUG)).then()
