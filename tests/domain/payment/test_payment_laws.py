"""Whatever is asked of a payment and whatever the gateway answers, in whatever order."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.payment import commands as ask
from domain.payment.decider import payment_decider
from domain.payment.dispute import DisputeStatus, FundsMovement
from domain.payment.events import (
    CaptureRequested,
    HoldExpired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentEvent,
    PaymentVoided,
    RefundRequested,
    VoidRequested,
)
from domain.payment.state import Payment, PaymentPhase
from domain.shared.errors import DomainError
from domain.shared.ids import DisputeId, RefundId
from tests.support.builders.sold import ANNA, ORDER, PAYMENT, euro
from tests.support.builders.strategies import NOON
from tests.support.harness.laws import law, play

which = {"payment_id": st.just(PAYMENT)}
attempts = {"attempt": st.sampled_from([1, 1, 2, 3])}
refs = st.sampled_from(["a", "b", "c"])
refunds = {"refund_id": st.sampled_from([RefundId("r"), RefundId("s"), RefundId("t")])}
amounts = st.sampled_from([3, 3, 3, 4, 2, 1, 4, 0]).map(euro)
reason = {"reason": st.just("Because")}
refund_refs = st.sampled_from([None, "re_1", "re_2"])
movements = st.builds(
    FundsMovement,
    movement_id=st.sampled_from(["m", "n"]),
    amount=st.sampled_from([-3, 3]).map(euro),
    fee=st.just(euro(-1)),
)
disputes = st.builds(
    ask.RecordDispute,
    **which,
    dispute_id=st.sampled_from([DisputeId("d"), DisputeId("e")]),
    status=st.sampled_from(DisputeStatus),
    amount=st.just(euro(3)),
    **reason,
    movements=st.lists(movements, max_size=2).map(tuple),
)
commands = st.one_of(
    st.builds(
        ask.RequestPayment,
        **which,
        order_id=st.just(ORDER),
        customer_id=st.just(ANNA),
        amount=st.just(euro(3)),
        method=st.sampled_from(["card", "paypal"]),
    ),
    st.builds(
        ask.RecordAuthorisation,
        **which,
        **attempts,
        gateway_ref=refs,
        amount=amounts,
        capture_before=st.just(NOON + timedelta(days=7)),
    ),
    st.builds(ask.RecordActionRequired, **which, **attempts, gateway_ref=refs, action_url=st.just("https://bank")),
    st.builds(ask.RecordFailure, **which, **attempts, **reason),
    st.builds(ask.RequestCapture, **which, amount=st.none() | amounts),
    st.builds(ask.RecordCapture, **which, amount=amounts, gateway_ref=st.none() | refs),
    st.builds(ask.RecordHoldExpired, **which, gateway_ref=refs),
    st.builds(ask.RecordCaptureFailure, **which, **reason),
    st.builds(ask.RequestVoid, **which, **reason),
    st.builds(ask.RecordVoid, **which, gateway_ref=st.none() | refs),
    st.builds(ask.RequestRefund, **which, **refunds, amount=amounts, **reason),
    st.builds(ask.RecordRefund, **which, **refunds, refund_ref=refund_refs),
    st.builds(ask.RecordRefundFailure, **which, **refunds, **reason, refund_ref=refund_refs),
    st.builds(ask.RecordOutsideRefund, **which, amount=amounts, refund_ref=st.sampled_from(["r", "x"])),
    disputes,
)
first = ask.RequestPayment(payment_id=PAYMENT, order_id=ORDER, customer_id=ANNA, amount=euro(3), method="card")
hold = ask.RecordAuthorisation(
    payment_id=PAYMENT, attempt=1, gateway_ref="a", amount=euro(3), capture_before=NOON + timedelta(days=7)
)
capture = ask.RecordCapture(payment_id=PAYMENT, amount=euro(3))
failure = ask.RecordFailure(payment_id=PAYMENT, attempt=1, reason="Declined")
beginnings = st.sampled_from([[first], [first, failure, first], [first, hold], [first, hold, capture]])


@law
@given(beginnings, st.lists(commands, min_size=10, max_size=40))
def test_money_is_held_before_it_is_taken_and_taken_before_it_goes_back(
    beginning: list[ask.PaymentCommand], asked: list[ask.PaymentCommand]
) -> None:
    voided = False
    for payment, answer in play(payment_decider, [*beginning, *asked]):
        assert 0 <= payment.refunded.amount <= payment.captured.amount <= payment.authorised.amount
        assert payment.refundable.amount >= 0
        assert 0 <= payment.released.amount <= payment.authorised.amount
        if payment.authorised.amount:
            assert payment.authorised == payment.asked
        assert payment.capture_asked is None or payment.capture_asked <= payment.authorised
        for fact in [] if isinstance(answer, DomainError) else answer:
            if voided:
                assert not isinstance(fact, CaptureRequested | PaymentCaptured | PaymentAuthorised)
            voided |= isinstance(fact, PaymentVoided) and payment.phase is PaymentPhase.VOIDED


@law
@given(beginnings, st.lists(commands, min_size=10, max_size=40))
def test_every_hold_is_wanted_or_on_its_way_back(
    beginning: list[ask.PaymentCommand], asked: list[ask.PaymentCommand]
) -> None:
    going_back = set[str]()
    story = [*beginning, *asked]
    for command, (payment, answer) in zip(story, play(payment_decider, story), strict=True):
        if isinstance(answer, DomainError):
            continue
        going_back |= {fact.gateway_ref for fact in answer if isinstance(fact, VoidRequested) and fact.gateway_ref}
        gone = (fact for fact in answer if isinstance(fact, PaymentVoided | HoldExpired))
        going_back |= {fact.gateway_ref for fact in gone if fact.gateway_ref}
        if isinstance(command, ask.RecordAuthorisation):
            used = command.gateway_ref == payment.gateway_ref and payment.authorised == payment.asked
            assert used or command.gateway_ref in going_back


@law
@given(st.lists(commands, min_size=10, max_size=40))
def test_no_refund_is_asked_for_while_a_dispute_bars_it_and_disputes_only_go_forward(
    asked: list[ask.PaymentCommand],
) -> None:
    before = Payment()
    for payment, answer in play(payment_decider, [first, hold, capture, *asked]):
        if not isinstance(answer, DomainError) and any(isinstance(fact, RefundRequested) for fact in answer):
            assert before.refund_barred_by is None
        for it, dispute in before.disputes.items():
            now = payment.disputes[it]
            assert now.status == dispute.status or now.status.follows(dispute.status)
            assert set(dispute.movements) <= set(now.movements)
        before = payment


def told(attempt: int, ref: str) -> list[ask.PaymentCommand]:
    """All that Stripe says of an attempt that at last succeeds and is taken."""
    return [
        ask.RecordActionRequired(payment_id=PAYMENT, attempt=attempt, gateway_ref=ref, action_url="https://bank"),
        ask.RecordFailure(payment_id=PAYMENT, attempt=attempt, reason="Declined"),
        replace(hold, attempt=attempt, gateway_ref=ref),
    ]


@law
@given(st.data())
def test_however_webhooks_are_shuffled_and_repeated_the_payment_is_held_and_taken_once(data: st.DataObject) -> None:
    """C34: an old attempt fails late, the present one succeeds; each is told one to three times."""
    words = [*told(1, "old")[:2], *told(2, "new")] * data.draw(st.integers(1, 3))
    facts = list[PaymentEvent]()
    state = payment_decider.initial
    for command in [first, failure, replace(first, method="paypal"), *data.draw(st.permutations(words))]:
        new = payment_decider.decide(state, command)
        state, facts = payment_decider.replay(new, since=state), [*facts, *new]
    capture_twice: list[ask.PaymentCommand] = [
        ask.RequestCapture(payment_id=PAYMENT),
        replace(capture, gateway_ref="new"),
    ] * 2
    more: list[ask.PaymentCommand] = [*capture_twice, *data.draw(st.permutations(words))]
    for command in more:
        new = payment_decider.decide(state, command)
        state, facts = payment_decider.replay(new, since=state), [*facts, *new]
    assert [type(fact) for fact in facts if isinstance(fact, PaymentAuthorised | PaymentCaptured)] == [
        PaymentAuthorised,
        PaymentCaptured,
    ]
    assert (state.phase, state.captured) == (PaymentPhase.CAPTURED, euro(3))
