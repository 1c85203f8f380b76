"""What Stripe answers to each call, as the payment records it."""

import json
from datetime import timedelta
from typing import Any

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
from infra.dev_servers.stripe.server import StripeServer
from infra.payments.stripe.gateway import StripeGateway
from infra.payments.stripe.pace import Urgency
from process_managers.engine.ports import GatewayUnavailable
from tests.support.builders.payments import ANNA, capture, euro, payment, refund, void


def _intents(stripe: StripeServer) -> list[Any]:
    """All intents at Stripe."""
    return list(stripe.account.all("payment_intent"))


async def held(gateway: StripeGateway, key: str = "a") -> str:
    answer = await gateway.authorise(payment("pm_card_visa"), key)
    assert isinstance(answer, RecordAuthorisation)
    return answer.gateway_ref


async def test_an_intent_is_made_and_confirmed_in_one_call(gateway: StripeGateway, stripe: StripeServer) -> None:
    answer = await gateway.authorise(payment("pm_card_visa"), "key-1")
    assert isinstance(answer, RecordAuthorisation)
    assert (answer.payment_id, answer.attempt, answer.amount) == (ANNA, 1, euro(1000))
    assert timedelta(days=4) < answer.capture_before - stripe.clock() <= timedelta(days=7)
    (request,) = stripe.requests
    assert (request.route, request.key, request.answer["status"]) == (
        "payment_intents.create",
        "key-1",
        "requires_capture",
    )
    assert request.answer["metadata"] == {
        "shop": "shop",
        "payment": "anna-1",
        "order": "anna-1",
        "attempt": "1",
        "call": "key-1",
    }
    assert answer.gateway_ref == request.answer["id"]


async def test_a_confirmation_token_pays_once(gateway: StripeGateway, stripe: StripeServer) -> None:
    made = await gateway.api.post(
        "/v1/test_helpers/confirmation_tokens", "token", Urgency.SHOPPERS, payment_method="pm_card_visa"
    )
    first = await gateway.authorise(payment(made["id"]), "a")
    assert isinstance(first, RecordAuthorisation)
    again = await gateway.authorise(payment(made["id"], attempt=2), "b")
    assert isinstance(again, RecordFailure)
    assert [stripe.dashboard.money(intent["id"])[0] for intent in _intents(stripe)].count(1000) == 1


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedStolenCard", "card_declined"),
    ],
)
async def test_a_declined_card_is_final_and_its_intent_closed(
    gateway: StripeGateway, stripe: StripeServer, card: str, reason: str
) -> None:
    assert await gateway.authorise(payment(card), "a") == RecordFailure(payment_id=ANNA, attempt=1, reason=reason)
    assert [intent["status"] for intent in _intents(stripe)] == ["canceled"]


async def test_an_unknown_method_is_a_failure(gateway: StripeGateway) -> None:
    answer = await gateway.authorise(payment("ctoken_unknown"), "a")
    assert answer == RecordFailure(payment_id=ANNA, attempt=1, reason="resource_missing")


async def test_who_has_to_confirm_is_sent_to_our_page_and_no_secret_is_kept(
    gateway: StripeGateway, stripe: StripeServer
) -> None:
    answer = await gateway.authorise(payment("pm_card_threeDSecure2Required"), "a")
    (intent,) = _intents(stripe)
    assert answer == RecordActionRequired(
        payment_id=ANNA,
        attempt=1,
        gateway_ref=intent["id"],
        action_url="https://shop.test/checkout/anna-1/confirm",
    )
    assert intent["client_secret"] not in repr(answer)


async def test_a_capture_takes_what_it_was_asked_to_and_releases_the_rest(
    gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await held(gateway)
    taken = RecordCapture(payment_id=ANNA, amount=euro(700), gateway_ref=ref)
    assert await gateway.capture(capture(ref, 700), "b") == taken
    assert stripe.dashboard.money(ref) == (0, 700, 0)


async def test_a_capture_made_at_stripe_is_recorded_and_not_repeated(
    gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await held(gateway)
    stripe.dashboard.capture(ref, 500)
    answer = await gateway.capture(capture(ref), "b")
    assert answer == RecordCapture(payment_id=ANNA, amount=euro(500), gateway_ref=ref)


async def test_the_capture_of_an_expired_hold_tells_that_it_expired(
    gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await held(gateway)
    stripe.clock.move(days=8)
    assert await gateway.capture(capture(ref), "b") == RecordHoldExpired(payment_id=ANNA, gateway_ref=ref)


async def test_a_capture_of_too_much_fails_and_the_hold_stays(gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await held(gateway)
    answer = await gateway.capture(capture(ref, 1001), "b")
    assert isinstance(answer, RecordCaptureFailure)
    assert stripe.dashboard.money(ref) == (1000, 0, 0)


async def test_a_void_gives_the_hold_back(gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await held(gateway)
    assert await gateway.void(void(ref), "b") == RecordVoid(payment_id=ANNA, gateway_ref=ref)
    assert await gateway.void(void(ref), "c") == RecordVoid(payment_id=ANNA, gateway_ref=ref)
    assert stripe.dashboard.money(ref) == (0, 0, 0)


async def test_a_void_that_meets_a_capture_tells_of_the_capture(gateway: StripeGateway) -> None:
    ref = await held(gateway)
    await gateway.capture(capture(ref), "b")
    assert await gateway.void(void(ref), "c") == RecordCapture(payment_id=ANNA, amount=euro(1000), gateway_ref=ref)


async def test_a_refund_goes_back_under_its_own_id(gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await held(gateway)
    await gateway.capture(capture(ref), "b")
    answer = await gateway.refund(refund(ref, "r1", 300), "c")
    made = stripe.requests[-1].answer
    assert answer == RecordRefund(payment_id=ANNA, refund_id=RefundId("r1"), refund_ref=made["id"])
    assert made["metadata"] == {"shop": "shop", "payment": "anna-1", "refund": "r1", "call": "c"}
    too_much = await gateway.refund(refund(ref, "r2", 701), "d")
    assert isinstance(too_much, RecordRefundFailure)
    assert stripe.dashboard.money(ref) == (0, 1000, 300)


async def test_a_pending_refund_is_answered_later(gateway: StripeGateway) -> None:
    answer = await gateway.authorise(payment("pm_card_pendingRefund"), "a")
    assert isinstance(answer, RecordAuthorisation)
    await gateway.capture(capture(answer.gateway_ref), "b")
    assert await gateway.refund(refund(answer.gateway_ref, "r1", 300), "c") is None


async def test_a_wrong_key_is_a_fault_and_no_refusal(gateway: StripeGateway) -> None:
    gateway.api.client._requestor._options.api_key = "sk_test_wrong"
    with pytest.raises(GatewayUnavailable, match="COUNTERFOIL_STRIPE_KEY"):
        await gateway.authorise(payment("pm_card_visa"), "a")


async def test_nothing_secret_is_in_any_answer(gateway: StripeGateway, stripe: StripeServer) -> None:
    answers = [
        await gateway.authorise(payment(card), card) for card in ("pm_card_visa", "pm_card_authenticationRequired")
    ]
    secrets = [intent["client_secret"] for intent in _intents(stripe)]
    assert len(secrets) == 2
    assert not any(secret in repr(answers) for secret in secrets)
    assert "4242" not in json.dumps(repr(answers))
