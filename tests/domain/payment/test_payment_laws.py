"""Whatever is asked of a payment and whatever the gateway answers, in whatever order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.payment import commands as ask
from domain.payment.decider import payment_decider
from domain.payment.events import CaptureRequested, PaymentAuthorised, PaymentCaptured, PaymentVoided, VoidRequested
from domain.payment.state import PaymentPhase
from domain.shared.errors import DomainError
from domain.shared.ids import RefundId
from tests.support.builders.sold import ANNA, ORDER, PAYMENT, euro
from tests.support.builders.strategies import NOON
from tests.support.harness.laws import law, play

which = {"payment_id": st.just(PAYMENT)}
attempts = {"attempt": st.sampled_from([1, 1, 2, 3])}
refs = st.sampled_from(["a", "b", "c"])
refunds = {"refund_id": st.sampled_from([RefundId("r"), RefundId("s"), RefundId("t")])}
amounts = st.sampled_from([3, 3, 3, 4, 2, 1, 4, 0]).map(euro)
reason = {"reason": st.just("Because")}
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
    st.builds(ask.RequestCapture, **which),
    st.builds(ask.RecordCapture, **which, amount=amounts),
    st.builds(ask.RecordCaptureFailure, **which, **reason),
    st.builds(ask.RequestVoid, **which, **reason),
    st.builds(ask.RecordVoid, **which, gateway_ref=st.none() | refs),
    st.builds(ask.RequestRefund, **which, **refunds, amount=amounts, **reason),
    st.builds(ask.RecordRefund, **which, **refunds),
    st.builds(ask.RecordRefundFailure, **which, **refunds, **reason),
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
        if payment.authorised.amount:
            assert payment.authorised == payment.asked
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
        going_back |= {fact.gateway_ref for fact in answer if isinstance(fact, PaymentVoided) and fact.gateway_ref}
        if isinstance(command, ask.RecordAuthorisation):
            used = command.gateway_ref == payment.gateway_ref and payment.authorised == payment.asked
            assert used or command.gateway_ref in going_back
