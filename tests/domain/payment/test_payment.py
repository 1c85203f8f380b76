"""What a payment allows, and what it makes of the gateway's answers."""

from datetime import timedelta
from typing import Any

import pytest

from domain.payment import commands as ask
from domain.payment import events as fact
from domain.payment.decider import payment_decider
from domain.payment.errors import (
    AmountDiffers,
    AttemptNotFound,
    MoneyAlreadyTaken,
    NothingHeld,
    NothingTaken,
    PaymentClosed,
    PaymentNotFound,
    PaymentUnderWay,
    RefundNotFound,
    RefundTooHigh,
)
from domain.shared.ids import RefundId
from domain.shared.money import CurrencyMismatch, Money
from tests.support.sold import ANNA, ORDER, PAYMENT, euro
from tests.support.spec import Spec
from tests.support.strategies import NOON

given = Spec(payment_decider).given
WHICH: dict[str, Any] = {"payment_id": PAYMENT, "order_id": ORDER}
WEEK = NOON + timedelta(days=7)
URL = "https://bank.example/3ds"


def request(cents: int = 100, method: str = "card") -> ask.RequestPayment:
    return ask.RequestPayment(**WHICH, customer_id=ANNA, amount=euro(cents), method=method)


def requested(attempt: int = 1, method: str = "card") -> fact.PaymentRequested:
    return fact.PaymentRequested(**WHICH, customer_id=ANNA, attempt=attempt, amount=euro(100), method=method)


def authorise(attempt: int = 1, ref: str = "a", cents: int = 100) -> ask.RecordAuthorisation:
    return ask.RecordAuthorisation(
        payment_id=PAYMENT, attempt=attempt, gateway_ref=ref, amount=euro(cents), capture_before=WEEK
    )


def authorised(attempt: int = 1, ref: str = "a") -> fact.PaymentAuthorised:
    return fact.PaymentAuthorised(**WHICH, attempt=attempt, gateway_ref=ref, amount=euro(100), capture_before=WEEK)


def need_action(attempt: int = 1, ref: str = "a") -> ask.RecordActionRequired:
    return ask.RecordActionRequired(payment_id=PAYMENT, attempt=attempt, gateway_ref=ref, action_url=URL)


def action_required(ref: str = "a") -> fact.PaymentActionRequired:
    return fact.PaymentActionRequired(**WHICH, attempt=1, gateway_ref=ref, action_url=URL)


def fail(attempt: int = 1) -> ask.RecordFailure:
    return ask.RecordFailure(payment_id=PAYMENT, attempt=attempt, reason="Declined")


def failed(reason: str = "Declined") -> fact.PaymentFailed:
    return fact.PaymentFailed(**WHICH, attempt=1, reason=reason)


def void_requested(ref: str | None, reason: str = "Expired") -> fact.VoidRequested:
    return fact.VoidRequested(**WHICH, gateway_ref=ref, reason=reason)


def voided(ref: str = "a") -> fact.PaymentVoided:
    return fact.PaymentVoided(**WHICH, gateway_ref=ref)


def record_void(ref: str | None = "a") -> ask.RecordVoid:
    return ask.RecordVoid(payment_id=PAYMENT, gateway_ref=ref)


def record_capture(cents: int = 100) -> ask.RecordCapture:
    return ask.RecordCapture(payment_id=PAYMENT, amount=euro(cents))


def captured(cents: int = 100) -> fact.PaymentCaptured:
    return fact.PaymentCaptured(**WHICH, amount=euro(cents))


def refund(name: str, cents: int) -> ask.RequestRefund:
    return ask.RequestRefund(payment_id=PAYMENT, refund_id=RefundId(name), amount=euro(cents), reason="Broken")


def refund_requested(name: str, cents: int, reason: str = "Broken") -> fact.RefundRequested:
    return fact.RefundRequested(**WHICH, refund_id=RefundId(name), gateway_ref="a", amount=euro(cents), reason=reason)


def record_refund(name: str) -> ask.RecordRefund:
    return ask.RecordRefund(payment_id=PAYMENT, refund_id=RefundId(name))


def refunded(name: str, cents: int) -> fact.PaymentRefunded:
    return fact.PaymentRefunded(**WHICH, refund_id=RefundId(name), amount=euro(cents))


def fail_refund(name: str) -> ask.RecordRefundFailure:
    return ask.RecordRefundFailure(payment_id=PAYMENT, refund_id=RefundId(name), reason="Closed account")


def refund_failed(name: str) -> fact.RefundFailed:
    return fact.RefundFailed(**WHICH, refund_id=RefundId(name), reason="Closed account")


capture = ask.RequestCapture(payment_id=PAYMENT)
capture_requested = fact.CaptureRequested(**WHICH, gateway_ref="a", amount=euro(100))
fail_capture = ask.RecordCaptureFailure(payment_id=PAYMENT, reason="Bank closed")
capture_failed = fact.CaptureFailed(**WHICH, reason="Bank closed")
void = ask.RequestVoid(payment_id=PAYMENT, reason="Expired")

held = given(requested(), authorised())
taken = held.given(capture_requested, captured())


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
    given().when(request(0)).refused(AmountDiffers)


def test_a_shopper_may_try_again_after_a_failure() -> None:
    given(requested(), failed()).when(request(method="paypal")).then(requested(2, "paypal"))


def test_but_not_with_another_amount() -> None:
    assert given(requested(), failed()).when(request(99)).refused(AmountDiffers).field == "amount"


def test_one_attempt_at_a_time() -> None:
    given(requested()).when(request(method="paypal")).refused(PaymentUnderWay)
    given(requested(), action_required()).when(request(method="paypal")).refused(PaymentUnderWay)
    held.when(request()).refused(PaymentUnderWay)
    taken.when(request()).refused(PaymentUnderWay)


def test_an_answer_to_an_attempt_that_nobody_made_is_refused() -> None:
    given(requested()).when(authorise(2)).refused(AttemptNotFound)
    given(requested()).when(need_action(2)).refused(AttemptNotFound)
    given(requested()).when(fail(2)).refused(AttemptNotFound)


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


def test_money_that_is_being_taken_is_refunded_not_voided() -> None:
    held.given(capture_requested).when(void).refused(MoneyAlreadyTaken)
    taken.when(void).refused(MoneyAlreadyTaken)


def test_a_payment_can_be_stopped_before_the_gateway_answers() -> None:
    stopped = given(requested()).given(void_requested(None))
    given(requested()).when(void, void).then(void_requested(None))
    stopped.when(request(method="paypal")).refused(PaymentClosed)
    stopped.when(fail()).then(failed())
    stopped.given(failed()).when(request()).refused(PaymentClosed)
    given(requested(), failed()).when(void).then(void_requested(None))


def test_a_late_authorisation_is_a_fact_and_can_be_used_or_voided() -> None:
    late = given(requested(), void_requested(None)).given(authorised())
    given(requested(), void_requested(None)).when(authorise()).then(authorised())
    late.when(capture).then(capture_requested)
    late.when(void).then(void_requested("a"))


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


def test_money_taken_while_it_was_to_go_back_goes_back() -> None:
    reason = "The hold was to be given back when it was captured."
    held.given(void_requested("a")).when(record_capture()).then(
        captured(), refund_requested(f"{PAYMENT}.cancelled", 100, reason)
    )


def test_only_held_money_is_taken() -> None:
    given(requested()).when(capture).refused(NothingHeld)
    given(requested()).when(record_capture()).refused(NothingHeld)
    held.when(record_capture(101)).refused(AmountDiffers)
    held.when(record_capture(0)).refused(AmountDiffers)
    taken.when(record_capture(99)).refused(NothingHeld)


def test_a_capture_may_fail_and_be_asked_for_again() -> None:
    held.when(capture, fail_capture, capture).then(capture_requested, capture_failed, capture_requested)


def test_a_capture_that_was_said_to_have_failed_may_have_succeeded() -> None:
    held.given(capture_requested, capture_failed).when(record_capture()).then(captured())


def test_no_more_goes_back_than_was_taken() -> None:
    half = taken.given(refund_requested("r", 60))
    assert half.when(refund("s", 41)).refused(RefundTooHigh).detail == "At most 0.40 EUR can still go back."
    half.given(refunded("r", 60)).when(refund("s", 41)).refused(RefundTooHigh)
    half.when(refund("s", 40)).then(refund_requested("s", 40))


def test_a_refund_is_known_by_its_id() -> None:
    taken.given(refund_requested("r", 60)).when(refund("r", 40)).refused(AmountDiffers)
    taken.when(record_refund("r")).refused(RefundNotFound)
    taken.when(fail_refund("r")).refused(RefundNotFound)


@pytest.mark.parametrize("amount", [euro(0), euro(-1)])
def test_only_something_goes_back(amount: Money) -> None:
    taken.when(refund("r", amount.amount)).refused(AmountDiffers)


def test_money_goes_back_in_the_currency_in_which_it_came() -> None:
    dollars = ask.RequestRefund(payment_id=PAYMENT, refund_id=RefundId("r"), amount=Money(1, "USD"), reason="Broken")
    taken.when(dollars).refused(CurrencyMismatch)


def test_only_taken_money_is_refunded() -> None:
    held.when(refund("r", 1)).refused(NothingTaken)
    held.given(capture_requested).when(refund("r", 1)).refused(NothingTaken)


def test_a_failed_refund_counts_no_more_and_may_be_asked_for_again() -> None:
    failed_once = taken.given(refund_requested("r", 60), refund_failed("r"))
    taken.given(refund_requested("r", 60)).when(fail_refund("r"), fail_refund("r")).then(refund_failed("r"))
    failed_once.when(refund("s", 100)).then(refund_requested("s", 100))
    failed_once.when(refund("r", 60)).then(refund_requested("r", 60))


def test_a_refund_that_was_said_to_have_failed_may_have_succeeded() -> None:
    failed_once = taken.given(refund_requested("r", 60), refund_failed("r"))
    failed_once.when(record_refund("r")).then(refunded("r", 60))
    failed_once.given(refund_requested("s", 100)).when(record_refund("r")).refused(RefundTooHigh)
