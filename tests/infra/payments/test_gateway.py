"""The test gateway holds, takes and gives back money as Stripe's does, whatever the shop does twice."""

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
from domain.shared.ids import PaymentId, RefundId
from infra.payments.book import Book
from infra.payments.events import Answer
from infra.payments.gateway import IntentNotFound, TestGateway
from infra.payments.intents import HOLD, Standing
from process_managers.engine.ports import GatewayUnavailable
from tests.infra.payments.conftest import NOON, Watch
from tests.support.builders.payments import ANNA, capture, euro, payment, refund, void


async def held(gateway: TestGateway, method: str = "pm_card_ok", key: str = "authorise") -> str:
    """The ref of a hold over 10 euro."""
    answer = await gateway.authorise(payment(method), key)
    assert isinstance(answer, RecordAuthorisation)
    return answer.gateway_ref


async def standing(gateway: TestGateway) -> Standing:
    return (await gateway.ledger())[ANNA]


async def test_a_good_card_is_held_for_seven_days(gateway: TestGateway) -> None:
    answer = await gateway.authorise(payment("pm_card_ok"), "key")
    assert isinstance(answer, RecordAuthorisation)
    assert answer == RecordAuthorisation(
        payment_id=ANNA,
        attempt=1,
        gateway_ref=answer.gateway_ref,
        amount=euro(1000),
        capture_before=NOON + timedelta(days=7),
    )
    assert await gateway.ledger() == {ANNA: Standing(held=1000)}
    assert await gateway.ledger([PaymentId("nobody")]) == {}


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_card_declined", "card_declined"),
        ("pm_card_insufficient_funds", "insufficient_funds"),
        ("pm_card_stolen", "unknown_payment_method"),
    ],
)
async def test_a_bad_card_holds_nothing(gateway: TestGateway, method: str, reason: str) -> None:
    failure = RecordFailure(payment_id=ANNA, attempt=1, reason=reason)
    assert await gateway.authorise(payment(method), "key") == failure
    assert await standing(gateway) == Standing()


async def test_the_same_key_gets_the_same_answer_and_moves_no_money(gateway: TestGateway, watch: Watch) -> None:
    first = await gateway.authorise(payment("pm_card_ok"), "authorise")
    watch.forward(timedelta(hours=1))
    assert await gateway.authorise(payment("pm_card_ok"), "authorise") == first
    assert await standing(gateway) == Standing(held=1000)
    ref = await held(gateway)
    for _ in range(2):
        assert await gateway.capture(capture(ref), "capture") == RecordCapture(
            payment_id=ANNA, amount=euro(1000), gateway_ref=ref
        )
    for _ in range(2):
        answer = await gateway.refund(refund(ref, "r1", 300), "refund")
        assert answer == RecordRefund(payment_id=ANNA, refund_id=RefundId("r1"), refund_ref="re_r1")
    assert await standing(gateway) == Standing(captured=1000, refunded=300)


async def test_another_key_is_another_hold(gateway: TestGateway) -> None:
    assert await held(gateway, key="one") != await held(gateway, key="two")
    assert await standing(gateway) == Standing(held=2000)


async def test_calls_at_once_are_written_down_one_after_the_other(gateway: TestGateway) -> None:
    answers = await asyncio.gather(*(gateway.authorise(payment("pm_card_ok"), f"key {n % 10}") for n in range(50)))
    assert len(set(answers)) == 10
    assert await standing(gateway) == Standing(held=10_000)


async def test_a_hold_is_taken_once(gateway: TestGateway) -> None:
    ref = await held(gateway)
    await gateway.capture(capture(ref), "one")
    failure = RecordCaptureFailure(payment_id=ANNA, reason="intent_is_succeeded")
    assert await gateway.capture(capture(ref), "two") == failure
    assert await standing(gateway) == Standing(captured=1000)


async def test_no_more_is_taken_than_is_held(gateway: TestGateway) -> None:
    ref = await held(gateway)
    failure = RecordCaptureFailure(payment_id=ANNA, reason="amount_too_large")
    assert await gateway.capture(capture(ref, 1001), "capture") == failure
    assert await standing(gateway) == Standing(held=1000)


async def test_a_hold_ends_by_itself(gateway: TestGateway, watch: Watch) -> None:
    ref = await held(gateway)
    watch.forward(HOLD)
    assert await standing(gateway) == Standing()
    expired = RecordHoldExpired(payment_id=ANNA, gateway_ref=ref)
    assert await gateway.capture(capture(ref), "capture") == expired


async def test_a_voided_hold_is_gone(gateway: TestGateway) -> None:
    ref = await held(gateway)
    assert await gateway.void(void(ref), "void") == RecordVoid(payment_id=ANNA, gateway_ref=ref)
    assert await standing(gateway) == Standing()
    failure = RecordCaptureFailure(payment_id=ANNA, reason="intent_is_canceled")
    assert await gateway.capture(capture(ref), "capture") == failure


async def test_a_void_without_a_ref_gives_back_every_hold(gateway: TestGateway) -> None:
    await held(gateway, key="one")
    await held(gateway, key="two")
    assert await gateway.void(void(None), "void") == RecordVoid(payment_id=ANNA, gateway_ref=None)
    assert await standing(gateway) == Standing()


async def test_a_void_of_what_was_taken_tells_that_it_was_taken(gateway: TestGateway) -> None:
    ref = await held(gateway)
    await gateway.capture(capture(ref, 700), "capture")
    taken = RecordCapture(payment_id=ANNA, amount=euro(700), gateway_ref=ref)
    assert await gateway.void(void(ref), "void") == taken
    await gateway.void(void(None), "void all")
    assert await standing(gateway) == Standing(captured=700)


async def test_no_more_goes_back_than_was_taken(gateway: TestGateway) -> None:
    ref = await held(gateway)
    await gateway.capture(capture(ref), "capture")
    await gateway.refund(refund(ref, "r1", 600), "one")
    failure = RecordRefundFailure(payment_id=ANNA, refund_id=RefundId("r2"), reason="refund_exceeds_charge")
    assert await gateway.refund(refund(ref, "r2", 401), "two") == failure
    await gateway.refund(refund(ref, "r3", 400), "three")
    assert await standing(gateway) == Standing(captured=1000, refunded=1000)


async def test_an_unknown_hold_is_no_business_answer(gateway: TestGateway) -> None:
    with pytest.raises(GatewayUnavailable, match="No such payment_intent"):
        await gateway.capture(capture("pi_unknown"), "capture")


async def test_a_lost_answer_is_given_when_it_is_asked_for_again(gateway: TestGateway) -> None:
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            await gateway.authorise(payment("pm_card_timeout"), "key")
        assert await standing(gateway) == Standing(held=1000)
    assert isinstance(await gateway.authorise(payment("pm_card_timeout"), "key"), RecordAuthorisation)
    assert await standing(gateway) == Standing(held=1000)


async def test_a_wrong_amount_is_held_and_told(gateway: TestGateway) -> None:
    answer = await gateway.authorise(payment("pm_card_wrong_amount"), "key")
    assert isinstance(answer, RecordAuthorisation)
    assert answer.amount == euro(999)
    assert await standing(gateway) == Standing(held=999)


async def test_a_hold_that_cannot_be_taken_can_be_voided(gateway: TestGateway) -> None:
    ref = await held(gateway, "pm_card_capture_fails")
    failure = RecordCaptureFailure(payment_id=ANNA, reason="capture_refused_by_issuer")
    assert await gateway.capture(capture(ref), "capture") == failure
    await gateway.void(void(ref), "void")
    assert await standing(gateway) == Standing()


@pytest.mark.parametrize("approve", [True, False])
async def test_a_shopper_confirms_once(gateway: TestGateway, book: Book, approve: bool) -> None:
    asked = await gateway.authorise(payment("pm_card_3ds"), "key")
    assert isinstance(asked, RecordActionRequired)
    assert asked.action_url == f"https://bank.test/{asked.gateway_ref}"
    assert await standing(gateway) == Standing()

    approved = RecordAuthorisation(
        payment_id=ANNA,
        attempt=1,
        gateway_ref=asked.gateway_ref,
        amount=euro(1000),
        capture_before=NOON + HOLD,
    )
    denied = RecordFailure(payment_id=ANNA, attempt=1, reason="authentication_failed")
    expected: Answer = approved if approve else denied
    assert await gateway.confirm(asked.gateway_ref, approve=approve) == expected
    assert await gateway.confirm(asked.gateway_ref, approve=not approve) == expected
    assert await standing(gateway) == Standing(held=1000 if approve else 0)
    assert len(await book.due(NOON, 10)) == 1


async def test_nobody_confirms_what_was_voided_or_never_asked(gateway: TestGateway) -> None:
    asked = await gateway.authorise(payment("pm_card_3ds"), "key")
    assert isinstance(asked, RecordActionRequired)
    await gateway.void(void(asked.gateway_ref), "void")
    await gateway.confirm(asked.gateway_ref, approve=True)
    assert await standing(gateway) == Standing()
    for ref in ("", "pi_anna-1_0000", "pi_nobody_0000"):
        with pytest.raises(IntentNotFound):
            await gateway.confirm(ref, approve=True)
