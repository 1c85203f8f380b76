"""What the back office and the warehouse do, endpoint by endpoint."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from domain.order.commands import PlaceOrder
from domain.payment.commands import RecordAuthorisation, RecordCapture, RequestCapture, RequestPayment
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, ShipmentId
from domain.shared.pricing import PricedLine, PriceStep
from domain.shared.units import Units
from domain.shipment.commands import ClearShipment, PlanShipment
from tests.support.builders.for_sale import MUG, NOON, by_staff, product_id, usd
from tests.support.builders.shop import MAIN
from tests.support.builders.sold import at_list, from_one
from tests.support.harness.front_desk import Desk, problem, said

MUGS = product_id(MUG)
PARCEL = ShipmentId("order.1")
Call = tuple[str, str, Mapping[str, Any] | None, int, str]


async def carry_out(client: httpx.AsyncClient, shop: Desk, calls: list[Call]) -> None:
    """Each call is answered with its status and leaves its event at the end of the log."""
    for method, path, body, status, event in calls:
        answer = await said(await client.request(method, path, json=body), status)
        record = shop.store.log[-1]
        assert (record.type, str(record.position), record.revision) == (event, answer["position"], answer["revision"])
        assert shop.handler.codec.decode_event(record).metadata.actor.startswith("staff:")


async def test_a_product_comes_into_the_range_and_leaves_it(shop: Desk, olga: httpx.AsyncClient) -> None:
    category = (await said(await olga.post("/categories", json={"name": "Crockery"}), 201))["category_id"]
    draft = await said(await olga.post("/products", json={"title": "Bowl", "brand": "Kiln & Co"}), 201)
    bowl = f"/products/{draft['product_id']}"
    price = {"price": {"amount": 700, "currency": "USD"}}
    await carry_out(
        olga,
        shop,
        [
            ("PUT", f"{bowl}/description", {"title": "Deep bowl"}, 200, "product.described.v1"),
            ("POST", f"{bowl}/variants", {"sku": "BOWL", "options": {"size": "L"}}, 201, "product.variant_added.v1"),
            ("POST", f"{bowl}/variants/BOWL/prices", price, 201, "product.variant_priced.v1"),
            (
                "POST",
                f"{bowl}/variants/BOWL/prices",
                {**price, "valid_from": "2026-12-01T01:00:00+01:00"},
                201,
                "product.variant_priced.v1",
            ),
            ("PUT", f"{bowl}/category", {"category_id": category}, 200, "product.categorised.v1"),
            (
                "POST",
                f"{bowl}/media",
                {"url": "https://example.com/bowl.jpg", "alt": "A bowl"},
                201,
                "product.media_attached.v1",
            ),
            ("DELETE", f"{bowl}/media?url=https://example.com/bowl.jpg", None, 200, "product.media_removed.v1"),
            (
                "DELETE",
                f"{bowl}/variants/BOWL/prices/2026-12-01T00:00:00Z",
                None,
                200,
                "product.price_withdrawn.v1",
            ),
            ("POST", f"{bowl}/publish", None, 200, "product.published.v1"),
            ("POST", f"{bowl}/variants", {"sku": "BOWL-S", "options": {"size": "S"}}, 201, "product.variant_added.v1"),
            ("DELETE", f"{bowl}/variants/BOWL-S", None, 200, "product.variant_removed.v1"),
            ("POST", f"{bowl}/unpublish", {"reason": "Recall"}, 200, "product.unpublished.v1"),
            ("POST", f"{bowl}/discontinue", {"reason": "Broke"}, 200, "product.discontinued.v1"),
        ],
    )


async def test_a_sku_belongs_to_one_product(shop: Desk, olga: httpx.AsyncClient) -> None:
    draft = await said(await olga.post("/products", json={"title": "Copy"}), 201)
    before = shop.stored
    refused = problem(await olga.post(f"/products/{draft['product_id']}/variants", json={"sku": MUG}))
    assert (refused["status"], refused["errors"][0]["field"]) == (409, "sku")
    assert shop.stored == before


async def test_a_product_goes_into_no_category_that_is_not_there(olga: httpx.AsyncClient) -> None:
    refused = problem(await olga.put(f"/products/{MUGS}/category", json={"category_id": "nowhere"}))
    assert (refused["status"], refused["errors"][0]["field"]) == (404, "category_id")


async def test_categories_are_renamed_and_moved(shop: Desk, olga: httpx.AsyncClient) -> None:
    kitchen = (await said(await olga.post("/categories", json={"name": "Kitchen"}), 201))["category_id"]
    mugs = await said(await olga.post("/categories", json={"name": "Mugs", "parent_id": kitchen}), 201)
    path = f"/categories/{mugs['category_id']}"
    await carry_out(
        olga,
        shop,
        [
            ("PUT", f"{path}/name", {"name": "Cups"}, 200, "category.renamed.v1"),
            ("PUT", f"{path}/parent", {"parent_id": None}, 200, "category.moved.v1"),
        ],
    )
    refused = await olga.put(f"/categories/{kitchen}/parent", json={"parent_id": kitchen})
    assert (refused.status_code, problem(refused)["type"]) == (409, "urn:counterfoil:problem:below-itself")
    await said(await olga.put(f"{path}/parent", json={"parent_id": kitchen}), 200)
    full = await olga.delete(f"/categories/{kitchen}")
    assert (full.status_code, problem(full)["type"]) == (409, "urn:counterfoil:problem:category-not-empty")
    await carry_out(olga, shop, [("DELETE", path, None, 200, "category.deleted.v1")])
    await said(await olga.delete(path), 200)
    assert shop.stored[-1][1] == "category.deleted.v1"
    await said(await olga.delete(f"/categories/{kitchen}"), 200)


async def test_stock_is_received_counted_and_promised(shop: Desk) -> None:
    async with shop.client("wim", "warehouse") as wim:
        await carry_out(
            wim,
            shop,
            [
                ("POST", "/stock/MAIN/MUG/receipts", {"quantity": 10}, 201, "stock.received.v1"),
                ("POST", "/stock/MAIN/MUG/adjustments", {"delta": -2, "reason": "x"}, 201, "stock.adjusted.v1"),
                ("PUT", "/stock/MAIN/MUG/backorder-limit", {"limit": 5}, 200, "stock.backorder_limit_set.v1"),
            ],
        )
        too_many = problem(await wim.post("/stock/MAIN/MUG/adjustments", json={"delta": -9, "reason": "Theft"}))
        assert (too_many["status"], too_many["errors"][0]["field"]) == (409, "delta")
        unknown = problem(await wim.post("/stock/MAIN/NOPE/receipts", json={"quantity": 1}))
        assert (unknown["status"], unknown["type"]) == (404, "urn:counterfoil:problem:unknown-sku")


@pytest.fixture
async def planned(shop: Desk) -> Desk:
    items = (Units(sku=MUG, quantity=2),)
    plan = PlanShipment(shipment_id=PARCEL, order_id=OrderId("order"), warehouse=MAIN, items=items)
    await shop.handler(plan, by_staff())
    return shop


async def test_a_parcel_goes_its_way(planned: Desk) -> None:
    async with planned.client("wim", "warehouse") as wim:
        path = f"/shipments/{PARCEL}"
        await carry_out(
            wim,
            planned,
            [
                ("POST", f"{path}/pick", None, 200, "shipment.picked.v1"),
                ("POST", f"{path}/pack", None, 202, "shipment.packed.v1"),
            ],
        )
        unpaid = await wim.post(f"{path}/dispatch", json={"carrier": "Post", "tracking": "1"})
        assert (unpaid.status_code, problem(unpaid)["type"]) == (409, "urn:counterfoil:problem:parcel-not-ready")
        await planned.handler(ClearShipment(shipment_id=PARCEL), by_staff())
        await carry_out(
            wim,
            planned,
            [
                ("POST", f"{path}/dispatch", {"carrier": "Post", "tracking": "1"}, 200, "shipment.dispatched.v1"),
                ("POST", f"{path}/tracking", {"status": "In customs"}, 201, "shipment.tracked.v1"),
                ("POST", f"{path}/delivery", None, 200, "shipment.delivered.v1"),
            ],
        )


async def test_a_parcel_can_be_short(planned: Desk) -> None:
    async with planned.client("wim", "warehouse") as wim:
        missing = {"missing": [{"sku": MUG, "quantity": 1}]}
        await carry_out(
            wim,
            planned,
            [
                ("POST", f"/shipments/{PARCEL}/short-pick", missing, 200, "shipment.short_picked.v1"),
                ("POST", f"/shipments/{PARCEL}/cancel", {"reason": "Flood"}, 200, "shipment.cancelled.v1"),
            ],
        )


@pytest.mark.parametrize(
    ("end", "event"), [("loss", "shipment.lost.v1"), ("return-to-sender", "shipment.returned_to_sender.v1")]
)
async def test_a_parcel_can_go_astray(planned: Desk, end: str, event: str) -> None:
    async with planned.client("wim", "warehouse") as wim:
        for step in ("pick", "pack"):
            await said(await wim.post(f"/shipments/{PARCEL}/{step}"), 202 if step == "pack" else 200)
        await planned.handler(ClearShipment(shipment_id=PARCEL), by_staff())
        label = {"carrier": "Post", "tracking": "1"}
        await said(await wim.post(f"/shipments/{PARCEL}/dispatch", json=label), 200)
        await carry_out(wim, planned, [("POST", f"/shipments/{PARCEL}/{end}", {"reason": "Storm"}, 200, event)])


def placed() -> PlaceOrder:
    price = usd(2500)
    line = PricedLine(
        sku=MUG,
        product_id=MUGS,
        category_id=None,
        title="A mug",
        quantity=2,
        steps=(PriceStep(kind="list", amount=price, reason="2 x 12.50"),),
        total=price,
    )
    return PlaceOrder(
        order_id=OrderId("order"),
        checkout_id=CheckoutId("order"),
        cart_id=CartId("cart"),
        customer_id=CustomerId("anna"),
        lines=(from_one(line, MAIN),),
        delivery_method="pickup",
        delivery_price=usd(0),
        delivery_steps=at_list("pickup", usd(0)),
        address=None,
        total=price,
        payment_id=PaymentId("order"),
        at=NOON,
    )


async def test_an_order_is_cancelled_by_its_shopper_or_by_staff(
    shop: Desk, anna: httpx.AsyncClient, ben: httpx.AsyncClient, olga: httpx.AsyncClient
) -> None:
    await shop.handler(placed(), by_staff())
    why = {"reason": "Changed my mind"}
    assert (
        problem(await ben.post("/orders/order/cancel", json=why))["type"] == "urn:counterfoil:problem:order-not-found"
    )
    missing = {"quantity": 1, "reason": "Broken"}
    await carry_out(olga, shop, [("POST", "/orders/order/lines/MUG/cancel", missing, 202, "order.line_cancelled.v1")])
    await said(await anna.post("/orders/order/cancel", json=why), 202)
    assert shop.stored[-1] == ("order-order", "order.cancelled.v1")
    await said(await olga.post("/orders/order/cancel", json=why), 202)
    assert shop.stored[-1] == ("order-order", "order.cancelled.v1")


async def test_money_goes_back_but_never_more_than_was_taken(shop: Desk, olga: httpx.AsyncClient) -> None:
    payment = PaymentId("order")
    for command in (
        RequestPayment(
            payment_id=payment,
            order_id=OrderId("order"),
            customer_id=CustomerId("anna"),
            amount=usd(2500),
            method="card",
        ),
        RecordAuthorisation(payment_id=payment, attempt=1, gateway_ref="pi_1", amount=usd(2500), capture_before=NOON),
        RequestCapture(payment_id=payment),
        RecordCapture(payment_id=payment, amount=usd(2500)),
    ):
        await shop.handler(command, by_staff())
    back = {"amount": {"amount": 2000, "currency": "USD"}, "reason": "Late"}
    key = {"Idempotency-Key": "refund"}
    first = await said(await olga.post("/payments/order/refunds", json=back, headers=key), 202)
    assert await said(await olga.post("/payments/order/refunds", json=back, headers=key), 202) == first
    assert shop.handler.codec.decode_event(shop.store.log[-1]).fact.refund_id == first["refund_id"]
    again = await olga.post("/payments/order/refunds", json=back)
    assert (again.status_code, problem(again)["type"]) == (409, "urn:counterfoil:problem:refund-too-high")
