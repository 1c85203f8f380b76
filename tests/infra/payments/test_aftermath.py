"""What the test gateway tells of its own accord, by payment method."""

from datetime import timedelta
from typing import Any

import pytest

from domain.payment.commands import (
    RecordAuthorisation,
    RecordCapture,
    RecordDispute,
    RecordHoldExpired,
    RecordOutsideRefund,
    RecordRefund,
    RecordRefundFailure,
)
from domain.payment.dispute import DisputeStatus
from domain.shared.ids import RefundId
from infra.payments.book import MemoryBook
from infra.payments.gateway import TestGateway
from infra.payments.intents import Standing
from infra.payments.signatures import sign
from infra.payments.webhooks import read_webhook
from tests.infra.payments.conftest import NOON, Watch
from tests.support.builders.payments import ANNA, capture, euro, payment, refund, void

SECRET = b"whsec_test"


@pytest.fixture
def book() -> MemoryBook:
    return MemoryBook()


@pytest.fixture
def shop(book: MemoryBook) -> TestGateway:
    return TestGateway(book, Watch(), "https://bank.test/", late_by=timedelta(seconds=1))


async def held(gateway: TestGateway, method: str) -> str:
    answer = await gateway.authorise(payment(method), "authorise")
    assert isinstance(answer, RecordAuthorisation)
    return answer.gateway_ref


def told(book: MemoryBook) -> list[Any]:
    """What the shop will hear, in its order."""
    due = sorted(book.untold, key=lambda webhook: webhook.due)
    return [read_webhook(it.body, sign(it.body, SECRET, NOON), NOON, SECRET)[1] for it in due]


async def test_a_hold_may_expire_within_seconds(shop: TestGateway, book: MemoryBook) -> None:
    ref = await held(shop, "pm_card_hold_expires")
    assert told(book) == [RecordHoldExpired(payment_id=ANNA, gateway_ref=ref)]
    assert isinstance(shop.clock, Watch)
    shop.clock.forward(timedelta(seconds=1))
    assert await shop.capture(capture(ref), "c") == RecordHoldExpired(payment_id=ANNA, gateway_ref=ref)
    assert await shop.ledger() == {ANNA: Standing()}


async def test_somebody_may_take_a_quarter_by_hand(shop: TestGateway, book: MemoryBook) -> None:
    ref = await held(shop, "pm_card_captured_outside")
    quarter = RecordCapture(payment_id=ANNA, amount=euro(250), gateway_ref=ref)
    assert told(book) == [quarter]
    assert await shop.capture(capture(ref), "c") == quarter
    assert await shop.void(void(ref), "v") == quarter
    assert await shop.ledger() == {ANNA: Standing(captured=250)}


async def test_somebody_may_refund_a_quarter_by_hand(shop: TestGateway, book: MemoryBook) -> None:
    ref = await held(shop, "pm_card_refunded_outside")
    await shop.capture(capture(ref), "c")
    assert told(book) == [RecordOutsideRefund(payment_id=ANNA, refund_ref=f"re_{ref}", amount=euro(250))]


async def test_a_refund_may_fail_after_it_succeeded(shop: TestGateway, book: MemoryBook) -> None:
    ref = await held(shop, "pm_card_refund_fails_later")
    await shop.capture(capture(ref), "c")
    it = RefundId("r1")
    answer = await shop.refund(refund(ref, it, 300), "r")
    assert answer == RecordRefund(payment_id=ANNA, refund_id=it, refund_ref="re_r1")
    failure = RecordRefundFailure(payment_id=ANNA, refund_id=it, reason="lost_or_stolen_card", refund_ref="re_r1")
    assert told(book) == [failure]
    assert await shop.ledger() == {ANNA: Standing(captured=1000)}


@pytest.mark.parametrize(
    ("method", "seen"),
    [
        ("pm_card_disputed", [(DisputeStatus.NEEDS_RESPONSE, [(-1000, -1500)])]),
        ("pm_card_inquiry", [(DisputeStatus.INQUIRY_NEEDS_RESPONSE, [])]),
        (
            "pm_card_dispute_lost",
            [(DisputeStatus.NEEDS_RESPONSE, [(-1000, -1500)]), (DisputeStatus.LOST, [(-1000, -1500)])],
        ),
        (
            "pm_card_dispute_won",
            [
                (DisputeStatus.NEEDS_RESPONSE, [(-1000, -1500)]),
                (DisputeStatus.UNDER_REVIEW, [(-1000, -1500)]),
                (DisputeStatus.WON, [(-1000, -1500), (1000, 0)]),
            ],
        ),
    ],
)
async def test_a_bank_may_dispute_what_was_taken(
    shop: TestGateway, book: MemoryBook, method: str, seen: list[Any]
) -> None:
    await shop.capture(capture(await held(shop, method)), "c")
    disputes = [it for it in told(book) if isinstance(it, RecordDispute)]
    assert [(it.status, [(m.amount.amount, m.fee.amount) for m in it.movements]) for it in disputes] == seen
