"""However late, often or mixed up Stripe tells of its changes, the payment stands as Stripe has it (C34, C37)."""

import random
from datetime import timedelta

import pytest

from domain.payment.commands import RecordActionRequired, RecordAuthorisation, RecordCapture
from domain.payment.state import PaymentPhase
from infra.dev_servers.stripe.server import StripeServer
from infra.payments.stripe.gateway import StripeGateway
from tests.infra.payments.stripe.conftest import Shop, by_nobody
from tests.support.builders.payments import capture, euro, payment

VISA, ASKS = "pm_card_visa", "pm_card_threeDSecure2Required"


async def pay(shop: Shop, gateway: StripeGateway, card: str = VISA, *, answer_lost: bool = False) -> str:
    """An attempt; the intent that it made."""
    asked = payment(card)
    await shop.request(asked)
    answer = await gateway.authorise(asked, "a")
    if not answer_lost:
        await shop.handler(answer, by_nobody())
    match answer:
        case RecordAuthorisation(gateway_ref=ref) | RecordActionRequired(gateway_ref=ref):
            return ref
        case _:
            return ""


async def applied(shop: Shop, stripe: StripeServer) -> None:
    """Everything that Stripe has to tell is delivered and applied."""
    await stripe.webhooks.deliver()
    await shop.applying.apply_due()


@pytest.mark.parametrize("seed", range(6))
async def test_the_order_and_the_number_of_webhooks_changes_nothing(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer, seed: int
) -> None:
    stripe.webhooks.repeats, stripe.webhooks.shuffled = 1 + seed % 3, random.Random(seed)
    ref = await pay(shop, gateway, ASKS, answer_lost=seed % 2 == 0)
    if seed > 2:
        await applied(shop, stripe)
    stripe.bank.approve(ref)
    if seed % 3:
        await applied(shop, stripe)
    await gateway.capture(capture(ref), "b")
    await applied(shop, stripe)
    await applied(shop, stripe)
    after = await shop.payment()
    assert (after.phase, after.captured, after.attempt) == (PaymentPhase.CAPTURED, euro(1000), 1)
    facts = await shop.facts()
    assert [facts.count(f"payment.{it}.v1") for it in ("authorised", "captured", "failed")] == [1, 1, 0]


async def test_a_late_failure_of_an_older_attempt_changes_nothing(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    stripe.webhooks.delay = timedelta(hours=1)
    await pay(shop, gateway, "pm_card_chargeDeclined")
    second = payment(VISA, attempt=2)
    await shop.request(second)
    await shop.handler(await gateway.authorise(second, "second"), by_nobody())
    stripe.clock.move(hours=1)
    await applied(shop, stripe)
    after = await shop.payment()
    assert (after.phase, after.attempt) == (PaymentPhase.AUTHORISED, 2)


async def test_who_denies_at_the_bank_has_failed_and_the_intent_is_closed(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await pay(shop, gateway, ASKS)
    stripe.bank.deny(ref)
    await applied(shop, stripe)
    assert (await shop.payment()).phase is PaymentPhase.FAILED
    assert stripe.account.find("payment_intent", ref)["status"] == "canceled"


async def test_a_capture_made_at_stripe_shows_what_was_taken(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await pay(shop, gateway)
    stripe.dashboard.capture(ref, 500)
    await applied(shop, stripe)
    after = await shop.payment()
    assert (after.phase, after.captured, after.released) == (PaymentPhase.CAPTURED, euro(500), euro(500))


async def test_a_hold_that_expired_is_recorded_as_that(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    await pay(shop, gateway)
    stripe.clock.move(days=8)
    await applied(shop, stripe)
    assert (await shop.payment()).phase is PaymentPhase.HOLD_EXPIRED


async def test_a_hold_that_was_given_back_at_stripe_is_voided(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await pay(shop, gateway)
    stripe.dashboard.cancel(ref)
    await applied(shop, stripe)
    assert (await shop.payment()).phase is PaymentPhase.VOIDED


async def test_a_refund_made_at_stripe_counts(shop: Shop, gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await pay(shop, gateway)
    taken = await gateway.capture(capture(ref), "b")
    assert isinstance(taken, RecordCapture)
    await shop.handler(taken, by_nobody())
    stripe.dashboard.refund(ref, 300)
    await applied(shop, stripe)
    assert (await shop.payment()).refundable == euro(700)


async def test_a_dispute_is_followed_until_it_is_lost(shop: Shop, gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await pay(shop, gateway)
    await gateway.capture(capture(ref), "b")
    dispute = stripe.dashboard.dispute(ref)
    await applied(shop, stripe)
    stripe.dashboard.answer_dispute(dispute["id"])
    await applied(shop, stripe)
    stripe.dashboard.end_dispute(dispute["id"], won=False)
    stripe.clock.move(seconds=5)
    await applied(shop, stripe)
    facts = await shop.facts()
    assert [it for it in facts if "dispute" in it] == [
        "payment.dispute_opened.v1",
        "payment.dispute_funds_moved.v1",
        "payment.dispute_evidence_submitted.v1",
        "payment.dispute_closed.v1",
    ]


async def test_a_week_without_webhooks_is_made_up_for_by_the_list(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    stripe.webhooks.lost = True
    ref = await pay(shop, gateway, ASKS)
    stripe.bank.approve(ref)
    stripe.clock.move(days=6)
    stripe.dashboard.capture(ref, 600)
    stripe.clock.move(days=1)
    assert await shop.polling.read() >= 2
    await shop.applying.apply_due()
    assert (await shop.payment()).captured == euro(600)
    assert await shop.polling.read() == 0


async def test_the_list_is_read_again_for_an_hour_before_its_end(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    await pay(shop, gateway)
    await shop.polling.read()
    read_to = await shop.inbox.read_to()
    assert read_to is not None
    stripe.clock.move(days=2)
    await shop.polling.read()
    (request, *_) = [it for it in reversed(stripe.requests) if it.route == "events.list"]
    assert int(request.form["created"]["gte"]) == int((read_to - timedelta(hours=1)).timestamp())


async def test_an_event_for_a_payment_that_is_not_there_yet_waits(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    asked = payment(VISA)
    assert isinstance(await gateway.authorise(asked, "a"), RecordAuthorisation)
    await applied(shop, stripe)
    assert await shop.facts() == []
    assert await shop.inbox.overdue(stripe.clock() + timedelta(hours=2), timedelta(hours=1)) >= 1
    await shop.request(asked)
    stripe.clock.move(minutes=5)
    await shop.applying.apply_due()
    assert (await shop.payment()).phase is PaymentPhase.AUTHORISED
    assert await shop.inbox.overdue(stripe.clock() + timedelta(hours=2), timedelta(hours=1)) == 0


async def test_payments_of_another_shop_of_the_account_are_let_go(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    asked = payment(VISA)
    await shop.request(asked)
    theirs = StripeGateway(gateway.api, gateway.requests, gateway.clock, "another", gateway.confirm_at, gateway.back_at)
    await theirs.authorise(asked, "a")
    stripe.webhooks.lost = False
    await applied(shop, stripe)
    assert set(shop.verdicts) <= {"other shop", "other type"}
    assert (await shop.payment()).phase is PaymentPhase.PENDING


async def test_a_fault_of_stripe_only_delays(shop: Shop, gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await pay(shop, gateway)
    stripe.dashboard.capture(ref)
    stripe.faults.error_before("payment_intents.retrieve", times=1)
    await applied(shop, stripe)
    assert (await shop.payment()).phase is PaymentPhase.AUTHORISED
    stripe.clock.move(minutes=1)
    await shop.applying.apply_due()
    assert (await shop.payment()).phase is PaymentPhase.CAPTURED
