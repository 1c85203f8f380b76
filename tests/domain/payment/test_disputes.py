"""What banks dispute: recorded once and only forward, and no refund while the bank has the money."""

from dataclasses import replace
from itertools import permutations

import pytest

from domain.payment.commands import RecordDispute
from domain.payment.decider import payment_decider
from domain.payment.dispute import DisputeOutcome, DisputeStatus
from domain.payment.errors import AmountDiffers, PaymentNotFound, RefundDisputed
from domain.payment.events import PaymentEvent
from domain.payment.state import Payment
from domain.shared.money import CurrencyMismatch, Money
from tests.domain.payment.payment_story import (
    DISPUTE,
    WEEK,
    captured,
    closed,
    dispute,
    evidence_submitted,
    funds_moved,
    given,
    held,
    movement,
    opened,
    record_capture,
    refund,
    refund_requested,
    refunded,
    taken,
    void_requested,
)
from tests.support.builders.sold import PAYMENT, euro

ASKS, REVIEWS = DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW
WON, LOST = DisputeStatus.WON, DisputeStatus.LOST
INQUIRY, INQUIRY_REVIEWS = DisputeStatus.INQUIRY_NEEDS_RESPONSE, DisputeStatus.INQUIRY_UNDER_REVIEW
INQUIRY_CLOSED = DisputeStatus.INQUIRY_CLOSED
gone, back = movement("txn_1", -100, -15), movement("txn_2", 100)
open_dispute = taken.given(opened(), funds_moved("txn_1", -100, -15))


def test_a_dispute_is_opened_answered_and_won() -> None:
    taken.when(dispute(ASKS, gone), dispute(REVIEWS, gone), dispute(WON, gone, back)).then(
        opened(),
        funds_moved("txn_1", -100, -15),
        evidence_submitted,
        funds_moved("txn_2", 100),
        closed(DisputeOutcome.WON),
    )


def test_the_books_follow_the_money() -> None:
    """C32: -50.00 and a fee of 15.00; won: +50.00."""
    won = open_dispute.given(funds_moved("txn_2", 100), closed(DisputeOutcome.WON))
    books = [(it.disputed, it.fees, it.received) for it in (open_dispute.state, won.state)]
    assert books == [(euro(-100), euro(-15), euro(-15)), (euro(0), euro(-15), euro(85))]


def test_what_was_missed_is_caught_up() -> None:
    taken.when(dispute(LOST, gone)).then(opened(), funds_moved("txn_1", -100, -15), closed(DisputeOutcome.LOST))


def test_an_inquiry_may_be_answered_and_closed_or_become_a_dispute() -> None:
    taken.when(dispute(INQUIRY), dispute(INQUIRY_REVIEWS), dispute(INQUIRY_CLOSED)).then(
        opened(inquiry=True), evidence_submitted, closed(DisputeOutcome.INQUIRY_CLOSED)
    )
    taken.given(opened(inquiry=True)).when(dispute(REVIEWS, gone)).then(
        opened(), funds_moved("txn_1", -100, -15), evidence_submitted
    )


def after(*commands: RecordDispute) -> Payment:
    state = taken.state
    for command in commands:
        state = payment_decider.replay(payment_decider.decide(state, command), since=state)
    return state


TOLD = (dispute(ASKS), dispute(ASKS, gone), dispute(REVIEWS, gone), dispute(WON, gone, back))


@pytest.mark.parametrize("order", list(permutations(TOLD)))
def test_in_whatever_order_and_however_often_it_is_told_it_ends_the_same(order: tuple[RecordDispute, ...]) -> None:
    straight, told = after(*TOLD), after(*order, *order)
    assert (told.disputes[DISPUTE].status, told.disputed, told.fees) == (WON, straight.disputed, straight.fees)
    assert (straight.disputed, straight.fees) == (euro(0), euro(-15))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([opened()], "waits for an answer"),
        ([opened(), evidence_submitted], "is under review"),
        ([opened(), closed(DisputeOutcome.LOST)], "was lost"),
    ],
)
def test_no_refund_while_the_bank_has_the_money(facts: list[PaymentEvent], why: str) -> None:
    assert why in taken.given(*facts).when(refund("r", 1)).refused(RefundDisputed).detail


@pytest.mark.parametrize(
    "facts",
    [
        [opened(inquiry=True)],
        [opened(inquiry=True), evidence_submitted],
        [opened(inquiry=True), closed(DisputeOutcome.INQUIRY_CLOSED)],
        [opened(), closed(DisputeOutcome.WON)],
    ],
)
def test_an_inquiry_or_a_won_dispute_leaves_refunds_alone(facts: list[PaymentEvent]) -> None:
    taken.given(*facts).when(refund("r", 1)).then(refund_requested("r", 1))


def test_a_refund_that_was_asked_for_before_the_dispute_is_recorded() -> None:
    before = taken.given(refund_requested("r", 100), opened())
    before.when(refund("r", 100)).then()
    state = before.given(refunded("r", 100), funds_moved("txn_1", -100, -15)).state
    assert state.received == euro(-115)


def test_money_taken_while_it_was_to_go_back_stays_when_it_is_disputed() -> None:
    held.given(void_requested("a"), opened()).when(record_capture()).then(captured())


def test_a_lost_dispute_may_still_be_won_but_a_won_one_is_not_lost() -> None:
    lost = open_dispute.given(closed(DisputeOutcome.LOST))
    lost.when(dispute(WON, gone, back)).then(funds_moved("txn_2", 100), closed(DisputeOutcome.WON))
    lost.given(closed(DisputeOutcome.WON)).when(dispute(LOST, gone)).then()


def test_only_something_in_the_currency_of_the_payment_is_disputed() -> None:
    assert taken.when(dispute(ASKS, cents=0)).refused(AmountDiffers).field == "amount"
    dollars = RecordDispute(
        payment_id=PAYMENT, dispute_id=DISPUTE, status=ASKS, amount=Money(1, "USD"), reason="", respond_by=WEEK
    )
    taken.when(dollars).refused(CurrencyMismatch)
    given().when(dispute(ASKS)).refused(PaymentNotFound)


def test_money_moved_in_another_currency_is_kept_but_not_added_up() -> None:
    foreign = replace(funds_moved("txn_1", -100), fee=Money(-1500, "USD"))
    assert taken.given(opened(), foreign).state.fees == euro(0)
