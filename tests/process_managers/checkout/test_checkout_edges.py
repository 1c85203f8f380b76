"""What a checkout does at the edges of its rules: facts of other holds, late facts, refusals that are not its end."""

from dataclasses import replace
from typing import Any

import pytest

from domain.cart.commands import ReopenCart
from domain.order.commands import PlaceOrder
from domain.shared.messages import stored_name
from domain.shared.personal import Sealed
from domain.stock.commands import ExtendReservation, ReleaseReservation
from tests.process_managers.checkout.checkout_story import (
    asked,
    authorised,
    bought,
    committed,
    declined,
    expired,
    failed,
    given,
    paid,
    refused,
    release,
    released,
    reserved,
    reserving,
    stopped,
    timer,
    voided,
    waiting,
)
from tests.support.builders.sold import WEST
from tests.support.builders.strategies import CUP, MUG

other_hold_voided = replace(voided, gateway_ref="b")
back = (released(MUG), released(CUP), stopped)


def test_the_order_is_sent_to_the_address_of_the_checkout() -> None:
    address = Sealed(subject="anna", ciphertext="sealed")
    to_anna = replace(bought, delivery=replace(bought.delivery, address=address))
    story = given(to_anna, reserved(MUG), reserved(CUP), asked, authorised, committed(MUG))
    assert [it.address for it in story.when(committed(CUP)).requests if isinstance(it, PlaceOrder)] == [address]


def test_what_is_held_at_a_warehouse_that_was_given_up_goes_back_and_counts_for_nothing() -> None:
    heard = reserving.given(declined(MUG), reserved(CUP)).when(reserved(MUG, WEST))
    heard.then(release(MUG, "reserving", WEST))
    heard.shows("reserving")
    reserving.given(declined(MUG), timer("reserve")).when(reserved(MUG, WEST)).then(release(MUG, "rejected", WEST))


def test_after_another_try_to_pay_the_cart_waits_for_its_answer_again() -> None:
    heard = waiting.given(failed, replace(asked, attempt=2)).when(timer("pay"))
    heard.shows("expired")
    assert [it for it in heard.requests if isinstance(it, ReopenCart)] == []


def test_money_that_was_given_back_buys_nothing() -> None:
    heard = waiting.given(voided, timer("pay"), *back).when(authorised)
    heard.then()
    heard.shows("expired")


def test_a_hold_of_another_attempt_that_goes_back_ends_nothing_and_stays_known() -> None:
    heard = paid.when(other_hold_voided)
    heard.then()
    heard.shows("authorised")
    again = waiting.given(other_hold_voided, timer("pay"), *back, authorised)
    state: Any = again.state
    assert state.payment.returned == {"b"}
    again.when(reserved(MUG)).shows("reserving")


def test_only_the_timer_of_the_answer_opens_the_cart_of_an_expired_checkout() -> None:
    expired.when(timer("reserve")).then()


@pytest.mark.parametrize(
    ("story", "command", "phase"),
    [
        (waiting, ReleaseReservation, "awaiting payment"),
        (paid, ExtendReservation, "authorised"),
        (paid, ReleaseReservation, "authorised"),
    ],
)
def test_a_refusal_that_is_not_the_end_changes_nothing(story: Any, command: type[object], phase: str) -> None:
    heard = story.when(refused(stored_name(command)))
    heard.then()
    heard.shows(phase)
