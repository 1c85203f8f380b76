"""Part captures, holds that expire, and what somebody does at the gateway without us."""

from dataclasses import replace

from domain.payment.commands import RequestCapture
from domain.payment.errors import AmountDiffers, NothingHeld, NothingTaken, PaymentUnderWay, RefundTooHigh
from domain.shared.money import CurrencyMismatch, Money
from tests.domain.payment.payment_story import (
    action_required,
    authorise,
    authorised,
    capture,
    capture_requested,
    captured,
    expire,
    expired,
    fail_refund,
    failed,
    given,
    held,
    outside_refund,
    part_of,
    part_requested,
    record_capture,
    record_refund,
    refund,
    refund_failed,
    refund_requested,
    refunded,
    refunded_outside,
    request,
    requested,
    taken,
    void,
    void_requested,
    voided,
)
from tests.support.builders.sold import PAYMENT, euro

again = held.given(expired(), requested(2))


def test_a_part_of_the_hold_is_taken_and_the_rest_released() -> None:
    held.when(part_of(30), part_of(30), record_capture(30)).then(part_requested(30), captured(30))
    state = held.given(part_requested(30), captured(30)).state
    assert (state.captured, state.released, state.refundable) == (euro(30), euro(70), euro(30))
    assert not state.captured_outside


def test_no_more_is_taken_than_is_held_and_nothing_in_another_currency() -> None:
    assert held.when(part_of(101)).refused(AmountDiffers).field == "amount"
    held.when(part_of(0)).refused(AmountDiffers)
    held.when(RequestCapture(payment_id=PAYMENT, amount=Money(1, "USD"))).refused(CurrencyMismatch)


def test_a_capture_made_outside_counts_with_its_own_amount() -> None:
    """C37: of 20.00 held, 5.00 were taken in the gateway's dashboard."""
    twenty = given(replace(requested(), amount=euro(2000)), replace(authorised(), amount=euro(2000)))
    twenty.when(record_capture(500, "a")).then(captured(500))
    outside = twenty.given(captured(500))
    assert (outside.state.captured, outside.state.released) == (euro(500), euro(1500))
    assert outside.state.captured_outside
    outside.when(refund("r", 501)).refused(RefundTooHigh)
    outside.when(refund("r", 200)).then(refund_requested("r", 200))


def test_a_capture_made_outside_while_another_was_asked_for_is_known_as_such() -> None:
    assert held.given(capture_requested, captured(40)).state.captured_outside
    assert not taken.state.captured_outside


def test_a_capture_of_another_hold_is_not_this_one() -> None:
    assert held.when(record_capture(100, "b")).refused(NothingHeld).field == "gateway_ref"


def test_a_hold_expires_once_and_the_shopper_may_pay_again() -> None:
    for before in (held, held.given(capture_requested)):
        before.when(expire(), expire(), request(method="paypal")).then(expired(), requested(2, "paypal"))


def test_after_an_expired_hold_less_may_be_due_but_never_more() -> None:
    gone = held.given(expired())
    gone.when(request(60)).then(replace(requested(2), amount=euro(60)))
    assert gone.when(request(101)).refused(AmountDiffers).field == "amount"
    given(requested(), failed()).when(request(60)).refused(AmountDiffers)


def test_nothing_of_an_expired_hold_is_taken_voided_or_heard_again() -> None:
    gone = held.given(expired())
    gone.when(capture).refused(NothingHeld)
    gone.when(record_capture(100, "a")).refused(NothingHeld)
    gone.when(authorise()).then()
    gone.when(void).then(void_requested(None))
    assert gone.state.released == euro(100)
    again.when(expire(), authorise(), authorise(2, "b")).then(authorised(2, "b"))
    again.given(authorised(2, "b")).when(expire("a")).then()
    again.when(request(method="paypal")).refused(PaymentUnderWay)


def test_a_hold_that_was_to_go_back_has_gone_back_when_it_expires() -> None:
    held.given(void_requested("a")).when(expire(), expire()).then(voided())
    second = given(requested(), failed(), requested(2), void_requested("a"))
    second.when(expire("a"), expire("a")).then(voided("a"))


def test_a_taken_hold_does_not_expire() -> None:
    taken.when(expire()).then()


def test_the_gateway_may_stop_waiting_for_the_shopper() -> None:
    reason = "The gateway did not wait for the shopper any longer."
    given(requested(), action_required()).when(expire()).then(failed(reason))


def test_an_unknown_hold_does_not_expire() -> None:
    given(requested()).when(expire("x")).refused(NothingHeld)


def test_a_refund_made_outside_leaves_less_to_refund() -> None:
    taken.when(outside_refund("re_1", 30), outside_refund("re_1", 30)).then(refunded_outside("re_1", 30))
    less = taken.given(refunded_outside("re_1", 30))
    assert (less.state.refunded, less.state.refundable) == (euro(30), euro(70))
    less.when(refund("r", 71)).refused(RefundTooHigh)
    less.when(outside_refund("re_2", 71)).refused(RefundTooHigh)


def test_a_refund_made_outside_may_leave_too_little_for_one_of_ours() -> None:
    both = taken.given(refund_requested("r", 60), refunded_outside("re_1", 60))
    assert both.state.refundable == euro(0)
    both.when(record_refund("r", "re_2")).refused(RefundTooHigh)
    both.when(fail_refund("r", "re_2")).then(refund_failed("r", "re_2"))


def test_a_refund_made_outside_may_fail_later() -> None:
    made = taken.given(refunded_outside("re_1", 30))
    made.when(fail_refund("re_1", "re_1"), outside_refund("re_1", 30)).then(refund_failed("re_1", "re_1"))
    assert made.given(refund_failed("re_1", "re_1")).state.refundable == euro(100)


def test_a_refund_of_ours_is_none_made_outside() -> None:
    taken.given(refund_requested("r", 30), refunded("r", 30, "re_1")).when(outside_refund("re_1", 30)).then()


def test_only_something_that_was_taken_goes_back_outside() -> None:
    held.when(outside_refund("re_1", 1)).refused(NothingTaken)
    assert taken.when(outside_refund("re_1", 0)).refused(AmountDiffers).field == "amount"


def test_a_refund_may_fail_days_after_it_had_succeeded() -> None:
    asked = taken.given(refund_requested("r", 60))
    asked.when(record_refund("r", "re_1"), fail_refund("r", "re_1"), fail_refund("r", "re_1")).then(
        refunded("r", 60, "re_1"), refund_failed("r", "re_1")
    )
    state = asked.given(refunded("r", 60, "re_1"), refund_failed("r", "re_1")).state
    assert (state.refunded, state.refundable) == (euro(0), euro(100))


def test_what_failed_for_good_does_not_succeed_when_its_success_is_told_late() -> None:
    asked = taken.given(refund_requested("r", 60))
    asked.when(fail_refund("r", "re_1"), record_refund("r", "re_1")).then(refund_failed("r", "re_1"))


def test_a_failure_is_of_the_try_that_it_names() -> None:
    twice = taken.given(refund_requested("r", 60), refund_failed("r", "re_1"), refund_requested("r", 60))
    twice.when(fail_refund("r", "re_1"), record_refund("r", "re_2"), fail_refund("r", "re_1")).then(
        refunded("r", 60, "re_2")
    )
