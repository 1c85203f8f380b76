"""What every gateway does with the shop's money, however often it is asked."""

import asyncio
from datetime import timedelta

import pytest

from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordFailure,
    RecordHoldExpired,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.shared.ids import RefundId
from tests.infra.payments.contract.subjects import Money, Subject
from tests.support.builders.payments import ANNA, capture, euro, payment, refund, void


async def held(subject: Subject, key: str = "hold") -> str:
    """The ref of a hold over 10 euro."""
    answer = await subject.gateway.authorise(payment(subject.cards.good), subject.key(key))
    assert isinstance(answer, RecordAuthorisation)
    return answer.gateway_ref


async def captured(subject: Subject, cents: int = 1000) -> str:
    ref = await held(subject)
    await subject.gateway.capture(capture(ref, cents), subject.key("capture"))
    return ref


async def test_a_good_card_is_held_for_some_days(subject: Subject) -> None:
    answer = await subject.gateway.authorise(payment(subject.cards.good), subject.key("hold"))
    assert isinstance(answer, RecordAuthorisation)
    assert (answer.payment_id, answer.attempt, answer.amount) == (ANNA, 1, euro(1000))
    assert timedelta(days=2) < answer.capture_before - subject.clock() <= timedelta(days=7)
    assert await subject.money(answer.gateway_ref) == Money(held=1000)


async def test_a_refused_card_fails_for_its_reason(subject: Subject) -> None:
    for number, (card, reason) in enumerate(
        [(subject.cards.declined, "card_declined"), (subject.cards.poor, "insufficient_funds")]
    ):
        failure = RecordFailure(payment_id=ANNA, attempt=1, reason=reason)
        assert await subject.gateway.authorise(payment(card), subject.key(str(number))) == failure


async def test_an_unknown_method_fails(subject: Subject) -> None:
    answer = await subject.gateway.authorise(payment(subject.cards.unknown), subject.key("hold"))
    assert isinstance(answer, RecordFailure)


async def test_who_has_to_confirm_holds_nothing_yet(subject: Subject) -> None:
    answer = await subject.gateway.authorise(payment(subject.cards.asks), subject.key("hold"))
    assert isinstance(answer, RecordActionRequired)
    assert answer.action_url.startswith("https://")
    assert await subject.money(answer.gateway_ref) == Money()


@pytest.mark.parametrize(("approve", "held"), [(True, 1000), (False, 0)])
async def test_the_answer_at_the_bank_decides(answered: Subject, approve: bool, held: int) -> None:
    asked = await answered.gateway.authorise(payment(answered.cards.asks), answered.key("hold"))
    assert isinstance(asked, RecordActionRequired)
    assert answered.answer is not None
    await answered.answer(asked.gateway_ref, approve)
    await answered.answer(asked.gateway_ref, not approve)
    assert await answered.money(asked.gateway_ref) == Money(held=held)


async def test_a_call_that_is_repeated_moves_no_money_twice(subject: Subject) -> None:
    gateway, ref = subject.gateway, await held(subject)
    assert await held(subject) == ref
    taken = RecordCapture(payment_id=ANNA, amount=euro(1000), gateway_ref=ref)
    for _ in range(2):
        assert await gateway.capture(capture(ref), subject.key("capture")) == taken
    for _ in range(2):
        back = await gateway.refund(refund(ref, "r1", 300), subject.key("refund"))
        assert isinstance(back, RecordRefund)
        assert back.refund_id == RefundId("r1")
    assert await subject.money(ref) == Money(taken=1000, back=300)


async def test_calls_at_once_with_the_same_key_are_one(subject: Subject) -> None:
    keys = [subject.key(f"key {number % 3}") for number in range(9)]
    answers = await asyncio.gather(*(subject.gateway.authorise(payment(subject.cards.good), key) for key in keys))
    assert len({answer.gateway_ref for answer in answers if isinstance(answer, RecordAuthorisation)}) == 3
    assert len(answers) == 9


async def test_another_key_is_another_hold(subject: Subject) -> None:
    one, other = await held(subject, "one"), await held(subject, "other")
    assert one != other
    assert [await subject.money(ref) for ref in (one, other)] == [Money(held=1000)] * 2


async def test_a_part_is_captured_and_the_rest_released(subject: Subject) -> None:
    ref = await held(subject)
    taken = RecordCapture(payment_id=ANNA, amount=euro(700), gateway_ref=ref)
    assert await subject.gateway.capture(capture(ref, 700), subject.key("capture")) == taken
    assert await subject.money(ref) == Money(taken=700)


async def test_a_hold_is_captured_once(subject: Subject) -> None:
    ref = await captured(subject, 400)
    again = await subject.gateway.capture(capture(ref, 300), subject.key("again"))
    assert isinstance(again, RecordCapture | RecordCaptureFailure)
    assert isinstance(again, RecordCaptureFailure) or again.amount == euro(400)
    assert await subject.money(ref) == Money(taken=400)


async def test_no_more_is_captured_than_is_held(subject: Subject) -> None:
    ref = await held(subject)
    failure = RecordCaptureFailure(payment_id=ANNA, reason="amount_too_large")
    assert await subject.gateway.capture(capture(ref, 1001), subject.key("capture")) == failure
    assert await subject.money(ref) == Money(held=1000)


async def test_a_voided_hold_is_gone_and_stays_gone(subject: Subject) -> None:
    ref = await held(subject)
    for key in ("void", "void", "void again"):
        voided = await subject.gateway.void(void(ref), subject.key(key))
        assert voided == RecordVoid(payment_id=ANNA, gateway_ref=ref)
    late = await subject.gateway.capture(capture(ref), subject.key("capture"))
    assert isinstance(late, RecordCaptureFailure | RecordHoldExpired)
    assert await subject.money(ref) == Money()


async def test_a_void_of_what_was_taken_tells_so(subject: Subject) -> None:
    ref = await captured(subject, 600)
    answer = await subject.gateway.void(void(ref), subject.key("void"))
    assert answer == RecordCapture(payment_id=ANNA, amount=euro(600), gateway_ref=ref)
    assert await subject.money(ref) == Money(taken=600)


async def test_no_more_goes_back_than_was_taken(subject: Subject) -> None:
    ref = await captured(subject, 900)
    assert isinstance(await subject.gateway.refund(refund(ref, "r1", 600), subject.key("one")), RecordRefund)
    refused = await subject.gateway.refund(refund(ref, "r2", 301), subject.key("two"))
    assert isinstance(refused, RecordRefundFailure)
    assert refused.refund_id == RefundId("r2")
    assert isinstance(await subject.gateway.refund(refund(ref, "r3", 300), subject.key("three")), RecordRefund)
    assert await subject.money(ref) == Money(taken=900, back=900)


async def test_a_hold_that_is_over_is_not_captured(timed: Subject) -> None:
    ref = await held(timed)
    assert timed.forward is not None
    timed.forward(timedelta(days=7, seconds=1))
    expired = RecordHoldExpired(payment_id=ANNA, gateway_ref=ref)
    assert await timed.gateway.capture(capture(ref), timed.key("capture")) == expired
    assert await timed.money(ref) == Money()
