"""What the gateway tells by webhook is believed when it is signed, fresh and understood, and told until it is taken."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordDispute,
    RecordFailure,
    RecordHoldExpired,
    RecordOutsideRefund,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.dispute import DisputeStatus, FundsMovement
from domain.shared.ids import DisputeId, RefundId
from infra.payments.book import Book
from infra.payments.events import Answer
from infra.payments.gateway import TestGateway
from infra.payments.intents import HOLD, Standing
from infra.payments.page import confirmation_page
from infra.payments.sender import Sender
from infra.payments.signatures import WebhookRefused, sign
from infra.payments.webhooks import WebhookUnusable, read_webhook, write_webhook
from tests.infra.payments.conftest import NOON, Watch
from tests.support.builders.payments import ANNA, ORDER, capture, euro, payment

SECRET = b"whsec_test"
REF = "pi_anna-1_0123"
AUTHORISED = RecordAuthorisation(
    payment_id=ANNA, attempt=1, gateway_ref=REF, amount=euro(1000), capture_before=NOON + HOLD
)
ANSWERS: list[Answer] = [
    AUTHORISED,
    RecordActionRequired(payment_id=ANNA, attempt=2, gateway_ref=REF, action_url="https://bank.test/1"),
    RecordFailure(payment_id=ANNA, attempt=1, reason="card_declined"),
    RecordCapture(payment_id=ANNA, amount=euro(1000), gateway_ref=REF),
    RecordCaptureFailure(payment_id=ANNA, reason="hold_is_over"),
    RecordHoldExpired(payment_id=ANNA, gateway_ref=REF),
    RecordVoid(payment_id=ANNA, gateway_ref=REF),
    RecordRefund(payment_id=ANNA, refund_id=RefundId("r1"), refund_ref="re_1"),
    RecordRefundFailure(payment_id=ANNA, refund_id=RefundId("r1"), reason="refund_exceeds_charge", refund_ref="re_1"),
    RecordOutsideRefund(payment_id=ANNA, refund_ref="re_1", amount=euro(300)),
    RecordDispute(
        payment_id=ANNA,
        dispute_id=DisputeId("dp_1"),
        status=DisputeStatus.WON,
        amount=euro(1000),
        reason="fraudulent",
        respond_by=NOON + HOLD,
        movements=(
            FundsMovement(movement_id="txn_1", amount=euro(-1000), fee=euro(-1500)),
            FundsMovement(movement_id="txn_2", amount=euro(1000), fee=euro(0)),
        ),
    ),
]
BODY = write_webhook("evt_1", REF, AUTHORISED, NOON)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_every_answer_can_be_told(answer: Answer) -> None:
    body = write_webhook("evt_1", REF, answer, NOON)
    assert read_webhook(body, sign(body, SECRET, NOON), NOON, SECRET)[1] == answer


def test_an_event_told_again_is_the_same_command_and_another_event_is_another() -> None:
    later = NOON + timedelta(minutes=2)
    first, again = (read_webhook(BODY, sign(BODY, SECRET, at), later, SECRET) for at in (NOON, later))
    assert first == again
    other = write_webhook("evt_2", REF, AUTHORISED, NOON)
    assert read_webhook(other, sign(other, SECRET, NOON), NOON, SECRET)[0] != first[0]


def test_the_signature_is_what_openssl_makes_of_time_and_body() -> None:
    mac = "a57f6c7fd0dc2be4d8c922a653a51975792143d5d37b179e072368fe04736d8d"
    assert sign(b"{}", b"whsec_test", NOON) == f"t=1795608000,v1={mac}"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=,v1=",
        "v1=00",
        "t=1795608000",
        "t=1795608000,v1=é",
        "t=x,v1=00",
        "t=" + "1" * 5000 + ",v1=00",
        "t=" + "0" * 13 + "1,v1=00",
        "t=-1,v1=00",
        "t=1e9,v1=00",
        sign(BODY, b"another secret", NOON),
        sign(BODY + b" ", SECRET, NOON),
        sign(BODY, SECRET, NOON).replace("v1=", "v0="),
        sign(BODY, SECRET, NOON).replace("t=17", "t=18"),
        sign(BODY, SECRET, NOON) + ",t=1",
    ],
)
def test_whoever_cannot_sign_is_not_believed(signature: str) -> None:
    with pytest.raises(WebhookRefused, match="signature"):
        read_webhook(BODY, signature, NOON, SECRET)


def test_one_good_signature_of_several_is_enough() -> None:
    signature = sign(BODY, SECRET, NOON).replace(",v1=", ",v1=00,v0=11,v1=")
    assert read_webhook(BODY, signature, NOON, SECRET)[1] == AUTHORISED


@pytest.mark.parametrize("age", [timedelta(minutes=-5), timedelta(0), timedelta(minutes=5)])
def test_a_signature_is_good_for_five_minutes(age: timedelta) -> None:
    signature = sign(BODY, SECRET, NOON)
    assert read_webhook(BODY, signature, NOON + age, SECRET)[1] == AUTHORISED
    if age:
        with pytest.raises(WebhookRefused, match="old"):
            read_webhook(BODY, signature, NOON + age * 1.01, SECRET)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", b'{"id":"evt_1"}', b"[" * 100_000, BODY[:-1], BODY.replace(b'"evt_1"', b"1")],
    ids=["nothing", "list", "no text", "no type", "deep", "cut", "number"],
)
def test_a_signed_body_that_is_no_event_is_unusable(body: bytes) -> None:
    with pytest.raises(WebhookUnusable):
        read_webhook(body, sign(body, SECRET, NOON), NOON, SECRET)


@pytest.mark.parametrize("body", [BODY.replace(b"amount_cap", b"unknown_cap"), BODY.replace(b"payment_intent.", b"")])
def test_a_type_that_means_nothing_here_is_no_fault(body: bytes) -> None:
    assert read_webhook(body, sign(body, SECRET, NOON), NOON, SECRET)[1] is None
    bare = b'{"id":"evt_9","type":"customer.created","data":{"object":{"id":"cus_1"}}}'
    assert read_webhook(bare, sign(bare, SECRET, NOON), NOON, SECRET)[1] is None


class Shop:
    """Takes webhooks, or not."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.closed = False
        self.heard = list[tuple[UUID, Answer]]()
        self.told = asyncio.Event()

    async def take(self, body: bytes, signature: str) -> None:
        if self.closed:
            raise ConnectionRefusedError
        command_id, answer = read_webhook(body, signature, self.watch(), SECRET)
        assert answer is not None
        self.heard.append((command_id, answer))
        self.told.set()


@pytest.fixture
def shop(watch: Watch) -> Shop:
    return Shop(watch)


@pytest.fixture
def sender(book: Book, shop: Shop, watch: Watch) -> Sender:
    return Sender(book, shop.take, SECRET, watch)


async def wait(sender: Sender, watch: Watch, seconds: float) -> None:
    watch.forward(timedelta(seconds=seconds))
    await sender.send_due()


async def test_a_late_answer_comes_by_webhook(gateway: TestGateway, sender: Sender, shop: Shop, watch: Watch) -> None:
    assert await gateway.authorise(payment("pm_card_late"), "key") is None
    assert await gateway.authorise(payment("pm_card_late"), "key") is None
    await wait(sender, watch, 4.9)
    assert shop.heard == []
    await wait(sender, watch, 0.1)
    await wait(sender, watch, 60)
    ((_, answer),) = shop.heard
    assert isinstance(answer, RecordAuthorisation)
    assert answer.amount == euro(1000)


async def test_a_talkative_card_says_everything_again_twice(
    gateway: TestGateway, sender: Sender, shop: Shop, watch: Watch
) -> None:
    answer = await gateway.authorise(payment("pm_card_duplicate_webhooks"), "key")
    assert isinstance(answer, RecordAuthorisation)
    taken = await gateway.capture(capture(answer.gateway_ref), "capture")
    await wait(sender, watch, 0)
    await wait(sender, watch, 1)
    assert sorted((command for _, command in shop.heard), key=repr) == [answer, answer, taken, taken]
    assert len({command_id for command_id, _ in shop.heard}) == 4


async def test_webhooks_may_come_out_of_order(gateway: TestGateway, sender: Sender, shop: Shop, watch: Watch) -> None:
    assert await gateway.authorise(payment("pm_card_out_of_order_webhooks"), "key") is None
    await wait(sender, watch, 1)
    await wait(sender, watch, 1)
    (_, authorised), (_, asked) = shop.heard
    assert isinstance(authorised, RecordAuthorisation)
    assert isinstance(asked, RecordActionRequired)
    await gateway.capture(capture(authorised.gateway_ref), "capture")
    await wait(sender, watch, 0)
    await wait(sender, watch, 1)
    captured = RecordCapture(payment_id=ANNA, amount=euro(1000), gateway_ref=authorised.gateway_ref)
    assert [command for _, command in shop.heard[2:]] == [captured, authorised]


async def test_a_shop_that_is_closed_is_told_later_and_ever_more_seldom(
    gateway: TestGateway, sender: Sender, shop: Shop, watch: Watch
) -> None:
    asked = await gateway.authorise(payment("pm_card_3ds"), "key")
    assert isinstance(asked, RecordActionRequired)
    await gateway.confirm(asked.gateway_ref, approve=True)
    shop.closed = True
    for seconds in (0, 1, 2, 4):
        assert await sender.send_due() == 0 if seconds else True
        await wait(sender, watch, seconds)
    shop.closed = False
    await wait(sender, watch, 7.9)
    assert shop.heard == []
    await wait(sender, watch, 0.1)
    assert len(shop.heard) == 1
    await wait(sender, watch, 3600)
    assert len(shop.heard) == 1


async def test_a_shop_that_does_not_take_a_webhook_for_three_days_is_left_alone(
    gateway: TestGateway, book: Book, sender: Sender, shop: Shop, watch: Watch
) -> None:
    shop.closed = True
    await gateway.authorise(payment("pm_card_late"), "key")
    start, tried = watch(), 0
    while due := await book.due(start + timedelta(days=30), 10):
        watch.now = due[0].due
        tried += await sender.send_due()
    assert tried == 84
    assert timedelta(days=2, hours=22) < watch() - start < timedelta(days=3, hours=2)


async def test_the_sender_sends_until_it_is_stopped(gateway: TestGateway, sender: Sender, shop: Shop) -> None:
    await gateway.authorise(payment("pm_card_duplicate_webhooks"), "key")
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    await asyncio.wait_for(shop.told.wait(), 60)
    stop.set()
    await running


@pytest.mark.parametrize(("answer", "standing"), [("approve", Standing(held=1000)), ("deny", Standing())])
async def test_a_shopper_confirms_on_a_page(gateway: TestGateway, answer: str, standing: Standing) -> None:
    asked = await gateway.authorise(payment("pm_card_3ds"), "key")
    assert isinstance(asked, RecordActionRequired)
    app = FastAPI()
    app.include_router(confirmation_page(gateway, lambda order: f"https://shop.test/{order}"), prefix="/bank")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://bank.test/bank") as client:
        page = await client.get(f"/{asked.gateway_ref}")
        assert (page.status_code, asked.gateway_ref in page.text, "10.00 EUR" in page.text) == (200, True, True)
        assert (await client.post(f"/{asked.gateway_ref}/perhaps")).status_code == 422
        done = await client.post(f"/{asked.gateway_ref}/{answer}")
        assert (done.status_code, done.headers["location"]) == (303, f"https://shop.test/{ORDER}")
    assert await gateway.ledger() == {ANNA: standing}
