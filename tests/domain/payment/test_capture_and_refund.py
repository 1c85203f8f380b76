"""Money that is taken, and that goes back."""

import pytest

from domain.payment import commands as ask
from domain.payment.errors import (
    AmountDiffers,
    MoneyAlreadyTaken,
    NothingHeld,
    NothingTaken,
    RefundNotFound,
    RefundTooHigh,
)
from domain.shared.ids import RefundId
from domain.shared.money import CurrencyMismatch, Money
from tests.domain.payment.payment_story import (
    capture,
    capture_failed,
    capture_requested,
    captured,
    fail_capture,
    fail_refund,
    given,
    held,
    record_capture,
    record_refund,
    refund,
    refund_failed,
    refund_requested,
    refunded,
    requested,
    taken,
    void,
    void_requested,
)
from tests.support.builders.sold import PAYMENT, euro


def test_money_that_is_being_taken_is_refunded_not_voided() -> None:
    held.given(capture_requested).when(void).refused(MoneyAlreadyTaken)
    taken.when(void).refused(MoneyAlreadyTaken)


def test_money_taken_while_it_was_to_go_back_goes_back() -> None:
    reason = "The hold was to be given back when it was captured."
    held.given(void_requested("a")).when(record_capture()).then(
        captured(), refund_requested(f"{PAYMENT}.cancelled", 100, reason)
    )


def test_only_held_money_is_taken() -> None:
    given(requested()).when(capture).refused(NothingHeld)
    given(requested()).when(record_capture()).refused(NothingHeld)
    assert held.when(record_capture(101)).refused(AmountDiffers).field == "amount"
    assert held.when(record_capture(0)).refused(AmountDiffers).field == "amount"
    held.when(record_capture(1)).then(captured(1))
    taken.when(record_capture(99)).refused(NothingHeld)


def test_a_capture_may_fail_and_be_asked_for_again() -> None:
    held.when(capture, fail_capture, capture).then(capture_requested, capture_failed, capture_requested)


def test_a_capture_that_was_said_to_have_failed_may_have_succeeded() -> None:
    held.given(capture_requested, capture_failed).when(record_capture()).then(captured())


def test_no_more_goes_back_than_was_taken() -> None:
    half = taken.given(refund_requested("r", 60))
    refusal = half.when(refund("s", 41)).refused(RefundTooHigh)
    assert (refusal.detail, refusal.field) == ("At most 0.40 EUR can still go back.", "amount")
    half.given(refunded("r", 60)).when(refund("s", 41)).refused(RefundTooHigh)
    half.when(refund("s", 40)).then(refund_requested("s", 40))


def test_a_refund_is_known_by_its_id() -> None:
    assert taken.given(refund_requested("r", 60)).when(refund("r", 40)).refused(AmountDiffers).field == "amount"
    taken.when(record_refund("r")).refused(RefundNotFound)
    taken.when(fail_refund("r")).refused(RefundNotFound)


@pytest.mark.parametrize("amount", [euro(0), euro(-1)])
def test_only_something_goes_back(amount: Money) -> None:
    assert taken.when(refund("r", amount.amount)).refused(AmountDiffers).field == "amount"


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
    failed_once.given(refund_requested("s", 40)).when(record_refund("r")).then(refunded("r", 60))
    failed_once.given(refund_requested("s", 100)).when(record_refund("r")).refused(RefundTooHigh)
