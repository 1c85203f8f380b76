"""Webhooks of Stripe are believed when they are signed and fresh, stored once, and anything else is refused (C35)."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from infra.dev_servers.stripe.clock import MovableClock
from infra.dev_servers.stripe.webhooks import signature
from infra.payments.signatures import WebhookRefused, sign, verify
from infra.payments.stripe.events import Verdict
from infra.payments.stripe.webhook import Webhooks, webhook_route
from tests.infra.payments.conftest import NOON
from tests.infra.payments.stripe.conftest import SECRET, Shop

CLOCK = MovableClock()
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-08-26.dahlia",
    "created": 1795608000,
    "livemode": False,
    "type": "payment_intent.succeeded",
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"shop": "shop", "who": "Zoé"}}},
}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


def told(**changes: Any) -> bytes:
    return json.dumps(EVENT | changes).encode()


async def sent(shop: Shop, body: bytes, header: str | None) -> httpx.Response:
    """The answer of the endpoint."""
    app = FastAPI()
    app.include_router(webhook_route(shop.webhooks))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        headers = {} if header is None else {"Stripe-Signature": header}
        return await client.post("/webhooks/stripe", content=body, headers=headers)


async def test_an_event_is_stored_once_however_often_it_comes(shop: Shop) -> None:
    for _ in range(3):
        answer = await sent(shop, BODY, signature(BODY, [SECRET], CLOCK()))
        assert (answer.status_code, answer.json()) == (200, {"stored": True})
    assert shop.verdicts == [Verdict.STORED, Verdict.KNOWN, Verdict.KNOWN]
    assert [one.object_id for one in await shop.inbox.due(CLOCK() + timedelta(hours=1), 10)] == ["pi_1"]


async def test_the_second_of_two_signatures_counts_while_a_secret_is_replaced(shop: Shop) -> None:
    answer = await sent(shop, BODY, signature(BODY, ["whsec_new", SECRET], CLOCK()))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("age", "accepted"),
    [(299, True), (301, False), (-299, True), (-301, False)],
    ids=["299 s old", "301 s old", "299 s from the future", "301 s from the future"],
)
def test_a_signature_is_fresh_for_five_minutes_in_either_direction(age: int, accepted: bool) -> None:
    header = sign(BODY, b"secret", NOON - timedelta(seconds=age))
    if accepted:
        verify(BODY, header, NOON, [b"secret"])
        return
    with pytest.raises(WebhookRefused, match="too old"):
        verify(BODY, header, NOON, [b"secret"])


SIGNED = signature(BODY, [SECRET], CLOCK())
TIME = SIGNED.split(",")[0]


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY, f"{TIME},v0={'0' * 64}"),
        (json.dumps(EVENT, ensure_ascii=False, indent=1).encode(), SIGNED),
        (json.dumps(dict(reversed(EVENT.items())), ensure_ascii=False).encode(), SIGNED),
        (json.dumps(EVENT).encode(), SIGNED),
        (BODY, SIGNED.replace(TIME, "t=NaN")),
        (BODY, f"{SIGNED},{TIME}"),
        (BODY, SIGNED.replace(f"{TIME},", "")),
        (BODY, signature(BODY, ["whsec_guessed"], CLOCK())),
        (BODY, TIME),
        (BODY, ""),
        (BODY, None),
        (BODY, "t=" + "1" * 5000),
        (b"", SIGNED),
        (b"[]", signature(b"[]", [SECRET], CLOCK())),
        (b"\xff", signature(b"\xff", [SECRET], CLOCK())),
        (b"[" * 50_000, signature(b"[" * 50_000, [SECRET], CLOCK())),
        (told(created="soon"), signature(told(created="soon"), [SECRET], CLOCK())),
    ],
    ids=[
        "only v0",
        "other spacing",
        "other order of keys",
        "é written otherwise",
        "t=NaN",
        "two t",
        "no t",
        "another secret",
        "no signature",
        "empty header",
        "no header",
        "endless time",
        "no body",
        "no event",
        "no text",
        "deep nesting",
        "bad field",
    ],
)
async def test_anything_else_is_refused_with_400(shop: Shop, body: bytes, header: str | None) -> None:
    answer = await sent(shop, body, header)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == "urn:counterfoil:problem:webhook-refused"
    assert shop.verdicts == ["refused"]
    assert await shop.inbox.due(CLOCK() + timedelta(hours=1), 10) == []


@pytest.mark.parametrize("secrets", [[], [b""]], ids=["none", "empty"])
async def test_without_a_secret_every_webhook_is_refused(shop: Shop, secrets: list[bytes]) -> None:
    webhooks = Webhooks(shop.inbox, secrets, "shop", False, CLOCK, lambda _: None)
    for header in (signature(BODY, [""], CLOCK()), SIGNED):
        with pytest.raises(WebhookRefused):
            await webhooks.take(BODY, header)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (told(type="customer.created"), Verdict.OTHER_TYPE),
        (told(object="v2.core.event", type="v1.billing.meter.error"), Verdict.THIN),
        (told(livemode=True), Verdict.OTHER_MODE),
        (told(data={"object": {"id": "pi_1", "metadata": {"shop": "another"}}}), Verdict.OTHER_SHOP),
    ],
)
async def test_what_is_none_of_ours_is_acknowledged_and_counted(shop: Shop, body: bytes, verdict: Verdict) -> None:
    answer = await sent(shop, body, signature(body, [SECRET], CLOCK()))
    assert (answer.status_code, answer.json()) == (200, {"stored": False})
    assert shop.verdicts == [verdict]
    assert await shop.inbox.due(CLOCK() + timedelta(hours=1), 10) == []
