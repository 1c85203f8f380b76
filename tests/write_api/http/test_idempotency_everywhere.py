"""Every kind of command, sent again: at once, at another process, with something else under the same key."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.builders.for_sale import MUG, product_id, put_on_sale
from tests.support.harness.front_desk import Desk, desk, problem
from tests.write_api.test_carts import MUGS, TEAS, cart_of
from tests.write_api.test_checkouts import wish

REUSED = "urn:counterfoil:problem:command-id-reused"
ROLES = ("shopper", "back_office", "warehouse", "till")
CARTS, MUG_PAGE, STOCK = "/carts/{cart}", f"/products/{product_id(MUG)}", "/stock/MAIN/MUG"
MANY = 50
KEY = {"Idempotency-Key": "k"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, and a body that makes it another one."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    other: Mapping[str, Any] | None = None

    async def by(self, client: httpx.AsyncClient, cart: str) -> httpx.Response:
        body = wish(cart) if self.path == "/checkouts" else self.body
        return await client.request(self.method, self.path.format(cart=cart), json=body, headers=KEY)


REQUESTS = [
    Sent("POST", "/carts", {"items": [MUGS]}, {"items": [TEAS]}),
    Sent("POST", f"{CARTS}/items", {"items": [TEAS]}, {"items": [MUGS]}),
    Sent("PATCH", f"{CARTS}/items/MUG", {"quantity": 7}, {"quantity": 8}),
    Sent("DELETE", f"{CARTS}/items/MUG"),
    Sent("PUT", f"{CARTS}/items/MUG/agreed-price", *({"total": wish("x")["total_seen"], "reason": r} for r in "ab")),
    Sent("POST", "/checkouts"),
    Sent("POST", "/products", {"title": "Bowl"}, {"title": "bowl"}),
    Sent("POST", f"{MUG_PAGE}/variants", *({"sku": f"MUG-{n}", "options": {"size": n}} for n in "LS")),
    Sent("POST", f"{MUG_PAGE}/variants/MUG/prices", *({"price": {"amount": n, "currency": "USD"}} for n in (1, 2))),
    Sent(
        "POST",
        f"{MUG_PAGE}/media",
        {"url": "https://a.example/1", "alt": "a"},
        {"url": "https://a.example/1", "alt": "b"},
    ),
    Sent("POST", f"{MUG_PAGE}/unpublish", {"reason": "a"}, {"reason": "b"}),
    Sent("POST", "/categories", {"name": "Crockery"}, {"name": "crockery"}),
    Sent("POST", f"{STOCK}/receipts", {"quantity": 5}, {"quantity": 6}),
    Sent("POST", f"{STOCK}/adjustments", {"delta": 5, "reason": "a"}, {"delta": 5, "reason": "b"}),
    Sent("PUT", f"{STOCK}/backorder-limit", {"limit": 5}, {"limit": 6}),
]


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: f"{sent.method} {sent.path}")
async def test_a_command_is_carried_out_once_however_often_it_comes(sent: Sent) -> None:
    here = desk()
    await put_on_sale(here.handler)
    there = desk(here.store)
    async with here.client("anna", *ROLES) as one, there.client("anna", *ROLES) as other:
        cart = await cart_of(one, MUGS, TEAS)

        async def slowly() -> None:
            await asyncio.sleep(0)

        here.store.turn, before = slowly, here.stored
        answers = await asyncio.gather(*(sent.by((one, other)[n % 2], cart) for n in range(MANY)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(answers[0].status_code, answers[0].text)}
    assert answers[0].is_success, answers[0].text
    stored = here.stored
    assert len(stored) > len(before)

    async with desk(here.store).client("anna", *ROLES) as restarted:
        again = await sent.by(restarted, cart)
        assert (again.status_code, again.text) == (answers[0].status_code, answers[0].text)
    for server in (here, desk(here.store)):
        await refused_for_anything_else(server, sent, cart)
    assert here.stored == stored


async def refused_for_anything_else(server: Desk, sent: Sent, cart: str) -> None:
    path = sent.path.format(cart=cart)
    body = sent.body if sent.body is not None else wish(cart) if sent.path == "/checkouts" else None
    others = [("POST", "/categories", {"name": "Another"}), (sent.method, f"{path}?x", body)]
    if sent.other is not None:
        others.append((sent.method, path, sent.other))
    async with server.client("anna", *ROLES) as anna:
        for method, target, other in others:
            answer = await anna.request(method, target, json=other, headers=KEY)
            assert (answer.status_code, problem(answer)["type"]) == (422, REUSED), (method, target, answer.text)


async def test_who_may_not_do_it_any_more_is_not_shown_what_they_did(shop: Desk) -> None:
    async with shop.client("olga", "back_office") as olga:
        assert (await olga.post("/categories", json={"name": "Crockery"}, headers=KEY)).status_code == 201
    async with shop.client("olga", "shopper") as olga:
        assert (await olga.post("/categories", json={"name": "Crockery"}, headers=KEY)).status_code == 403


async def test_the_same_request_of_somebody_else_is_carried_out_for_them(shop: Desk) -> None:
    """Fifty people with the same key and the same body at once: fifty carts, and everybody sees their own."""
    names = [f"shopper-{n}" for n in range(MANY)]

    async def buy(name: str) -> str:
        async with shop.client(name, "shopper") as client:
            answer = await client.post("/carts", json={"items": [MUGS]}, headers=KEY)
        cart_id: str = answer.json()["cart_id"]
        return cart_id

    carts = await asyncio.gather(*map(buy, names))
    decode_event = shop.handler.codec.decode_event
    opened = [decode_event(record).fact for record in shop.store.log if record.type == "cart.opened.v1"]
    assert {(fact.cart_id, fact.owner) for fact in opened} == set(zip(carts, names, strict=True))


@pytest.mark.parametrize(("length", "status"), [(1, 201), (255, 201), (256, 400), (1000, 400)])
async def test_a_key_may_be_short_but_not_endless(
    shop: Desk, anna: httpx.AsyncClient, length: int, status: int
) -> None:
    before = shop.stored
    answers = [await anna.post("/carts", json={}, headers={"Idempotency-Key": "x" * length}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    assert answers[0].text == answers[1].text
    if status == 400:
        assert problem(answers[0])["detail"] == "Send an Idempotency-Key of 1 to 255 printable ASCII characters."
        assert shop.stored == before
