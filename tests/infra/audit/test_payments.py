"""The proofs about payments: sound histories pass, and each planted violation is found by its own proof alone."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.payment import commands as ask
from domain.payment.decider import payment_decider
from domain.payment.dispute import DisputeOutcome
from domain.shared.errors import DomainError
from domain.shared.ids import PaymentId
from infra.audit.check import Handler
from infra.audit.payments import PaymentAudit
from tests.domain.payment import payment_story as story
from tests.domain.payment.payment_story import (
    authorised,
    captured,
    closed,
    evidence_submitted,
    expired,
    funds_moved,
    opened,
    part_requested,
    refund_failed,
    refund_requested,
    refunded,
    refunded_outside,
    requested,
)
from tests.domain.payment.test_payment_laws import capture, commands, first, hold
from tests.support.builders.event_log_builder import Log
from tests.support.harness.laws import law, play

LIMITS = "captured is at most what was authorised, refunded at most what was captured"
EXPIRED = "nothing is taken of a hold that has expired"
MOVED = "each movement of money by a dispute counts once"
CLOSED = "a dispute is closed once; only a lost one is won later"
BARRED = "no refund is requested while a dispute is open or lost"

HELD = (requested(), authorised())
TAKEN = (*HELD, story.capture_requested, captured())
INQUIRY_CLOSED, LOST, WON = DisputeOutcome.INQUIRY_CLOSED, DisputeOutcome.LOST, DisputeOutcome.WON


def found(facts: Iterable[Any]) -> dict[str, list[str]]:
    """The claims that do not hold for a payment with these facts."""
    audit = PaymentAudit()
    handlers: dict[type[Any], Handler] = dict(audit.handlers)
    for recorded in Log().tell(*facts, stream="payment-p"):
        if (handle := handlers.get(type(recorded.fact))) is not None:
            handle(recorded)
    return {check.claim: check.examples for check in audit.checks if not check.ok}


@pytest.mark.parametrize(
    "facts",
    [
        (*HELD, part_requested(60), captured(60), refund_requested("r", 60), refunded("r", 60)),
        (*HELD, part_requested(60), captured(80), refunded_outside("re_1", 80)),
        (*TAKEN, refund_requested("r", 40), refunded("r", 40), refunded_outside("re_1", 60)),
        (*TAKEN, refunded("r", 100, "re_1"), refund_failed("r", "re_1"), refunded("r", 100, "re_2")),
        (*TAKEN, refunded("r", 100), refund_failed("r", "re_1"), refunded_outside("re_2", 100)),
        (*TAKEN, refunded_outside("re_1", 100), refund_failed("re_1", "re_1"), refunded("r", 100)),
        (*HELD, expired(), requested(2), authorised(2, "b"), captured()),
        (*TAKEN, opened(), funds_moved("m", -100, -15), closed(LOST), funds_moved("n", 100), closed(WON)),
        (*TAKEN, opened(inquiry=True), refund_requested("r", 9), evidence_submitted, closed(INQUIRY_CLOSED)),
        (*TAKEN, opened(inquiry=True), closed(INQUIRY_CLOSED), opened(), closed(WON), refund_requested("r", 9)),
    ],
)
def test_sound_payments_pass(facts: tuple[Any, ...]) -> None:
    assert found(facts) == {}


@pytest.mark.parametrize(
    ("facts", "claim", "text"),
    [
        ((*HELD, captured(101)), LIMITS, "1.00 EUR authorised, 1.01 EUR captured, 0.00 EUR refunded."),
        ((*HELD, captured(60), captured(60)), LIMITS, "1.20 EUR captured"),
        ((*HELD, captured(60), refunded("r", 61)), LIMITS, "0.61 EUR refunded"),
        ((*TAKEN, refunded("r", 60), refunded_outside("re_1", 60)), LIMITS, "1.20 EUR refunded"),
        ((*TAKEN, refunded("r", 60), refunded("r", 60)), LIMITS, "1.20 EUR refunded"),
        ((*TAKEN, refunded("r", 99, "re_1"), refund_failed("r", "re_9"), refunded_outside("x", 2)), LIMITS, "1.01 EUR"),
        ((*TAKEN, refunded("r", 99, "re_1"), refund_failed("s", "re_1"), refunded_outside("x", 2)), LIMITS, "1.01 EUR"),
        ((*HELD, expired(), captured()), EXPIRED, "revision 3: hold a had expired."),
        ((*HELD, expired(), story.capture_requested), EXPIRED, "revision 3: hold a had expired."),
        ((*TAKEN, opened(), funds_moved("m", -9), funds_moved("m", -9)), MOVED, "movement m was counted before."),
        ((*TAKEN, funds_moved("m", -9)), MOVED, "KeyError 'dp'"),
        ((*TAKEN, opened(), closed(WON), closed(WON)), CLOSED, "dispute dp was closed as won, then won."),
        ((*TAKEN, opened(), closed(WON), closed(LOST)), CLOSED, "dispute dp was closed as won, then lost."),
        ((*TAKEN, opened(), closed(WON), opened(), closed(WON)), CLOSED, "won, then won."),
        ((*TAKEN, opened(), closed(INQUIRY_CLOSED)), CLOSED, "closed as warning_closed."),
        ((*TAKEN, closed(WON)), CLOSED, "KeyError 'dp'"),
        ((*TAKEN, opened(), refund_requested("r", 9)), BARRED, "revision 5: dispute dp is open."),
        ((*TAKEN, opened(), evidence_submitted, refund_requested("r", 9)), BARRED, "dispute dp is open."),
        ((*TAKEN, opened(), closed(LOST), refund_requested("r", 9)), BARRED, "dispute dp is lost."),
        ((*TAKEN, opened(inquiry=True), opened(), refund_requested("r", 9)), BARRED, "dispute dp is open."),
    ],
)
def test_a_planted_violation_is_found_by_its_proof_alone(facts: tuple[Any, ...], claim: str, text: str) -> None:
    examples = found(facts)
    assert list(examples) == [claim]
    (example,) = examples[claim]
    assert example.startswith("payment-p at revision ")
    assert text in example


def test_a_dispute_bars_no_refund_of_another_payment() -> None:
    other = replace(refund_requested("r", 9), payment_id=PaymentId("other"))
    assert found((*TAKEN, opened(), other)) == {}


def _outside_with_ids_of_the_gateway(command: ask.PaymentCommand) -> bool:
    return not (isinstance(command, ask.RecordOutsideRefund) and command.refund_ref == "r")


@law
@given(
    st.sampled_from([[first, hold], [first, hold, capture]]),
    st.lists(commands.filter(_outside_with_ids_of_the_gateway), min_size=10, max_size=40),
)
def test_whatever_is_decided_about_a_payment_passes(
    beginning: list[ask.PaymentCommand], asked: list[ask.PaymentCommand]
) -> None:
    """Two accounts of the same money, written apart. The ids of the gateway are never those of our refunds."""
    answers = (answer for _, answer in play(payment_decider, [*beginning, *asked]))
    assert found(fact for answer in answers if not isinstance(answer, DomainError) for fact in answer) == {}
