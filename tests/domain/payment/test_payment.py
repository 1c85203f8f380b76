"""Money on hold: attempts, the gateway's answers, and how a hold goes back."""

from dataclasses import replace
from typing import Any

import pytest

from domain.payment.commands import RecordVoid
from domain.payment.errors import (
    AmountDiffers,
    AttemptDiffers,
    AttemptNotFound,
    NothingHeld,
    PaymentClosed,
    PaymentNotFound,
    PaymentUnderWay,
)
from domain.payment.events import PaymentEvent
from domain.payment.state import Payment, PaymentPhase
from tests.domain.payment.payment_story import (
    action_required,
    authorise,
    authorised,
    capture,
    capture_requested,
    captured,
    fail,
    fail_capture,
    fail_refund,
    failed,
    given,
    held,
    need_action,
    record_capture,
    record_refund,
    record_void,
    refund,
    refund_requested,
    refunded,
    request,
    requested,
    taken,
    void,
    void_requested,
    voided,
)
from tests.support.builders.sold import ANNA, ORDER, PAYMENT, euro


def test_a_payment_is_held_taken_and_given_back() -> None:
    given().when(request(), authorise(), capture, record_capture(), refund("r", 40), record_refund("r")).then(
        requested(), authorised(), capture_requested, captured(), refund_requested("r", 40), refunded("r", 40)
    )


def test_every_repeat_changes_nothing() -> None:
    given(requested()).when(request()).then()
    held.when(authorise(), need_action(), fail()).then()
    held.given(capture_requested).when(capture, fail()).then()
    taken.when(capture, record_capture(), fail_capture, authorise()).then()
    taken.given(refund_requested("r", 40)).when(refund("r", 40)).then()
    taken.given(refund_requested("r", 40), refunded("r", 40)).when(
        refund("r", 40), record_refund("r"), fail_refund("r")
    ).then()
    held.given(void_requested("a")).when(void, authorise()).then()
    held.given(void_requested("a"), voided()).when(void, record_void(), record_void(None), authorise()).then()


@pytest.mark.parametrize(
    "command", [authorise(), need_action(), fail(), capture, record_capture(), fail_capture, void, record_void()]
)
def test_nothing_happens_to_a_payment_that_was_not_requested(command: Any) -> None:
    given().when(command).refused(PaymentNotFound)


def test_only_something_can_be_paid() -> None:
    assert given().when(request(0)).refused(AmountDiffers).field == "amount"
    given().when(request(1)).then(replace(requested(), amount=euro(1)))


def test_what_was_asked_for_is_known_and_nothing_is_held_or_taken_yet() -> None:
    assert given(requested()).state == Payment(
        payment_id=PAYMENT,
        order_id=ORDER,
        customer_id=ANNA,
        phase=PaymentPhase.PENDING,
        attempt=1,
        method="card",
        asked=euro(100),
        authorised=euro(0),
        captured=euro(0),
    )


def test_a_shopper_may_try_again_after_a_failure() -> None:
    given(requested(), failed()).when(request(method="paypal")).then(requested(2, "paypal"))


def test_but_not_with_another_amount() -> None:
    assert given(requested(), failed()).when(request(99)).refused(AmountDiffers).field == "amount"


def test_one_attempt_at_a_time() -> None:
    given(requested()).when(request(method="paypal")).refused(PaymentUnderWay)
    held.when(request()).refused(PaymentUnderWay)
    taken.when(request()).refused(PaymentUnderWay)


def test_who_does_not_confirm_may_pay_otherwise_and_the_attempt_before_is_voided_first() -> None:
    reason = "Another payment method was chosen."
    chosen: list[PaymentEvent] = [failed(reason), void_requested("a", reason), requested(2, "paypal")]
    given(requested(), action_required()).when(request(method="paypal")).then(*chosen)
    after = given(requested(), action_required(), *chosen)
    after.when(authorise(1)).then()
    after.when(RecordVoid(payment_id=PAYMENT, gateway_ref="a")).then(voided("a"))
    after.when(authorise(2, "b")).then(authorised(2, "b"))


def test_an_answer_to_an_attempt_that_nobody_made_is_refused() -> None:
    assert given(requested()).when(authorise(2)).refused(AttemptNotFound).field == "attempt"
    assert given(requested()).when(need_action(2)).refused(AttemptNotFound).field == "attempt"
    assert given(requested()).when(fail(2)).refused(AttemptNotFound).field == "attempt"


@pytest.mark.parametrize("attempt", [0, -1])
@pytest.mark.parametrize("earlier", [[requested()], [requested(), action_required()], [requested(), authorised()]])
def test_an_answer_to_no_attempt_changes_nothing(earlier: list[PaymentEvent], attempt: int) -> None:
    for answer in (authorise(attempt), need_action(attempt), fail(attempt)):
        given(*earlier).when(answer).refused(AttemptDiffers)


def test_an_answer_that_names_an_old_attempt_does_not_void_the_hold_of_the_present_one() -> None:
    second = given(requested(), failed(), requested(2), action_required("b", 2))
    second.when(authorise(1, "b")).refused(AttemptDiffers)
    second.when(authorise(1, "a")).then(void_requested("a", "A newer attempt took this one's place."))


def test_the_bank_may_ask_for_the_shopper() -> None:
    given(requested()).when(need_action(), need_action(), authorise()).then(action_required(), authorised())


def test_a_failure_told_before_the_success_of_the_same_attempt_does_not_count() -> None:
    given(requested(), failed()).when(authorise()).then(authorised())


def test_an_old_attempt_is_not_heard_any_more() -> None:
    given(requested(), failed(), requested(2)).when(fail(), need_action()).then()


def test_a_hold_of_an_old_attempt_goes_back_on_its_own() -> None:
    second = given(requested(), failed(), requested(2))
    stray = void_requested("a", "A newer attempt took this one's place.")
    second.when(authorise(), authorise()).then(stray)
    second.given(stray).when(authorise(2, "b"), record_void(), record_void()).then(authorised(2, "b"), voided())
    assert second.given(stray, authorised(2, "b"), voided()).state.phase == "authorised"
    assert [dict(it.state.strays) for it in (second.given(stray), second.given(stray, voided()))] == [
        {"a": False},
        {"a": True},
    ]


def test_money_is_held_once_only() -> None:
    held.when(authorise(ref="b")).then(void_requested("b", "Money is held once only."))


def test_a_hold_of_another_amount_is_a_failure_and_goes_back() -> None:
    reason = "The gateway holds 0.90 EUR, asked were 1.00 EUR."
    wrong = void_requested("a", reason)
    given(requested()).when(authorise(cents=90)).then(failed(reason), wrong)
    given(requested(), action_required()).when(authorise(cents=90)).then(failed(reason), wrong)
    given(requested(), failed()).when(authorise(cents=90)).then(wrong)
    given(requested(), failed(reason), wrong).when(record_void(), request()).then(voided(), requested(2))


def test_a_hold_is_given_back() -> None:
    held.when(void, record_void(None)).then(void_requested("a"), voided())


def test_a_hold_that_the_gateway_ends_by_itself_is_gone() -> None:
    held.when(record_void()).then(voided())


def test_the_gateway_need_not_wait_for_the_shopper() -> None:
    gone = failed("The gateway did not wait for the shopper any longer.")
    given(requested(), action_required()).when(record_void()).then(gone)


def test_what_is_not_held_cannot_go_back() -> None:
    given(requested()).when(record_void(None)).refused(NothingHeld)
    given(requested()).when(record_void("x")).refused(NothingHeld)
    taken.when(record_void()).refused(NothingHeld)


def test_a_payment_can_be_stopped_before_the_gateway_answers() -> None:
    stopped = given(requested()).given(void_requested(None))
    given(requested()).when(void, void).then(void_requested(None))
    stopped.when(request(method="paypal")).refused(PaymentClosed)
    stopped.when(fail()).then(failed())
    stopped.given(failed()).when(request()).refused(PaymentClosed)
    given(requested(), failed()).when(void).then(void_requested(None))


def test_a_failed_attempt_holds_nothing_that_a_void_could_name() -> None:
    given(requested(), action_required(), failed()).when(void).then(void_requested(None))


def test_a_late_authorisation_is_a_fact_and_can_be_used_or_voided() -> None:
    late = given(requested(), void_requested(None)).given(authorised())
    given(requested(), void_requested(None)).when(authorise()).then(authorised())
    late.when(capture).then(capture_requested)
    late.when(void).then(void_requested("a"))
    assert late.state.stopped is False


def test_a_stopped_payment_does_not_wait_for_the_shopper() -> None:
    reason = "The payment was stopped before the shopper acted."
    given(requested(), void_requested(None)).when(need_action()).then(action_required(), void_requested("a", reason))


def test_a_shopper_who_was_asked_is_not_waited_for_after_a_void() -> None:
    asked = given(requested(), action_required())
    asked.when(void, authorise(), fail(), record_void()).then(void_requested("a"), voided())


def test_a_voided_payment_is_over() -> None:
    over = held.given(void_requested("a"), voided())
    over.when(request()).refused(PaymentClosed)
    over.when(capture).refused(NothingHeld)
    over.when(record_capture()).refused(NothingHeld)
    held.given(void_requested("a")).when(capture).refused(NothingHeld)
