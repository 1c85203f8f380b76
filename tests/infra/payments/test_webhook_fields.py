"""Each field of each of the gateway's events has bounds; a signed event outside of them is named, and does nothing."""

import json
from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.payments.events import OBJECTS, Answer
from infra.payments.signatures import sign
from infra.payments.webhooks import WebhookUnusable, read_webhook, write_webhook
from tests.infra.payments.conftest import NOON
from tests.infra.payments.test_webhooks import ANSWERS, BODY, REF, SECRET

JSON = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.integers(), max_size=2)
)
HUGE, CONTROL, LONG = 10**30, "a\x00b", "x" * 3000
NEVER: list[Any] = [None, True, [], {}, 1.5]
TEXTS = [*NEVER, 7, "", CONTROL, LONG, "a b", "é", "a\n"]
NUMBERS = [*NEVER, "1", -1, 0, HUGE, 2**63]
MOVED = {"id": "txn_1", "amount": -1, "fee": 0}
BAD: dict[str, list[Any]] = {
    "id": TEXTS,
    "payment_id": TEXTS,
    "refund_id": TEXTS,
    "attempt": NUMBERS,
    "amount": NUMBERS,
    "currency": [*NEVER, "", "eur", "EURO", "EUR\n", "€€€"],
    "capture_before": [*NUMBERS, 1, 253_402_300_800, 10**11],
    "action_url": [*NEVER, "", "javascript://bank.test/1", "//bank.test", "https://", "https://bank.test/\x00", LONG],
    "refund_ref": TEXTS,
    "dispute_id": TEXTS,
    "status": [*NEVER, "", "disputed", "WON"],
    "respond_by": [*NUMBERS, 1, 10**11],
    "movements": [None, True, {}, 1.5, [1], [{}], [{"id": "", "amount": 1, "fee": 1}], [MOVED] * 101],
    "reason": [*NEVER, CONTROL, LONG],
}
OPTIONAL = {"reason"}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_each_field_of_each_event_has_bounds(answer: Answer) -> None:
    event = json.loads(write_webhook("evt_1", REF, answer, NOON))
    read = {name for name in event["data"]["object"] if name != "id" or "gateway_ref" in fields_of(answer)}
    assert read <= set(BAD)
    for name in read:
        for value in [*BAD[name], ...]:
            what = {**event["data"]["object"], name: value}
            if value is ...:
                del what[name]
                if name in OPTIONAL:
                    continue
            body = json.dumps({**event, "data": {"object": what}}).encode()
            with pytest.raises(WebhookUnusable) as refused:
                read_webhook(body, sign(body, SECRET, NOON), NOON, SECRET)
            told = refused.value.field or "" if value is not ... else f"data.object.{name}"
            assert (told.partition("[")[0], name in str(refused.value) or value is ...) == (f"data.object.{name}", True)


def fields_of(answer: Answer) -> set[str]:
    return {field.name for field in fields(answer)}


@pytest.mark.parametrize("name", ["id", "type", "data"])
def test_what_every_event_has_is_needed(name: str) -> None:
    event = json.loads(BODY)
    del event[name]
    body = json.dumps(event).encode()
    with pytest.raises(WebhookUnusable, match=name):
        read_webhook(body, sign(body, SECRET, NOON), NOON, SECRET)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(OBJECTS)), st.dictionaries(st.sampled_from(sorted(BAD)), JSON), st.text(max_size=40))
def test_whatever_is_signed_is_a_command_or_unusable(kind: str, what: dict[str, object], name: str) -> None:
    body = json.dumps({"id": name, "type": kind, "created": 1, "data": {"object": what}}).encode()
    with suppress(WebhookUnusable):
        assert read_webhook(body, sign(body, SECRET, NOON), NOON, SECRET)[1] is not None
