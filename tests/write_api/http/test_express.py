"""The express lane answers as the routes do: same status, same headers, same bytes, same facts."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from tests.support.builders.for_sale import put_on_sale
from tests.support.harness.front_desk import Desk, desk
from write_api.http.express import LANES, Lane

PICKUP = {"delivery_method": "pickup", "payment_method": "pm_card_ok"}
HOME = {"name": "Anna", "street": "Weg 1", "city": "Bern", "country": "CH"}

skus = st.sampled_from(["MUG", "TEA", "NOPE", "", "no sku"])
quantities = st.sampled_from([1, 2, 0, -1, 2.0, "2", True, None, 10**6, 10**7])
items = st.lists(st.fixed_dictionaries({"sku": skus, "quantity": quantities}, optional={"more": st.none()}), max_size=3)
carts = st.fixed_dictionaries({}, optional={"items": items})
amounts = st.fixed_dictionaries({"amount": st.sampled_from([2500, 480, 0, -1]), "currency": st.just("USD")})
wishes = st.fixed_dictionaries(
    {
        "cart_id": st.sampled_from(["annas", "nobodys", "no cart", 7]),
        "total_seen": amounts,
        "delivery_method": st.sampled_from(["pickup", "standard", "drone"]),
        "payment_method": st.sampled_from(["pm_card_ok", ""]),
    },
    optional={"address": st.sampled_from([HOME, {**HOME, "country": "Switzerland"}])},
)
bodies = st.one_of(
    st.one_of(carts, wishes).map(lambda said: json.dumps(said).encode()),
    st.sampled_from([b"", b"{", b"[]", b"null", b'{"items": NaN}', b'{"items": ["\\ud800"]}', b"\xff", b"[" * 20_000]),
)
headers = st.fixed_dictionaries(
    {"content-type": st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain"])},
    optional={
        "idempotency-key": st.sampled_from(["one", "two", "\x7f"]),
        "correlation-id": st.sampled_from(["0f6dbb52-5d0c-5a0a-8f43-6d1b8f2f0c11", "none"]),
        "traceparent": st.sampled_from(["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "none"]),
        "authorization": st.sampled_from(["Bearer nonsense", "Basic YTpi", ""]),
    },
)
paths = st.sampled_from(
    ["/carts", "/carts/", "/carts/annas/items", "/carts/nobodys/items", "/carts/-/items", "/checkouts"]
)
requests = st.lists(
    st.tuples(st.sampled_from(["shopper", "warehouse"]), paths, headers, bodies), min_size=1, max_size=6
)
Request = tuple[str, str, Mapping[str, str], bytes]


async def told(lanes: Sequence[Lane], asked: Sequence[Request]) -> tuple[list[Any], list[Any]]:
    """All answers, and all that was stored meanwhile."""
    shop = desk(lanes=lanes)
    await put_on_sale(shop.handler)
    before = len(shop.store.log)
    answers = list[Any]()
    async with shop.client("anna", "shopper") as anna, shop.client("anna", "warehouse") as packer:
        opened = await anna.post("/carts", json={"items": [{"sku": "MUG", "quantity": 2}]})
        annas = opened.json()["cart_id"]
        for role, path, said, body in asked:
            client = anna if role == "shopper" else packer
            path, body = path.replace("annas", annas), body.replace(b"annas", annas.encode())
            answer = await client.post(path, content=body, headers=dict(said))
            answers.append((answer.status_code, dict(answer.headers), answer.content))
    return answers, [(record.stream, record.type, record.data, record.metadata) for record in shop.store.log[before:]]


@settings(max_examples=40, deadline=None)
@given(requests)
def test_the_lane_answers_as_the_routes_do(asked: Sequence[Request]) -> None:
    assert asyncio.run(told(LANES, asked)) == asyncio.run(told((), asked))


async def test_the_lane_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = desk()
    await put_on_sale(shop.handler)
    monkeypatch.setattr(shop.app, "router", Response(status_code=418))
    async with shop.client("anna", "shopper") as anna:
        cart = await anna.post("/carts", json={"items": [{"sku": "MUG", "quantity": 2}]})
        path = f"/carts/{cart.json()['cart_id']}/items"
        added = await anna.post(path, json={"items": [{"sku": "TEA", "quantity": 1}]})
        wish = {"cart_id": cart.json()["cart_id"], "total_seen": {"amount": 2980, "currency": "USD"}, **PICKUP}
        bought = await anna.post("/checkouts", json=wish)
    assert [answer.status_code for answer in (cart, added, bought)] == [201, 200, 202]


async def test_a_repeat_shares_its_answer_with_the_route(shop: Desk, anna: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "one"}
    said = {"items": [{"sku": "MUG", "quantity": 2}]}
    first = await anna.post("/carts", json=said, headers=key)
    again = await anna.post(
        "/carts", json=said, headers=key | {"Correlation-Id": "0f6dbb52-5d0c-5a0a-8f43-6d1b8f2f0c11"}
    )
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert [name for _, name in shop.stored].count("cart.opened.v1") == 1
