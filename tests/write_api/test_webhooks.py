"""What the gateway tells is believed when it is signed, and acknowledged when it is stored."""

import json
from datetime import timedelta

import httpx
import pytest

from domain.payment.commands import RecordAuthorisation, RecordCapture, RequestPayment
from domain.shared.ids import CustomerId, OrderId, PaymentId
from infra.payments.signatures import sign
from infra.payments.webhooks import write_webhook
from tests.support.builders.for_sale import NOON, by_staff, usd
from tests.support.harness.front_desk import WEBHOOK_SECRET, Desk, problem, said

AUTHORISED = RecordAuthorisation(
    payment_id=PaymentId("order"),
    attempt=1,
    gateway_ref="pi_1",
    amount=usd(2500),
    capture_before=NOON + timedelta(days=7),
)
BODY = write_webhook("evt_1", "pi_1", AUTHORISED, NOON)
SIGNED = {"Stripe-Signature": sign(BODY, WEBHOOK_SECRET, NOON)}


@pytest.fixture
async def asked(shop: Desk) -> Desk:
    command = RequestPayment(
        payment_id=PaymentId("order"),
        order_id=OrderId("order"),
        customer_id=CustomerId("anna"),
        amount=usd(2500),
        method="card",
    )
    await shop.handler(command, by_staff())
    return shop


async def test_a_message_is_stored_once_however_often_it_comes(asked: Desk, nobody: httpx.AsyncClient) -> None:
    for _ in range(3):
        answer = await nobody.post("/webhooks/payments", content=BODY, headers=SIGNED)
        assert await said(answer, 200) == {"stored": True}
    assert asked.stored[-2:] == [("payment-order", "payment.requested.v1"), ("payment-order", "payment.authorised.v1")]
    assert asked.handler.codec.decode_event(asked.store.log[-1]).metadata.actor == "gateway"


@pytest.mark.parametrize(
    "signature",
    [
        sign(BODY, b"guessed", NOON),
        sign(BODY, WEBHOOK_SECRET, NOON - timedelta(hours=1)),
        "",
        "t=1",
        "\xff",
        "t=" + "1" * 5000 + ",v1=00",
    ],
)
async def test_a_forged_message_is_not_believed(asked: Desk, nobody: httpx.AsyncClient, signature: str) -> None:
    before = asked.stored
    forged = httpx.Headers({"Stripe-Signature": signature}, encoding="latin-1")
    answer = await nobody.post("/webhooks/payments", content=BODY, headers=forged)
    assert (answer.status_code, problem(answer)["type"]) == (422, "urn:counterfoil:problem:webhook-refused")
    assert asked.stored == before


async def test_a_message_without_a_signature_is_not_read(asked: Desk, nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post("/webhooks/payments", content=BODY)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "Stripe-Signature")
    assert asked.stored[-1][1] == "payment.requested.v1"


async def test_an_unknown_payment_may_be_known_when_the_message_comes_again(
    shop: Desk, nobody: httpx.AsyncClient
) -> None:
    answer = await nobody.post("/webhooks/payments", content=BODY, headers=SIGNED)
    assert answer.status_code == 404
    assert shop.stored[-1][1] == "product.published.v1"


async def test_a_message_that_never_fits_is_acknowledged(asked: Desk, nobody: httpx.AsyncClient) -> None:
    before = asked.stored
    other = write_webhook("evt_2", "pi_1", RecordCapture(payment_id=PaymentId("order"), amount=usd(2500)), NOON)
    headers = {"Stripe-Signature": sign(other, WEBHOOK_SECRET, NOON)}
    answer = await nobody.post("/webhooks/payments", content=other, headers=headers)
    assert (await said(answer, 200), asked.stored) == ({"stored": False}, before)


async def test_a_type_that_means_nothing_here_is_acknowledged_and_counted(
    asked: Desk, nobody: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    before = asked.stored
    other = b'{"id":"evt_3","type":"customer.created","created":1,"data":{"object":{"id":"cus_1"}}}'
    headers = {"Stripe-Signature": sign(other, WEBHOOK_SECRET, NOON)}
    answer = await nobody.post("/webhooks/payments", content=other, headers=headers)
    assert (await said(answer, 200), asked.stored) == ({"stored": False}, before)
    assert "webhook of no known type" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"attempt": 0}, "data.object.attempt"),
        ({"capture_before": 10**30}, "data.object.capture_before"),
        ({"payment_id": "order\x00"}, "data.object.payment_id"),
    ],
)
async def test_a_signed_message_with_a_field_out_of_bounds_is_refused_and_names_it(
    asked: Desk, nobody: httpx.AsyncClient, changed: dict[str, object], field: str
) -> None:
    before, event = asked.stored, json.loads(BODY)
    event["data"]["object"] |= changed
    body = json.dumps(event).encode()
    headers = {"Stripe-Signature": sign(body, WEBHOOK_SECRET, NOON)}
    told = problem(await nobody.post("/webhooks/payments", content=body, headers=headers))
    assert (told["status"], told["type"]) == (422, "urn:counterfoil:problem:webhook-unusable")
    assert (told["errors"][0]["field"], asked.stored) == (field, before)


async def test_a_message_is_not_acknowledged_when_the_store_is_away(asked: Desk, nobody: httpx.AsyncClient) -> None:
    asked.store.unavailable = 1
    answer = await nobody.post("/webhooks/payments", content=BODY, headers=SIGNED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (await nobody.post("/webhooks/payments", content=BODY, headers=SIGNED)).status_code == 200


async def test_a_message_of_unreasonable_size_is_not_read(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post("/webhooks/payments", content=b"x" * 100_001, headers=SIGNED)
    assert problem(answer)["status"] == 413
