"""Stripe's balance and the log agree after everything that can happen, and each planted difference is found."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.payment.commands import RecordAuthorisation, RecordOutsideRefund, RequestRefund
from domain.shared.money import Money
from infra.dev_servers.stripe.server import StripeServer
from infra.payments.ledger import Ledger, read_log
from infra.payments.reconciliation import Problem, Reconciliation, What, reconciled
from infra.payments.stripe.balance import Balance, read_balance
from infra.payments.stripe.gateway import StripeGateway
from tests.infra.payments.stripe.conftest import Shop, by_nobody
from tests.support.builders.payments import ANNA, capture, euro, payment, refund


async def captured(shop: Shop, gateway: StripeGateway, cents: int = 800) -> str:
    """A payment of 10 euro of which so much is taken, as the log has it."""
    asked = payment("pm_card_visa")
    await shop.request(asked)
    held = await gateway.authorise(asked, "a")
    assert isinstance(held, RecordAuthorisation)
    await shop.handler(held, by_nobody())
    await shop.handler(await gateway.capture(capture(held.gateway_ref, cents), "b"), by_nobody())
    return held.gateway_ref


async def applied(shop: Shop, stripe: StripeServer) -> None:
    for _ in range(3):
        await stripe.webhooks.deliver()
        await shop.applying.apply_due()
        stripe.clock.move(minutes=5)


async def compared(shop: Shop, gateway: StripeGateway, stripe: StripeServer) -> tuple[Reconciliation, Balance]:
    stripe.clock.move(hours=1)
    ledger, since = Ledger(), stripe.clock() - timedelta(days=30)
    log = await read_log(shop.store, shop.codec, ledger)
    balance = await read_balance(gateway.api, "shop", ledger.payments, since - timedelta(days=35))
    return reconciled(log, balance.entries, since, stripe.clock()), balance


async def test_both_books_agree_after_everything_that_can_happen(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await captured(shop, gateway)
    asked = refund(ref, "r1", 100)
    await shop.handler(
        RequestRefund(payment_id=ANNA, refund_id=asked.refund_id, amount=asked.amount, reason=asked.reason), by_nobody()
    )
    await shop.handler(await gateway.refund(asked, "c"), by_nobody())
    stripe.dashboard.refund(ref, 50)
    failing = stripe.dashboard.refund(ref, 20)
    await applied(shop, stripe)
    stripe.dashboard.fail_refund(failing["id"])
    await applied(shop, stripe)
    dispute = stripe.dashboard.dispute(ref, amount=500)
    await applied(shop, stripe)
    stripe.dashboard.end_dispute(dispute["id"], won=True)
    await applied(shop, stripe)
    found, balance = await compared(shop, gateway, stripe)
    assert found.differences == []
    assert found.gateway == [
        (What.CAPTURE, "EUR", euro(800)),
        (What.DISPUTE, "EUR", euro(0)),
        (What.REFUND, "EUR", euro(-150)),
    ]
    assert dict(balance.fees) == {"EUR": 37}
    assert dict(balance.others) == {}


Plant = Callable[[StripeServer, str], object]


@pytest.mark.parametrize(
    ("plant", "problem", "what", "log", "gateway_has"),
    [
        (lambda stripe, ref: stripe.dashboard.refund(ref, 50), Problem.NOT_IN_LOG, What.REFUND, None, -50),
        (lambda stripe, ref: stripe.dashboard.dispute(ref), Problem.NOT_IN_LOG, What.DISPUTE, None, -800),
        (lambda stripe, _: _changed(stripe, "charge", amount=799), Problem.AMOUNT, What.CAPTURE, 800, 799),
        (lambda stripe, _: _changed(stripe, "charge", type="payout"), Problem.NOT_AT_GATEWAY, What.CAPTURE, 800, None),
        (lambda stripe, _: _changed(stripe, "refund", amount=-101), Problem.AMOUNT, What.REFUND, -100, -101),
        (lambda stripe, _: _removed(stripe, "refund"), Problem.NOT_AT_GATEWAY, What.REFUND, -100, None),
        (lambda stripe, _: _changed(stripe, "adjustment", fee=2000), Problem.FEE, What.DISPUTE, -1500, -2000),
        (lambda stripe, _: _changed(stripe, "adjustment", amount=-301), Problem.AMOUNT, What.DISPUTE, -300, -301),
    ],
)
async def test_each_planted_difference_is_found(
    shop: Shop,
    gateway: StripeGateway,
    stripe: StripeServer,
    plant: Plant,
    problem: Problem,
    what: What,
    log: int | None,
    gateway_has: int | None,
) -> None:
    ref = await captured(shop, gateway)
    stripe.dashboard.refund(ref, 100)
    dispute = stripe.dashboard.dispute(ref, amount=300)
    await applied(shop, stripe)
    stripe.dashboard.end_dispute(dispute["id"], won=True)
    await applied(shop, stripe)
    stripe.webhooks.lost = True
    plant(stripe, ref)
    found, _ = await compared(shop, gateway, stripe)
    (difference,) = found.differences
    assert (difference.problem, difference.what, difference.payment) == (problem, what, "anna-1")
    assert (difference.log, difference.gateway) == (_euro(log), _euro(gateway_has))


async def test_what_moved_for_others_is_counted_apart(shop: Shop, gateway: StripeGateway, stripe: StripeServer) -> None:
    await captured(shop, gateway)
    theirs = StripeGateway(gateway.api, gateway.requests, gateway.clock, "another", gateway.confirm_at, gateway.back_at)
    other = await theirs.authorise(payment("pm_card_visa"), "other")
    assert isinstance(other, RecordAuthorisation)
    stripe.dashboard.capture(other.gateway_ref)
    stripe.dashboard.refund(other.gateway_ref, 400)
    found, balance = await compared(shop, gateway, stripe)
    assert found.ok
    assert dict(balance.others) == {("charge", "EUR"): 960, ("refund", "EUR"): -400}


async def test_a_capture_of_our_shop_that_the_log_has_never_heard_of_is_found(
    shop: Shop, gateway: StripeGateway, stripe: StripeServer
) -> None:
    stripe.webhooks.lost = True
    held = await gateway.authorise(payment("pm_card_visa"), "a")
    assert isinstance(held, RecordAuthorisation)
    stripe.dashboard.capture(held.gateway_ref)
    found, _ = await compared(shop, gateway, stripe)
    (difference,) = found.differences
    assert (difference.problem, difference.payment, difference.gateway) == (Problem.NOT_IN_LOG, "anna-1", euro(1000))


async def test_every_page_of_the_balance_is_read(shop: Shop, gateway: StripeGateway, stripe: StripeServer) -> None:
    ref = await captured(shop, gateway)
    for _ in range(230):
        refunded = stripe.dashboard.refund(ref, 1)
        await shop.handler(_outside(refunded["id"]), by_nobody())
    found, _ = await compared(shop, gateway, stripe)
    assert found.differences == []
    assert found.gateway[-1] == (What.REFUND, "EUR", euro(-230))


def _outside(ref: str) -> RecordOutsideRefund:
    return RecordOutsideRefund(payment_id=ANNA, refund_ref=ref, amount=euro(1))


def _changed(stripe: StripeServer, of: str, **fields: object) -> None:
    moved = next(one for one in stripe.account.objects["balance_transaction"].values() if one["type"] == of)
    moved.update(fields)


def _removed(stripe: StripeServer, type: str) -> None:
    kept = stripe.account.objects["balance_transaction"]
    del kept[next(id for id, one in kept.items() if one["type"] == type)]


def _euro(cents: int | None) -> Money | None:
    return None if cents is None else euro(cents)
