"""What a change leaves alone, where a new thing is, and what is refused for good."""

from typing import Any

import httpx
import pytest

from tests.support.builders.for_sale import MUG, product_id
from tests.support.harness.front_desk import Desk, desk, problem, said

PAGE = f"/products/{product_id(MUG)}"
DOCUMENT: dict[str, Any] = desk().app.openapi()
PRICE = f"{PAGE}/variants/MUG/prices"


async def described(shop: Desk) -> Any:
    decode_event = shop.handler.codec.decode_event
    (*_, last) = [decode_event(record).fact for record in shop.store.log if record.type == "product.described.v1"]
    return last


async def test_what_is_left_out_of_a_description_stays(shop: Desk, olga: httpx.AsyncClient) -> None:
    whole = {"title": "Mug", "description": "Holds 0.3 l.", "brand": "Kiln & Co"}
    await said(await olga.put(f"{PAGE}/description", json=whole), 200)
    await said(await olga.put(f"{PAGE}/description", json={"title": "Big mug"}), 200)
    fact = await described(shop)
    assert (fact.title, fact.description, fact.brand) == ("Big mug", "Holds 0.3 l.", "Kiln & Co")
    await said(await olga.put(f"{PAGE}/description", json={"brand": ""}), 200)
    fact = await described(shop)
    assert (fact.title, fact.description, fact.brand) == ("Big mug", "Holds 0.3 l.", "")


@pytest.mark.parametrize("field", ["title", "description", "brand"])
async def test_null_is_no_description(shop: Desk, olga: httpx.AsyncClient, field: str) -> None:
    before = shop.stored
    refusal = problem(await olga.put(f"{PAGE}/description", json={field: None}))
    assert (refusal["status"], refusal["errors"][0]["field"]) == (422, field)
    assert shop.stored == before


def test_every_new_thing_says_where_it_is() -> None:
    creating = [op for methods in DOCUMENT["paths"].values() for op in methods.values() if "201" in op["responses"]]
    assert len(creating) == 18
    for operation in creating:
        assert "Location" in operation["responses"]["201"]["headers"], operation["operationId"]


async def test_new_things_are_where_their_location_says(shop: Desk, olga: httpx.AsyncClient) -> None:
    product = await olga.post("/products", json={"title": "Bowl"})
    page = f"/products/{product.json()['product_id']}"
    assert product.headers["Location"] == page
    variant = await olga.post(f"{page}/variants", json={"sku": "BOWL"})
    assert variant.headers["Location"] == f"{page}/variants/BOWL"
    price = await olga.post(f"{page}/variants/BOWL/prices", json={"price": {"amount": 5, "currency": "USD"}})
    assert price.headers["Location"] == f"{page}/variants/BOWL/prices"
    media = await olga.post(f"{page}/media", json={"url": "https://a.example/1", "alt": "a"})
    assert media.headers["Location"] == f"{page}/media"
    category = await olga.post("/categories", json={"name": "Crockery"})
    assert category.headers["Location"] == f"/categories/{category.json()['category_id']}"
    for path, body in (("receipts", {"quantity": 5}), ("adjustments", {"delta": -1, "reason": "Broken"})):
        assert (await olga.post(f"/stock/MAIN/BOWL/{path}", json=body)).headers["Location"] == "/stock/MAIN/BOWL"
    async with shop.client("anna", "shopper") as anna:
        cart = await anna.post("/carts", json={})
        assert cart.headers["Location"] == f"/carts/{cart.json()['cart_id']}"
        session = await anna.post("/sessions")
        assert session.headers["Location"] == f"/sessions/{session.json()['subject']}"


@pytest.mark.parametrize(
    ("currency", "kind", "said_of_it"),
    [
        ("XXQ", "not-a-currency", "Use the ISO 4217 code of a currency in use, such as EUR, not 'XXQ'."),
        ("XAU", "not-a-currency", "Use the ISO 4217 code of a currency in use, such as EUR, not 'XAU'."),
        ("EUR", "foreign-currency", "This shop sells in USD. Give the price in USD."),
    ],
)
async def test_a_price_is_in_the_currency_of_the_shop(
    shop: Desk, olga: httpx.AsyncClient, currency: str, kind: str, said_of_it: str
) -> None:
    before = shop.stored
    refusal = problem(await olga.post(PRICE, json={"price": {"amount": 500, "currency": currency}}))
    assert (refusal["status"], refusal["type"]) == (422, f"urn:counterfoil:problem:{kind}")
    assert (refusal["detail"], refusal["errors"][0]["field"]) == (said_of_it, "price.currency")
    assert shop.stored == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "receipts", {"quantity": 5}),
        ("POST", "adjustments", {"delta": 5, "reason": "Found"}),
        ("PUT", "backorder-limit", {"limit": 5}),
    ],
)
async def test_units_go_where_they_can_be_sold_from(
    shop: Desk, olga: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]
) -> None:
    before = shop.stored
    refusal = problem(await olga.request(method, f"/stock/MIAN/MUG/{path}", json=body))
    assert (refusal["status"], refusal["type"]) == (404, "urn:counterfoil:problem:unknown-warehouse")
    assert refusal["detail"].startswith("This shop sells from MAIN, WEST, and from no warehouse MIAN.")
    assert shop.stored == before


async def test_units_can_be_taken_off_a_warehouse_that_sells_no_more(olga: httpx.AsyncClient) -> None:
    refusal = problem(await olga.post("/stock/OLD/MUG/adjustments", json={"delta": -1, "reason": "Moved"}))
    assert refusal["type"] == "urn:counterfoil:problem:not-on-hand"
