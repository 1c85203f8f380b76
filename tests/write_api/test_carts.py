"""Shoppers fill their own carts, and nobody else's."""

import httpx
import pytest

from tests.support.builders.for_sale import MUG, TEA, product_id, reprice
from tests.support.harness.front_desk import Desk, problem, said

MUGS, TEAS = {"sku": MUG, "quantity": 2}, {"sku": TEA, "quantity": 1}


async def cart_of(client: httpx.AsyncClient, *items: object) -> str:
    cart_id: str = (await said(await client.post("/carts", json={"items": list(items)}), 201))["cart_id"]
    return cart_id


async def test_a_cart_is_opened_with_items(shop: Desk, anna: httpx.AsyncClient) -> None:
    answer = await anna.post("/carts", json={"items": [MUGS, TEAS]})
    body = await said(answer, 201)
    assert body == {"position": "13", "revision": 2, "cart_id": "00000000-0000-7000-8000-000000000002"}
    assert answer.headers["counterfoil-position"] == "13"
    assert shop.stored[-3:] == [
        (f"cart-{body['cart_id']}", name) for name in ("cart.opened.v1", "cart.item_added.v1", "cart.item_added.v1")
    ]


async def test_a_cart_is_changed_item_by_item(shop: Desk, anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna)
    assert await said(await anna.post(f"/carts/{cart}/items", json={"items": [MUGS]}), 200) == {
        "position": "12",
        "revision": 1,
    }
    await said(await anna.patch(f"/carts/{cart}/items/MUG", json={"quantity": 5}), 200)
    await said(await anna.delete(f"/carts/{cart}/items/MUG"), 200)
    assert [name for _, name in shop.stored[-3:]] == [
        "cart.item_added.v1",
        "cart.quantity_changed.v1",
        "cart.item_removed.v1",
    ]


async def test_every_item_is_added_or_none(shop: Desk, anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna)
    before = shop.stored
    refused = await anna.post(f"/carts/{cart}/items", json={"items": [MUGS, {"sku": "NOPE", "quantity": 1}]})
    assert problem(refused) == {
        "type": "urn:counterfoil:problem:unknown-sku",
        "title": "No product has that SKU",
        "status": 404,
        "detail": "There is no SKU NOPE.",
        "instance": f"/carts/{cart}/items",
        "errors": [{"field": "items.1.sku", "reason": "There is no SKU NOPE."}],
    }
    assert shop.stored == before


async def test_two_hundred_items_go_in_at_once_and_no_more(shop: Desk, anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna)
    await said(await anna.post(f"/carts/{cart}/items", json={"items": [TEAS] * 200}), 200)
    assert len([name for _, name in shop.stored if name == "cart.item_added.v1"]) == 200
    refused = await anna.post(f"/carts/{cart}/items", json={"items": [TEAS] * 201})
    assert problem(refused)["errors"] == [
        {
            "field": "items",
            "reason": "There are too many.",
            "fix": "Send at most 200.",
        }
    ]


async def test_a_foreign_cart_is_not_there(shop: Desk, anna: httpx.AsyncClient, ben: httpx.AsyncClient) -> None:
    cart = await cart_of(anna, MUGS)
    before = shop.stored
    for answer in (
        await ben.post(f"/carts/{cart}/items", json={"items": [TEAS]}),
        await ben.patch(f"/carts/{cart}/items/MUG", json={"quantity": 9}),
        await ben.delete(f"/carts/{cart}/items/MUG"),
        await ben.post(f"/carts/{cart}/price-changes/accept", json={"skus": [MUG]}),
        await ben.post("/carts/nobodys/items", json={"items": [TEAS]}),
    ):
        assert (answer.status_code, problem(answer)["type"]) == (404, "urn:counterfoil:problem:cart-not-found")
    assert shop.stored == before


async def test_an_accepted_price_is_the_price(shop: Desk, anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna, MUGS)
    await reprice(shop.handler, MUG, 990)
    await said(await anna.post(f"/carts/{cart}/price-changes/accept", json={"skus": [MUG]}), 200)
    assert shop.stored[-1] == (f"cart-{cart}", "cart.price_change_accepted.v1")


async def test_the_till_agrees_a_price_in_any_cart(shop: Desk, anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna, MUGS)
    agreed = {"total": {"amount": 2000, "currency": "USD"}, "reason": "Scratched"}
    async with shop.client("tom", "till") as tom:
        await said(await tom.put(f"/carts/{cart}/items/MUG/agreed-price", json=agreed), 200)
    recorded = shop.handler.codec.decode_event(shop.store.log[-1])
    assert (recorded.metadata.actor, recorded.fact.reason) == ("staff:tom", "Scratched")
    assert (await anna.put(f"/carts/{cart}/items/MUG/agreed-price", json=agreed)).status_code == 403


async def test_what_is_not_for_sale_does_not_go_in(anna: httpx.AsyncClient, olga: httpx.AsyncClient) -> None:
    await said(await olga.post(f"/products/{product_id(MUG)}/unpublish", json={"reason": "Recall"}), 200)
    refused = await anna.post("/carts", json={"items": [MUGS]})
    assert (refused.status_code, problem(refused)["detail"]) == (409, "MUG is not for sale.")


async def test_a_cart_holds_no_more_of_a_thing_than_is_sensible(anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna, MUGS)
    refused = await anna.patch(f"/carts/{cart}/items/MUG", json={"quantity": 1_000_000})
    assert (refused.status_code, problem(refused)["errors"][0]["field"]) == (422, "quantity")


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([MUGS, {"sku": "NOPE", "quantity": 1}, {"sku": "NONE", "quantity": 1}], "items.1.sku"),
        ([MUGS, TEAS, {"sku": "TEA", "quantity": 1_001}], "items.2.quantity"),
        ([{"sku": "TEA", "quantity": 600}, MUGS, {"sku": "TEA", "quantity": 401}], "items.2.quantity"),
        ([MUGS, {"sku": "no code", "quantity": 1}], "items.1.sku"),
    ],
)
async def test_a_refused_item_is_named_by_its_place(
    shop: Desk, anna: httpx.AsyncClient, items: list[dict[str, object]], field: str
) -> None:
    cart = await cart_of(anna)
    before = shop.stored
    for path in ("/carts", f"/carts/{cart}/items"):
        told = problem(await anna.post(path, json={"items": items}))
        assert [fault["field"] for fault in told["errors"]] == [field]
        assert "number" not in told
    assert shop.stored == before


async def test_a_refused_price_change_is_named_by_its_place(anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna, MUGS)
    for skus in (["MUG", "NOPE"], ["MUG", "TEA"]):
        told = problem(await anna.post(f"/carts/{cart}/price-changes/accept", json={"skus": skus}))
        assert [fault["field"] for fault in told["errors"]] == ["skus.1.sku" if skus[1] == "TEA" else "skus.1"]


async def test_a_guest_shops_under_a_name_of_their_own(shop: Desk, nobody: httpx.AsyncClient) -> None:
    session = await said(await nobody.post("/sessions"), 201)
    assert session["expires_at"] == "2026-12-25T12:00:00Z"
    nobody.headers["Authorization"] = f"Bearer {session['token']}"
    await cart_of(nobody, MUGS)
    assert shop.handler.codec.decode_event(shop.store.log[-1]).metadata.actor == session["subject"]
    assert session["subject"].startswith("guest-")
