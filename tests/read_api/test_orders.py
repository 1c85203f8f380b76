"""Carts, checkouts and orders: complete for their owners, not there for others."""

from typing import Any

from domain.order.events import OrderCancelled, OrderLineCancelled
from domain.payment.events import PaymentFailed
from domain.shared.ids import CheckoutId, OrderId, Sku, payment_of, shipment_of
from domain.shared.money import Money
from domain.shipment.events import ShipmentCancelled
from tests.support.builders.purchases import MILK, Purchase, a_cart, bought
from tests.support.harness.read_side import ReadSide, token

ANNA, BEN = token("anna", "shopper"), token("ben", "shopper")
STAFF = token("walter", "warehouse")
HOME = {
    "name": "anna",
    "street": "Bergstrasse 1",
    "postalCode": "8001",
    "city": "Zürich",
    "region": "",
    "country": "CH",
}

ORDER = """query ($id: ID!, $asOf: AsOf) { order(id: $id, asOf: $asOf) {
    id orderId status placedAt customerId attention
    lines { sku title quantity dispatched cancelled total { amount } priceSteps { kind amount { amount } reason } }
    delivery { method price { amount } priceSteps { kind amount { amount } reason rule { stream } }
        address { name street postalCode city region country } }
    total { formatted } owed { amount }
    payment { status method amount { amount } captured { amount } refunded { amount } actionUrl failure failureDetail }
    shipments { shipmentId status warehouse items { sku quantity } missing { sku } carrier tracking lastSeen }
    timeline { position at kind what by why }
} }"""


async def test_an_order_tells_everything_to_its_owner(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.catch_up()
    order = (await shop.ask(ORDER, id="O1", token=ANNA))["order"]
    timeline = order.pop("timeline")
    assert order == {
        "id": "T3JkZXI6TzE=",
        "orderId": "O1",
        "status": "DELIVERED",
        "placedAt": "2026-11-25T12:00:00+00:00",
        "customerId": "anna",
        "attention": None,
        "lines": [
            {
                "sku": "MILK-1",
                "title": "Whole milk",
                "quantity": 2,
                "dispatched": 2,
                "cancelled": 0,
                "total": {"amount": 180},
                "priceSteps": [
                    {"kind": "list", "amount": {"amount": 198}, "reason": "2 x 0.99 USD"},
                    {"kind": "agreed", "amount": {"amount": -18}, "reason": "regular customer"},
                ],
            },
            {
                "sku": "BREAD-1",
                "title": "Bread",
                "quantity": 1,
                "dispatched": 1,
                "cancelled": 0,
                "total": {"amount": 250},
                "priceSteps": [{"kind": "list", "amount": {"amount": 250}, "reason": "1 x 2.50 USD"}],
            },
        ],
        "delivery": {
            "method": "parcel",
            "price": {"amount": 500},
            "priceSteps": [{"kind": "list", "amount": {"amount": 500}, "reason": "parcel", "rule": None}],
            "address": HOME,
        },
        "total": {"formatted": "9.30 USD"},
        "owed": {"amount": 930},
        "payment": {
            "status": "CAPTURED",
            "method": "card",
            "amount": {"amount": 930},
            "captured": {"amount": 930},
            "refunded": {"amount": 0},
            "actionUrl": None,
            "failure": None,
            "failureDetail": None,
        },
        "shipments": [
            {
                "shipmentId": "O1.1",
                "status": "DELIVERED",
                "warehouse": "MAIN",
                "items": [{"sku": "MILK-1", "quantity": 2}, {"sku": "BREAD-1", "quantity": 1}],
                "missing": [],
                "carrier": "DHL",
                "tracking": "JD014",
                "lastSeen": None,
            }
        ],
    }
    assert timeline[0] == {
        "position": "1",
        "at": "2026-11-25T12:00:01+00:00",
        "kind": "cart.checked_out.v4",
        "what": "Checked out for 9.30 USD.",
        "by": "anna",
        "why": None,
    }
    assert [moment["kind"] for moment in timeline][-2:] == ["shipment.dispatched.v1", "shipment.delivered.v1"]


STORY = """query ($id: ID!, $asOf: AsOf) { order(id: $id, asOf: $asOf) { timeline { kind by why } } }"""
RUDE = "Smells of fraud, says Ada"


async def test_shoppers_read_no_names_and_no_free_text_of_staff(shop: ReadSide) -> None:
    """Nor what a process passes on of it. Their own words, and those of the gateway, they do."""
    order, sku = OrderId("O1"), MILK.sku
    Purchase(shop.log).buy()
    before = len(await story(shop, ANNA, {"position": "1000"}))
    for by, fact in [
        ("staff:ada", ShipmentCancelled(shipment_id=shipment_of(order, 1), order_id=order, reason=RUDE)),
        ("process:fulfilment", OrderLineCancelled(**line(order, sku), reason=RUDE)),
        ("process:fulfilment", OrderLineCancelled(**line(order, sku), reason="Not on the shelf")),
        (
            "gateway",
            PaymentFailed(payment_id=payment_of(CheckoutId("O1")), order_id=order, attempt=1, reason="Card declined"),
        ),
        ("command-line", OrderLineCancelled(**line(order, sku), reason="ticket 7")),
        ("anna", OrderCancelled(order_id=order, reason="changed my mind")),
    ]:
        shop.log.tell(fact, stream="order-O1" if "Order" in type(fact).__name__ else "payment-O1", by=by)
    await shop.catch_up()
    told = [
        ("shipment.cancelled.v1", "staff:ada", RUDE),
        ("order.line_cancelled.v1", "process:fulfilment", RUDE),
        ("order.line_cancelled.v1", "process:fulfilment", "Not on the shelf"),
        ("payment.failed.v1", "gateway", "Card declined"),
        ("order.line_cancelled.v1", "command-line", "ticket 7"),
        ("order.cancelled.v1", "anna", "changed my mind"),
    ]
    shown = [
        ("shipment.cancelled.v1", "the shop", None),
        ("order.line_cancelled.v1", "process:fulfilment", None),
        ("order.line_cancelled.v1", "process:fulfilment", "Not on the shelf"),
        ("payment.failed.v1", "gateway", "Card declined"),
        ("order.line_cancelled.v1", "the shop", None),
        ("order.cancelled.v1", "anna", "changed my mind"),
    ]
    for as_of in (None, {"position": "1000"}):
        assert (await story(shop, ANNA, as_of))[before:] == shown
        for role in ("warehouse", "auditor", "back_office"):
            assert (await story(shop, token("walter", role), as_of))[before:] == told


def line(order: OrderId, sku: Sku) -> dict[str, Any]:
    return {"order_id": order, "sku": sku, "quantity": 1, "value": Money(1, "USD")}


async def story(shop: ReadSide, caller: str, as_of: dict[str, str] | None) -> list[tuple[str, str, str | None]]:
    await shop.catch_up()
    order = (await shop.ask(STORY, id="O1", asOf=as_of, token=caller))["order"]
    return [(moment["kind"], moment["by"], moment["why"]) for moment in order["timeline"]]


async def test_a_forgotten_customer_has_no_address(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.catch_up()
    shop.vault.forgotten.add("anna")
    assert (await shop.ask(ORDER, id="O1", token=STAFF))["order"]["delivery"]["address"] is None


async def test_staff_see_why_somebody_has_to_look(shop: ReadSide) -> None:
    purchase = bought(shop.log)
    purchase.reach("needs attention", "The refund failed.", process="fulfilment")
    await shop.catch_up()
    assert (await shop.ask(ORDER, id="O1", token=STAFF))["order"]["attention"] == ["The refund failed."]
    assert (await shop.ask(ORDER, id="O1", token=ANNA))["order"]["attention"] is None


MINE = """{
    cart(id: "C1") { cartId } checkout(id: "O1") { checkoutId } order(id: "O1") { orderId }
    a: node(id: "Q2FydDpDMQ==") { id } b: node(id: "Q2hlY2tvdXQ6TzE=") { id } c: node(id: "T3JkZXI6TzE=") { id }
}"""
NOTHING = {"cart": None, "checkout": None, "order": None, "a": None, "b": None, "c": None}


async def test_foreign_things_look_like_missing_ones(shop: ReadSide) -> None:
    a_cart(shop.log)
    bought(shop.log)
    await shop.catch_up()
    seen = await shop.ask(MINE, token=ANNA)
    assert None not in seen.values()
    assert await shop.ask(MINE, token=token("bob", "back_office")) == seen
    assert await shop.ask(MINE, token=BEN) == NOTHING
    assert await shop.ask(MINE.replace("O1", "O2").replace("C1", "C2"), token=BEN) == {**NOTHING}


async def test_things_of_shoppers_need_a_token(shop: ReadSide) -> None:
    await shop.catch_up()
    assert await shop.refused(MINE) == (200, ["UNAUTHENTICATED"] * 6)
    assert await shop.ask("{ me { subject } }") == {"me": None}


HISTORY = """query ($first: Int, $after: String, $last: Int, $before: String) { me { subject roles
    orders(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { orderId } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    } } }"""


async def test_the_history_is_the_callers_own_and_newest_first(shop: ReadSide) -> None:
    for number, minute in enumerate([3, 1, 3, 2], start=1):
        Purchase(shop.log, f"A{number}").buy(at=minute)
    Purchase(shop.log, "B1", customer="ben").buy()
    await shop.catch_up()
    seen: list[str] = []
    after = None
    while True:
        me = (await shop.ask(HISTORY, token=ANNA, first=2, after=after))["me"]
        assert (me["subject"], me["roles"]) == ("anna", ["shopper"])
        there = [edge["node"]["orderId"] for edge in me["orders"]["edges"]]
        assert set(there).isdisjoint(seen)
        seen += there
        after = me["orders"]["pageInfo"]["endCursor"]
        if not me["orders"]["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["A3", "A1", "A4", "A2"]
    back = (await shop.ask(HISTORY, token=ANNA, last=2, before=after))["me"]["orders"]
    assert [edge["node"]["orderId"] for edge in back["edges"]] == ["A1", "A4"]


async def test_many_orders_cost_as_many_queries_as_one(shop: ReadSide) -> None:
    for number in range(3):
        Purchase(shop.log, f"A{number}").buy()
    await shop.catch_up()
    query = """query ($first: Int) { me { orders(first: $first) { edges { node {
        status total { amount } lines { title product { title } } timeline { what }
    } } } } }"""
    counts = []
    for first in (1, 2, 3):
        shop.models.statements.clear()
        await shop.ask(query, token=ANNA, first=first)
        counts.append(len(shop.models.statements))
    assert counts == [3, 3, 3]
