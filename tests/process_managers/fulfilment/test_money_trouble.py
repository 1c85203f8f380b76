"""Part captures, holds that expire, disputes: what the fulfilment requests, and when people have to look."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.payment import events as payment
from domain.payment.commands import RequestCapture, RequestRefund, RequestVoid
from domain.payment.dispute import DisputeOutcome
from domain.shared.ids import DisputeId, RefundId
from domain.shipment.commands import ClearShipment
from process_managers.fulfilment.process import FULFILMENT, attention_of
from tests.process_managers.fulfilment.fulfilment_story import (
    HOLD_ENDS,
    authorised,
    begun,
    cancelled,
    capture,
    capture_timer,
    captured,
    capturing,
    clear,
    line_cancelled,
    money,
    no_timer,
    packed,
    paid,
    refund,
    refunded,
    short,
    stopped,
    timer,
    void,
    voided,
)
from tests.support.builders.sold import FIRST, PAYMENT, SECOND, euro, units
from tests.support.builders.strategies import CUP, MUG, NOON
from tests.support.harness.process_spec import Heard

expired = payment.HoldExpired(**money, gateway_ref="a")
again = replace(authorised, attempt=2, gateway_ref="b", capture_before=HOLD_ENDS + timedelta(days=7))
later_timer = replace(capture_timer, due=capture_timer.due + timedelta(days=7))
disputed: dict[str, Any] = {**money, "dispute_id": DisputeId("dp")}
opened = payment.DisputeOpened(
    **disputed, amount=euro(208), reason="fraudulent", inquiry=False, respond_by=NOON + timedelta(days=9)
)
withdrawn = payment.DisputeFundsMoved(**disputed, movement_id="t1", amount=euro(-208), fee=euro(-15))
won = payment.DisputeClosed(**disputed, outcome=DisputeOutcome.WON)
lost = payment.DisputeClosed(**disputed, outcome=DisputeOutcome.LOST)


def of_money(heard: Heard[Any]) -> list[Any]:
    """The requests about money and parcels' clearance; those about stock are left out."""
    kinds = (RequestCapture, RequestRefund, RequestVoid, ClearShipment)
    return [request for request in heard.requests if isinstance(request, kinds)]


NOTHING_DUE = "Nothing is left to pay."


def part(cents: int) -> RequestCapture:
    return RequestCapture(payment_id=PAYMENT, amount=euro(cents))


def attention(*facts: Any) -> str | None:
    state = FULFILMENT.initial
    for fact in facts:
        state = FULFILMENT.evolve(state, fact)
    return attention_of(state)


def test_what_is_short_is_not_taken() -> None:
    """C37: of 2.08, 1.68 are taken, and the rest of the hold is released."""
    missing = begun.given(short(FIRST, units(MUG, 2)))
    missing.when(packed(FIRST)).then()
    assert of_money(missing.given(packed(FIRST)).when(line_cancelled(MUG, 2, 40))) == [part(168)]
    missing.given(line_cancelled(MUG, 2, 40)).when(packed(SECOND)).then(part(168))
    part_taken = missing.given(line_cancelled(MUG, 2, 40), packed(SECOND), replace(capturing, amount=euro(168)))
    part_taken.when(replace(captured, amount=euro(168))).then(clear(SECOND), no_timer)


def test_a_hold_for_which_nothing_is_due_goes_back_and_nothing_waits_for_it() -> None:
    nothing_due = begun.given(line_cancelled(MUG, 2, 40), packed(FIRST))
    all_short = nothing_due.given(short(SECOND, units(CUP, 3)))
    assert of_money(all_short.when(line_cancelled(CUP, 3, 168))) == [clear(FIRST), replace(void, reason=NOTHING_DUE)]
    assert attention(*all_short.heard, line_cancelled(CUP, 3, 168), voided) is None


def test_the_timer_takes_what_is_due_by_then() -> None:
    begun.given(line_cancelled(CUP, 1, 8)).when(timer).then(part(200))


def test_what_is_cancelled_after_a_part_was_taken_goes_back() -> None:
    part_taken = begun.given(
        line_cancelled(MUG, 1, 20),
        packed(FIRST),
        replace(capturing, amount=euro(188)),
        replace(captured, amount=euro(188)),
    )
    assert of_money(part_taken.when(line_cancelled(CUP, 1, 8))) == [refund(f"{CUP}.1", 8)]
    back = part_taken.given(cancelled, stopped(FIRST))
    assert of_money(back.when(stopped(SECOND))) == [refund("cancelled", 188)]


def test_what_people_gave_back_does_not_go_back_twice() -> None:
    by_hand = payment.PaymentRefundedOutside(**money, refund_id=RefundId("re_1"), amount=euro(100))
    assert of_money(paid.given(by_hand, cancelled, stopped(FIRST)).when(stopped(SECOND))) == [refund("cancelled", 108)]


def test_too_little_taken_outside_holds_the_parcels_back_until_it_is_enough() -> None:
    outside = begun.given(packed(FIRST))
    outside.when(replace(captured, amount=euro(50))).then(no_timer)
    little = outside.given(replace(captured, amount=euro(50)))
    little.when(packed(SECOND)).then()
    assert attention(*little.heard) == "Only 0.50 EUR of 2.08 EUR was taken, so no parcel may leave."
    assert of_money(little.when(line_cancelled(CUP, 3, 158))) == [clear(FIRST)]
    assert attention(*little.heard, line_cancelled(CUP, 3, 158)) is None


def test_an_expired_hold_holds_the_parcels_back_until_the_shopper_has_paid_again() -> None:
    begun.given(packed(FIRST), capturing).when(expired).then(no_timer)
    gone = begun.given(packed(FIRST), capturing, expired)
    gone.when(packed(SECOND)).then()
    gone.when(timer).then()
    assert attention(*gone.heard) == (
        "The hold on the money expired, so no parcel may leave until the shopper has paid again."
    )
    gone.when(again).then(later_timer, capture)
    assert attention(*gone.heard, again) is None
    second = replace(capturing, gateway_ref="b")
    gone.given(again, second).when(captured).then(clear(FIRST), no_timer)


def test_less_may_be_held_the_second_time() -> None:
    less = replace(again, amount=euro(200))
    begun.given(expired, line_cancelled(CUP, 1, 8), packed(FIRST)).when(less).then(later_timer, capture)


def test_an_expired_hold_of_a_cancelled_order_needs_nobody_but_stops_the_payment() -> None:
    ended = begun.given(expired, cancelled, stopped(FIRST))
    assert of_money(ended.when(stopped(SECOND))) == [void]
    assert attention(*ended.heard, stopped(SECOND)) is None


def test_a_dispute_needs_people_until_it_is_closed() -> None:
    for fact in (opened, withdrawn, won):
        paid.given(opened, withdrawn).when(fact).then()
    assert attention(*paid.heard, opened) == (
        "The bank disputes 2.08 EUR (fraudulent). Answer it at the payment gateway by 2026-01-10."
    )
    submitted = payment.DisputeEvidenceSubmitted(**disputed)
    assert attention(*paid.heard, opened, submitted) == "The bank reviews dispute dp."
    returned = replace(withdrawn, movement_id="t2", amount=euro(208), fee=euro(0))
    assert attention(*paid.heard, opened, withdrawn, returned, won) is None


@pytest.mark.parametrize("after", [[], [lost]])
def test_less_than_nothing_received_is_always_flagged(after: list[Any]) -> None:
    """C32: refunded first, disputed later."""
    back = payment.PaymentRefunded(**money, refund_id=RefundId("r"), amount=euro(208))
    flagged = attention(*paid.heard, back, opened, withdrawn, *after)
    assert flagged is not None
    assert "Refunds, disputes and their fees leave -2.23 EUR of the payment." in flagged


def test_a_refund_that_fails_after_it_succeeded_is_not_given_back() -> None:
    failed = payment.RefundFailed(**money, refund_id=RefundId(f"{PAYMENT}.cancelled"), reason="No account.")
    state = FULFILMENT.initial
    for fact in (*paid.heard, cancelled, stopped(FIRST), stopped(SECOND), refunded("cancelled", 208)):
        state = FULFILMENT.evolve(state, fact)
    assert FULFILMENT.phase_of(state) == "cancelled"
    state = FULFILMENT.evolve(state, failed)
    assert (state.given_back, attention_of(state)) == (False, f"Refund {PAYMENT}.cancelled failed: No account.")
