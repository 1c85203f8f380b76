"""How a checkout ends without an order, and what may come after the end."""

from datetime import timedelta
from typing import Any

import pytest

from domain.order.commands import CancelOrder
from domain.payment.commands import RequestRefund
from domain.shared.ids import OrderId, RefundId
from domain.stock.commands import ReleaseReservation
from process_managers.checkout.process import CHECKOUT
from process_managers.engine.process import SetTimer
from tests.process_managers.checkout.checkout_story import (
    LATER,
    TOO_LATE,
    all_held,
    asked,
    authorised,
    bought,
    commit,
    committed,
    confirming,
    declined,
    expired,
    failed,
    order,
    order_placed,
    paid,
    refused,
    release,
    released,
    reopen,
    reserve,
    reserved,
    reserving,
    stop_answer,
    stop_pay,
    stop_reserve,
    stopped,
    timer,
    void,
    voided,
    voiding,
    waiting,
    wish,
)
from tests.support.builders.sold import EAST, ORDER, PAYMENT, WEST, euro
from tests.support.builders.strategies import CUP, MUG, NOON


def test_time_to_pay_is_over() -> None:
    heard = waiting.when(timer("pay"), LATER)
    heard.shows("expired")
    heard.then(
        stop_reserve,
        stop_pay,
        void(),
        release(CUP, "expired"),
        release(MUG, "expired"),
        SetTimer(name="answer", due=LATER + timedelta(minutes=15)),
    )


def test_after_a_failed_attempt_the_cart_opens_at_once() -> None:
    heard = waiting.given(failed).when(timer("pay"))
    assert reopen(TOO_LATE) in heard.requests
    assert stop_answer in heard.requests


def test_a_reservation_that_runs_out_ends_the_waiting() -> None:
    heard = waiting.when(released(MUG))
    heard.then(
        stop_reserve,
        stop_pay,
        void("MUG could not be held any longer. Nothing was taken. Check the cart out again."),
        release(CUP, "expired"),
        release(MUG, "expired"),
        SetTimer(name="answer", due=NOON + timedelta(minutes=15)),
    )
    heard.shows("expired")


def test_a_reservation_that_is_gone_after_payment_rejects_the_checkout() -> None:
    why = "MUG could not be held any longer. Nothing was taken. Check the cart out again."
    heard = paid.given(committed(CUP)).when(released(MUG))
    heard.then(
        stop_reserve, stop_pay, void(why), release(CUP, "rejected"), release(MUG, "rejected"), stop_answer, reopen(why)
    )
    heard.shows("rejected")


@pytest.mark.parametrize(
    ("before", "command", "phase"),
    [
        (reserving, "stock.reserve.v1", "rejected"),
        (all_held, "payment.request.v1", "rejected"),
        (waiting, "stock.extend_reservation.v1", "expired"),
        (paid, "stock.commit_reservation.v1", "rejected"),
        (confirming, "order.place.v1", "rejected"),
        (confirming, "order.place.v3", "rejected"),
    ],
)
def test_a_refusal_on_the_way_ends_the_checkout(before: Any, command: str, phase: str) -> None:
    heard = before.when(refused(command))
    heard.shows(phase)
    released = {request.sku for request in heard.requests if isinstance(request, ReleaseReservation)}
    assert released == {
        sku for sku, line in before.state.lines.items() if line.parts[WEST].hold in ("held", "committed")
    }
    assert (void("No.") in heard.requests) == (before is not reserving)


def test_money_that_is_gone_before_the_order_rejects_the_checkout() -> None:
    heard = paid.when(voided)
    heard.shows("rejected")
    assert release(MUG, "rejected") in heard.requests


def test_what_is_held_after_the_end_goes_back() -> None:
    rejected = reserving.given(timer("reserve"))
    rejected.when(reserved(MUG)).then(release(MUG, "rejected"))
    rejected.when(committed(MUG)).then(release(MUG, "rejected"))
    rejected.when(declined(MUG)).then()
    rejected.when(authorised).then(
        void("The stock did not answer in time. Nothing was taken. Check the cart out again.")
    )


def test_what_is_held_elsewhere_goes_back() -> None:
    reserving.given(declined(MUG)).when(reserved(MUG)).then(release(MUG, "reserving"))


def test_the_gateway_s_last_word_opens_the_cart() -> None:
    for word in (failed, voided, voiding):
        expired.when(word).then(stop_answer, reopen(TOO_LATE))
    expired.when(stopped).then()
    expired.when(timer("answer")).then(stop_answer, reopen(TOO_LATE))
    expired.given(timer("answer")).when(failed).then()


late = expired.given(released(MUG), released(CUP), stopped)


@pytest.mark.parametrize(
    "facts",
    [
        (authorised, released(MUG), stopped),
        (stopped, released(MUG), authorised),
        (authorised, stopped, released(MUG)),
    ],
)
def test_late_money_reserves_everything_again_once_all_is_known(facts: tuple[Any, ...]) -> None:
    story = expired.given(released(CUP))
    for fact in facts[:-1]:
        story.when(fact).then()
        story = story.given(fact)
    heard = story.when(facts[-1], LATER)
    heard.then(
        stop_answer,
        SetTimer(name="reserve", due=LATER + timedelta(seconds=10)),
        reserve(CUP, at=LATER),
        reserve(MUG, at=LATER),
    )
    heard.shows("reserving")


def test_late_money_with_stock_places_the_order() -> None:
    again = late.given(authorised)
    heard = again.given(reserved(MUG)).when(reserved(CUP))
    heard.then(stop_reserve, stop_pay, commit(CUP), commit(MUG))
    again.given(reserved(MUG), reserved(CUP), committed(MUG)).when(committed(CUP)).then(order)


def test_late_money_without_stock_goes_back() -> None:
    again = late.given(authorised, reserved(CUP), declined(MUG))
    why = "MUG: 2 were wanted, 0 are available. Remove it from the cart, or try again later."
    again.when(declined(MUG, EAST)).then(
        stop_reserve, stop_pay, void(why), release(CUP, "rejected"), stop_answer, reopen(why)
    )
    late.given(authorised).when(voiding).shows("rejected")


def test_money_that_comes_after_the_cart_was_opened_goes_back() -> None:
    late.given(timer("answer")).when(authorised).then(void())
    expired.given(released(MUG), stopped, authorised).when(timer("answer")).then(void(), stop_answer, reopen(TOO_LATE))


def test_money_that_goes_back_already_is_not_late_money() -> None:
    story = expired.given(released(MUG), released(CUP), voiding)
    story.when(authorised).then(void())
    story.when(authorised).shows("expired")


@pytest.mark.parametrize("before", [reserving, all_held, waiting, paid])
def test_a_shopper_may_cancel_until_the_order_is_placed(before: Any) -> None:
    heard = before.when(wish)
    heard.shows("cancelled")
    assert reopen("The shopper cancelled.") in heard.requests
    assert (void("The shopper cancelled.") in heard.requests) == (before is not reserving)


def test_a_cancelled_checkout_does_not_come_back() -> None:
    waiting.given(wish, stopped, released(MUG), released(CUP)).when(authorised).then(void("The shopper cancelled."))


def test_a_shopper_need_not_wait_for_the_gateway_s_last_word() -> None:
    heard = late.when(wish)
    heard.shows("cancelled")
    assert reopen("The shopper cancelled.") in heard.requests


def test_too_late_a_wish_cancels_the_order() -> None:
    cancel = CancelOrder(order_id=OrderId(ORDER), reason="The shopper cancelled.")
    confirming.when(wish).then()
    confirming.given(wish).when(order_placed).then(cancel)
    confirming.given(order_placed).when(wish).then(cancel)


def test_a_void_that_came_before_the_payment_is_asked_for_again() -> None:
    too_early = refused("payment.request_void.v1", "PaymentNotFound")
    lost = all_held.given(timer("pay"))
    lost.when(too_early).then()
    lost.given(too_early).when(asked).then(void())
    lost.when(asked).then()
    lost.given(asked).when(too_early).then(void())


def test_money_that_was_taken_meanwhile_is_refunded() -> None:
    expired.when(refused("payment.request_void.v1", "MoneyAlreadyTaken")).then(
        RequestRefund(payment_id=PAYMENT, refund_id=RefundId("one.checkout"), amount=euro(208), reason=TOO_LATE)
    )


@pytest.mark.parametrize("command", ["payment.request_void.v1", "payment.request_refund.v1"])
def test_money_that_cannot_be_given_back_needs_attention(command: str) -> None:
    heard = expired.when(refused(command, detail="It is Sunday."))
    heard.then()
    heard.shows("needs attention", "The money could not be given back. It is Sunday.")


def test_other_refusals_and_timers_change_nothing() -> None:
    expired.when(refused("cart.reopen.v1")).then()
    waiting.when(timer("reserve")).then()
    paid.when(timer("pay")).then()
    waiting.when(timer("answer")).then()


def test_every_fact_finds_its_checkout() -> None:
    for fact in (bought, wish, reserved(MUG), asked, order_placed):
        assert CHECKOUT.instance_of(fact) == ORDER


def test_an_equal_fact_that_comes_again_ends_nothing_again() -> None:
    cancelled = waiting.given(wish)
    cancelled.when(wish).then()
    cancelled.given(wish).when(wish).shows("cancelled")
