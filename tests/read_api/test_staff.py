"""What staff see, and who of them."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from domain.api_key.events import ApiKeyIssued
from domain.order.events import OrderCancelled
from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.personal import Sealed
from domain.staff.events import PermissionsSet, StaffInvited
from domain.stock.events import StockReceived, StockReserved
from tests.support.builders.catalogue import category, on_sale
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase
from tests.support.harness.permitted import PermittedTokens
from tests.support.harness.read_side import Asker, ReadSide, token

BOB, AUDITOR = token("bob", "back_office"), token("ada", "auditor")
DAY = "2026-11-25"


async def test_a_refused_field_leaves_the_others_their_answers(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    await shop.catch_up()
    question = '{ orders { edges { node { orderId } } } sales(groupBy: DAY) { units } stock(sku: "M") { sku } }'
    body = (await shop.post({"query": question}, token=token("walter", "warehouse"))).json()
    assert body["data"] == {"orders": {"edges": [{"node": {"orderId": "O1"}}]}, "sales": None, "stock": None}
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [(["sales"], "FORBIDDEN")]


async def test_staff_find_orders_by_status_and_customer(shop: ReadSide) -> None:
    for number, customer in enumerate(["anna", "ben", "anna"], start=1):
        Purchase(shop.log, f"O{number}", customer=customer).buy(at=number)
    shop.log.tell(OrderCancelled(order_id=OrderId("O1"), reason="changed my mind"), stream="order-O1")
    await shop.catch_up()
    query = """query ($status: [OrderStatus!], $customer: ID, $first: Int, $after: String) {
        orders(status: $status, customer: $customer, first: $first, after: $after) {
            edges { cursor node { orderId } } pageInfo { hasNextPage }
        }
    }"""

    async def found(**wanted: object) -> list[str]:
        page = (await shop.ask(query, token=BOB, **wanted))["orders"]
        return [edge["node"]["orderId"] for edge in page["edges"]]

    assert await found() == ["O3", "O2", "O1"]
    assert await found(status="CANCELLED") == ["O1"]
    assert await found(customer="anna") == ["O3", "O1"]
    assert await found(customer="anna", status="PLACED") == ["O3"]
    assert await found(customer="") == []
    assert await found(customer="", status="PLACED") == []
    first = (await shop.ask(query, token=BOB, first=2))["orders"]
    assert first["pageInfo"]["hasNextPage"]
    assert await found(after=first["edges"][-1]["cursor"]) == ["O1"]


async def test_stock_is_told_by_warehouse(shop: ReadSide) -> None:
    main, side = Warehouse("MAIN"), Warehouse("SIDE")
    shop.log.tell(
        StockReceived(sku=Sku("MILK-1"), warehouse=main, quantity=5_000_000_000),
        StockReceived(sku=Sku("MILK-1"), warehouse=side, quantity=2),
        StockReserved(
            sku=Sku("MILK-1"), warehouse=side, order_id=OrderId("O1"), quantity=2, expires_at=NOON + timedelta(hours=1)
        ),
    )
    await shop.catch_up()
    query = """query ($sku: ID!) { stock(sku: $sku) {
        sku available levels { warehouse onHand reserved backorderLimit available sells }
    } }"""
    zeros = {"reserved": 0, "backorderLimit": 0, "sells": True}
    assert await shop.ask(query, sku="MILK-1", token=BOB) == {
        "stock": {
            "sku": "MILK-1",
            "available": 5_000_000_000,
            "levels": [
                {"warehouse": "MAIN", "onHand": 5_000_000_000, "available": 5_000_000_000, **zeros},
                {"warehouse": "SIDE", "onHand": 2, "available": 0, **zeros, "reserved": 2},
            ],
        }
    }
    assert await shop.ask(query, sku="NONE", token=BOB) == {"stock": None}


async def test_sales_are_summed_up_three_ways(shop: ReadSide) -> None:
    category(shop.log, "Food")
    on_sale(shop.log, "MILK", 99, title="Whole milk", category="FOOD")
    Purchase(shop.log, "O1").buy()
    Purchase(shop.log, "O2").buy(at=24 * 60)
    await shop.catch_up()
    query = """query ($by: GroupBy!, $from: Date, $to: Date) {
        sales(groupBy: $by, from: $from, to: $to) { day categoryId name units revenue { formatted } }
    }"""

    def sums(units: int, money: str, **more: Any) -> dict[str, Any]:
        return {"day": None, "categoryId": None, "name": None, "units": units, "revenue": {"formatted": money}} | more

    assert (await shop.ask(query, by="DAY", token=BOB))["sales"] == [
        sums(3, "4.30 USD", day="2026-11-25"),
        sums(3, "4.30 USD", day="2026-11-26"),
    ]
    assert (await shop.ask(query, by="DAY", token=BOB, to=DAY))["sales"] == [sums(3, "4.30 USD", day="2026-11-25")]
    for by in ("CATEGORY", "DEPARTMENT"):
        assert (await shop.ask(query, by=by, token=BOB, **{"from": DAY}))["sales"] == [sums(6, "8.60 USD")]


async def test_best_sellers_lead_to_their_products(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    Purchase(shop.log).buy()
    await shop.catch_up()
    query = """query ($first: Int! = 20, $by: BestSellersBy!) {
        bestSellers(first: $first, by: $by) { productId units revenue { amount } product { title } }
    }"""
    milk = {"productId": "MILK", "units": 2, "revenue": {"amount": 180}, "product": {"title": "Whole milk"}}
    bread = {"productId": "BREAD", "units": 1, "revenue": {"amount": 250}, "product": None}
    assert (await shop.ask(query, by="UNITS", token=BOB))["bestSellers"] == [milk, bread]
    assert (await shop.ask(query, by="REVENUE", token=BOB))["bestSellers"] == [bread, milk]
    assert (await shop.ask(query, by="REVENUE", first=1, token=BOB))["bestSellers"] == [bread]
    assert await shop.refused(query, by="UNITS", first=101, token=BOB) == (200, ["BAD_USER_INPUT"])


HISTORY = """query ($stream: String!, $first: Int, $after: String) {
    history(stream: $stream, first: $first, after: $after) {
        edges { cursor node { position stream revision eventId type recordedAt actor reason data metadata hash } }
        pageInfo { hasNextPage endCursor }
    }
}"""


async def test_auditors_see_every_event_as_stored(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    (told,) = shop.log.tell(
        OrderCancelled(order_id=OrderId("O1"), reason="changed my mind"), stream="order-O1", by="bob", why="phone call"
    )
    await shop.catch_up()
    first = (await shop.ask(HISTORY, token=AUDITOR, stream="order-O1", first=1))["history"]
    assert [edge["node"]["type"] for edge in first["edges"]] == ["order.placed.v3"]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await shop.ask(HISTORY, token=AUDITOR, stream="order-O1", after=first["pageInfo"]["endCursor"]))["history"]
    ((event,), info) = [edge["node"] for edge in rest["edges"]], rest["pageInfo"]
    metadata = event.pop("metadata")
    assert event == {
        "position": "8",
        "stream": "order-O1",
        "revision": 1,
        "eventId": str(told.event_id),
        "type": "order.cancelled.v1",
        "recordedAt": told.recorded_at.isoformat(),
        "actor": "bob",
        "reason": "phone call",
        "data": {"order_id": "O1", "reason": "changed my mind"},
        "hash": metadata["hash"],
    }
    assert metadata["previous"] == first["edges"][0]["node"]["hash"]
    assert not info["hasNextPage"]


async def test_the_reason_in_an_event_is_its_reason_where_the_command_names_none(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    shop.log.tell(OrderCancelled(order_id=OrderId("O1"), reason="changed my mind"), stream="order-O1", by="bob")
    await shop.catch_up()
    edges = (await shop.ask(HISTORY, token=AUDITOR, stream="order-O1"))["history"]["edges"]
    assert [(edge["node"]["type"], edge["node"]["reason"]) for edge in edges] == [
        ("order.placed.v3", None),
        ("order.cancelled.v1", "changed my mind"),
    ]


async def test_an_event_can_be_proven_from_its_history(shop: ReadSide) -> None:
    """The hash covers the stored bytes; compact JSON in stored order gives them back."""
    Purchase(shop.log).buy()
    await shop.catch_up()
    (edge,) = (await shop.ask(HISTORY, token=AUDITOR, stream="order-O1"))["history"]["edges"]
    event = edge["node"]
    stated = event["metadata"].pop("hash")
    data, metadata = (
        json.dumps(event[part], separators=(",", ":"), ensure_ascii=False) for part in ("data", "metadata")
    )
    parts = (event["stream"], str(event["revision"]), event["eventId"], event["type"], data, metadata)
    assert sha256("\0".join(parts).encode()).hexdigest() == stated == event["hash"]


@pytest.mark.parametrize("stream", ["", "x" * 201])
async def test_a_stream_has_a_name(empty: Asker, stream: str) -> None:
    assert await empty.refused(HISTORY, token=AUDITOR, stream=stream) == (200, ["BAD_USER_INPUT"])


async def test_a_stream_that_there_is_not_is_an_error(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    await shop.catch_up()
    (edge,) = (await shop.ask(HISTORY, token=AUDITOR, stream="order-O1"))["history"]["edges"]
    assert await shop.refused(HISTORY, token=AUDITOR, stream="order-NONE") == (200, ["NOT_FOUND"])
    assert await shop.refused(HISTORY, token=AUDITOR, stream="order-NONE", after=edge["cursor"]) == (200, ["NOT_FOUND"])
    after_the_last = (await shop.ask(HISTORY, token=AUDITOR, stream="order-O1", after=edge["cursor"]))["history"]
    assert after_the_last == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


async def test_administrators_list_staff_roles_and_keys(shop: ReadSide) -> None:
    shop.log.tell(
        PermissionsSet(role="boss", permissions=("orders", "admin"), second_factor=False),
        StaffInvited(
            subject="ada",
            email=Sealed(subject="ada", ciphertext="ada@shop.example"),
            name=Sealed(subject="ada", ciphertext="Ada"),
            roles=("boss",),
        ),
        ApiKeyIssued(key_id="k1", name="Scales", permissions=("stock",), expires_at=NOON + timedelta(days=1)),
        by="operator",
    )
    await shop.catch_up()
    shop.app.endpoint._tokens = PermittedTokens()  # type: ignore[attr-defined]
    seen = await shop.ask(
        """{
            staff { edges { node { subject email name roles invitedBy joinedAt } } }
            roles { role permissions secondFactor members }
            apiKeys { edges { node { keyId name permissions issuedBy revokedAt lastUsed } } }
        }""",
        token="admin",
    )
    assert [edge["node"] for edge in seen["staff"]["edges"]] == [
        {
            "subject": "ada",
            "email": "ada@shop.example",
            "name": "Ada",
            "roles": ["boss"],
            "invitedBy": "operator",
            "joinedAt": None,
        }
    ]
    assert seen["roles"] == [{"role": "boss", "permissions": ["orders", "admin"], "secondFactor": False, "members": 1}]
    assert [edge["node"] for edge in seen["apiKeys"]["edges"]] == [
        {
            "keyId": "k1",
            "name": "Scales",
            "permissions": ["stock"],
            "issuedBy": "operator",
            "revokedAt": None,
            "lastUsed": None,
        }
    ]
    shop.vault.forgotten.add("ada")
    found = await shop.ask("{ staff { edges { node { email name } } } }", token="admin")
    assert found["staff"]["edges"] == [{"node": {"email": None, "name": None}}]


async def test_administrators_read_what_actors_are_called_and_nobody_else_does(shop: ReadSide) -> None:
    Purchase(shop.log, customer="anna").buy()
    shop.log.tell(
        StaffInvited(
            subject="ada",
            email=Sealed(subject="ada", ciphertext="ada@shop.example"),
            name=Sealed(subject="ada", ciphertext="Ada"),
            roles=(),
        ),
        StaffInvited(subject="ben", email=Sealed(subject="ben", ciphertext="ben@shop.example"), name=None, roles=()),
        ApiKeyIssued(key_id="k1", name="Scales", permissions=("stock",), expires_at=NOON + timedelta(days=1)),
    )
    cancelled = OrderCancelled(order_id=OrderId("O1"), reason="changed my mind")
    for by in ("staff:ada", "staff:ben", "apikey-k1", "staff:gone", "anna"):
        shop.log.tell(cancelled, stream="order-O1", by=by)
    await shop.catch_up()
    shop.app.endpoint._tokens = PermittedTokens()  # type: ignore[attr-defined]
    query = """{ order(id: "O1") { timeline { by byName } }
        history(stream: "order-O1") { edges { node { actor actorName } } } }"""
    named = {"staff:ada": "Ada", "staff:ben": "ben@shop.example", "apikey-k1": "Scales", "staff:gone": None}
    seen = await shop.ask(query, token="orders+audit+admin")
    last = {it["by"]: it["byName"] for it in seen["order"]["timeline"][-5:]}
    assert last == {**named, "anna": None}
    assert {it["node"]["actor"]: it["node"]["actorName"] for it in seen["history"]["edges"][-5:]} == last
    seen = await shop.ask(query, token="orders+audit")
    assert {it["byName"] for it in seen["order"]["timeline"]} == {None}
    assert {it["node"]["actorName"] for it in seen["history"]["edges"]} == {None}
    one = "query ($actor: String!) { actorName(actor: $actor) }"
    assert [(await shop.ask(one, actor=it, token="admin"))["actorName"] for it in named] == list(named.values())
    shop.vault.forgotten.add("ada")
    assert (await shop.ask(one, actor="staff:ada", token="admin"))["actorName"] is None


async def test_the_names_of_all_who_did_something_are_looked_up_at_once(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    for number in range(10):
        cancelled = OrderCancelled(order_id=OrderId("O1"), reason="changed my mind")
        shop.log.tell(cancelled, stream="order-O1", by=f"staff:{number}")
    await shop.catch_up()
    shop.app.endpoint._tokens = PermittedTokens()  # type: ignore[attr-defined]
    shop.models.statements.clear()
    await shop.ask('{ order(id: "O1") { timeline { byName } } }', token="orders+admin")
    assert len([it for it in shop.models.statements if "staff_members" in it]) == 1
