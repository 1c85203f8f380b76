"""Whatever goes wrong leaves as a problem document that says what to do."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from commands.ports import ConcurrentChange, StoreError, StreamCut
from infra.eventstore.hash_chain import NotStorable
from tests.support.harness.front_desk import Desk, problem, said
from tests.write_api.test_carts import MUGS, cart_of
from tests.write_api.test_erasure import CAREFUL

JSON = {"Content-Type": "application/json"}
A_CODE = "Send 1 to 64 letters, digits, dots, hyphens and underscores, the first a letter or a digit."
INVALID = "urn:counterfoil:problem:invalid-request"


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe\xff", b"[" * 90_000, b'{"items": []} x', b'{"a": ' + b"9" * 5_000 + b"}", b"\x00"]
)
async def test_what_is_not_json_is_said_to_be_none(shop: Desk, anna: httpx.AsyncClient, body: bytes) -> None:
    before = shop.stored
    answer = await anna.post("/carts", content=body, headers=JSON)
    kinds = {400: "urn:counterfoil:problem:malformed-json", 422: INVALID}
    assert problem(answer)["type"] == kinds[422 if body == b"" else 400]
    assert shop.stored == before


async def test_a_body_is_not_too_large(shop: Desk, anna: httpx.AsyncClient) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 1_000

    before = shop.stored
    for content in (b" " * 100_001, in_pieces()):
        answer = await anna.post("/carts", content=content, headers=JSON)
        assert (answer.status_code, problem(answer)["detail"]) == (413, "Send at most 100000 bytes.")
    assert shop.stored == before
    await said(await anna.post("/carts", content=b"{}" + b" " * 99_998, headers=JSON), 201)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_a_body_is_sent_as_json(anna: httpx.AsyncClient, kind: str) -> None:
    answer = await anna.post("/carts", content=b"{}", headers={"Content-Type": kind})
    assert (answer.status_code, problem(answer)["type"]) == (415, "urn:counterfoil:problem:unsupported-media-type")


async def test_a_charset_does_no_harm(anna: httpx.AsyncClient) -> None:
    kind = {"Content-Type": "Application/JSON; charset=utf-8"}
    await said(await anna.post("/carts", content=b"{}", headers=kind), 201)


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"sku": "MUG"}, ("items.0.quantity", "Add it.")),
        ({"sku": "MUG", "quantity": 0}, ("items.0.quantity", "Send 1 or more.")),
        ({"sku": "MUG", "quantity": -1}, ("items.0.quantity", "Send 1 or more.")),
        ({"sku": "MUG", "quantity": 10**30}, ("items.0.quantity", "Send 1000000 or less.")),
        ({"sku": "MUG", "quantity": "2"}, ("items.0.quantity", "Send a whole number.")),
        ({"sku": "MUG", "quantity": 2.0}, ("items.0.quantity", "Send a whole number.")),
        ({"sku": "MUG", "quantity": True}, ("items.0.quantity", "Send a whole number.")),
        ({"sku": "MUG", "quantity": 1, "price": 0}, ("items.0.price", "Remove it.")),
        ({"sku": "MUG\n", "quantity": 1}, ("items.0.sku", A_CODE)),
        ({"sku": None, "quantity": 1}, ("items.0.sku", "Send text.")),
        ([], ("items.0", "Send an object.")),
    ],
)
async def test_each_field_at_fault_is_named_and_put_right(
    shop: Desk, anna: httpx.AsyncClient, item: Any, fault: tuple[str, str]
) -> None:
    before = shop.stored
    answer = await anna.post("/carts", json={"items": [item]})
    told = problem(answer)
    assert (told["status"], told["type"]) == (422, INVALID)
    assert [(found["field"], found["fix"]) for found in told["errors"]] == [fault]
    assert shop.stored == before


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800", r"a\u0007b", " ", ""])
async def test_text_that_nobody_can_keep_or_read_is_refused(shop: Desk, olga: httpx.AsyncClient, text: str) -> None:
    before = shop.stored
    answer = await olga.post("/products", content=b'{"title": "%s"}' % text.encode(), headers=JSON)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "title")
    assert shop.stored == before


async def test_a_name_that_cannot_be_written_is_refused_without_repeating_it(olga: httpx.AsyncClient) -> None:
    answer = await olga.post("/products", content=rb'{"\ud800": 1}', headers=JSON)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "body")


@pytest.mark.parametrize("time", ["2026-12-01T00:00:00", "tomorrow", "9999-12-31T23:59:59-14:00", True])
async def test_a_time_has_a_zone_and_is_within_bounds(olga: httpx.AsyncClient, time: Any) -> None:
    price = {"price": {"amount": 1, "currency": "USD"}, "valid_from": time}
    answer = await olga.post("/products/product-of-MUG/variants/MUG/prices", json=price)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "valid_from")


async def test_there_is_nothing_elsewhere(anna: httpx.AsyncClient) -> None:
    assert problem(await anna.get("/nowhere"))["type"] == "urn:counterfoil:problem:unknown-path"
    answer = await anna.put("/carts", json={})
    assert (problem(answer)["type"], answer.headers["allow"]) == ("urn:counterfoil:problem:method-not-allowed", "POST")


async def test_a_path_with_odd_names_in_it_is_refused(anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna, MUGS)
    for sku in ("%00", "a%20b", "%ED%A0%80", "x" * 65):
        answer = await anna.patch(f"/carts/{cart}/items/{sku}", json={"quantity": 1})
        assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "sku")


async def test_whoever_loses_every_race_is_asked_to_come_again(shop: Desk, anna: httpx.AsyncClient) -> None:
    async def others_were_faster() -> None:
        raise ConcurrentChange("cart-1", 0, 1)

    cart = await cart_of(anna)
    shop.store.turn = others_were_faster
    answer = await anna.post(f"/carts/{cart}/items", json={"items": [MUGS]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert problem(answer)["detail"] == "Others changed the same thing at the same time. Nothing was stored; try again."


CUT = (
    "The history of what this changes was deleted or cut off at the event store. The change may be stored, but nothing "
    "can follow it. Do not send it again before the operators have restored that history."
)
NOT_TAKEN = "The event store did not take this. Do not send it again unchanged; the operators have been told."


@pytest.mark.parametrize("lane", ["/carts", "/carts/{cart}/items"])
@pytest.mark.parametrize(
    ("error", "kind", "detail"),
    [
        (StreamCut("stock-1 was deleted at host 10.0.0.7."), "stream-cut", CUT),
        (NotStorable("10.0.0.7"), "not-storable", NOT_TAKEN),
        (StoreError("10.0.0.7"), "store-error", NOT_TAKEN),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, Exception) else "",
)
async def test_what_the_event_store_does_not_take_says_whether_to_come_again(
    shop: Desk, anna: httpx.AsyncClient, lane: str, error: StoreError, kind: str, detail: str
) -> None:
    async def refuses() -> None:
        raise error

    path = lane.format(cart=await cart_of(anna))
    shop.store.turn = refuses
    with capture_logs() as logs:
        answer = await anna.post(path, json={"items": [MUGS]})
    told = problem(answer)
    assert (told["status"], told["type"], told["detail"]) == (500, f"urn:counterfoil:problem:{kind}", detail)
    assert "retry-after" not in answer.headers
    assert [(log["event"], log["path"], log["exc_info"]) for log in logs] == [("event store refused", path, error)]


async def test_what_nobody_expected_is_masked_and_logged_under_a_number(shop: Desk, anna: httpx.AsyncClient) -> None:
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    shop.store.turn = broken
    with capture_logs() as logs:
        answer = await anna.post("/carts", json={})
    told = problem(answer)
    assert (told["status"], told["detail"]) == (500, "We have been told. Try again later.")
    assert {name: answer.headers.get_list(name) for name in CAREFUL} == {
        name: [value] for name, value in CAREFUL.items()
    }
    assert "hunter2" not in answer.text
    assert [(log["event"], f"urn:uuid:{log['error_id']}", str(log["exc_info"])) for log in logs] == [
        ("request failed", told["instance"], "password=hunter2")
    ]
