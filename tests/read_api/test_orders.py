"""Carts, checkouts and orders: complete for their owners, not there for others."""

from datetime import timedelta

import pytest

from domain.cart.commands import Offer
from domain.cart.events import CartOpened, CartReopened, ItemAdded, PriceAgreed
from domain.order.events import OrderCancelled
from domain.payment.events import PaymentFailed
from domain.shared.ids import CartId, CustomerId, OrderId, ProductId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from tests.support.catalogue import on_sale, price
from tests.support.purchases import Purchase
from tests.support.read_side import Asker, ReadSide, token
from tests.support.told import NOON

ANNA, BEN = token("anna", "shopper"), token("ben", "shopper")
STAFF = token("walter", "warehouse")

ORDER = """query ($id: ID!, $asOf: AsOf) { order(id: $id, asOf: $asOf) {
    id orderId status placedAt customerId attention
    lines { sku title quantity dispatched cancelled total { amount } priceSteps { kind amount { amount } reason } }
    delivery { method price { amount } address }
    total { formatted } owed { amount }
    payment { status method amount { amount } captured { amount } refunded { amount } actionUrl failure }
    shipments { shipmentId status warehouse items { sku quantity } missing { sku } carrier tracking lastSeen }
    timeline { position at kind what by why }
} }"""


def bought(shop: ReadSide) -> Purchase:
    purchase = Purchase(shop.log)
    purchase.buy()
    purchase.fulfil()
    return purchase


async def test_an_order_tells_everything_to_its_owner(shop: ReadSide) -> None:
    bought(shop)
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
        "delivery": {"method": "parcel", "price": {"amount": 500}, "address": "sealed for anna"},
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
        "kind": "cart.checked_out.v1",
        "what": "Checked out for 9.30 USD.",
        "by": "anna",
        "why": None,
    }
    assert [moment["kind"] for moment in timeline][-2:] == ["shipment.dispatched.v1", "shipment.delivered.v1"]


async def test_a_forgotten_customer_has_no_address(shop: ReadSide) -> None:
    bought(shop)
    await shop.catch_up()
    shop.vault.forgotten.add("anna")
    assert (await shop.ask(ORDER, id="O1", token=STAFF))["order"]["delivery"]["address"] is None


async def test_staff_see_why_somebody_has_to_look(shop: ReadSide) -> None:
    purchase = bought(shop)
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
    cart(shop)
    bought(shop)
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


def cart(shop: ReadSide) -> None:
    cart_id, milk, bread = CartId("C1"), Sku("MILK-1"), Sku("BREAD-1")

    def offer(sku: Sku, title: str, cents: int) -> Offer:
        unit_price = UnitPrice(amount=Money(cents, "USD"))
        return Offer(sku=sku, product_id=ProductId(sku[:-2]), category_id=None, title=title, unit_price=unit_price)

    shop.log.tell(
        CartOpened(cart_id=cart_id, owner=CustomerId("anna"), currency="USD", at=NOON),
        ItemAdded(cart_id=cart_id, offer=offer(milk, "Whole milk", 99), quantity=2, at=NOON),
        ItemAdded(cart_id=cart_id, offer=offer(bread, "Bread", 250), quantity=1, at=NOON),
        PriceAgreed(cart_id=cart_id, sku=bread, total=Money(200, "USD"), reason="day-old", at=NOON),
        stream="cart-C1",
    )


async def test_a_cart_shows_seen_prices_beside_those_of_now(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    cart(shop)
    price(shop.log, "MILK", "MILK-1", 109, NOON)
    await shop.catch_up()
    shown = await shop.ask(
        """{ cart(id: "C1") { owner status currency total { amount } checkoutId lines {
            sku title quantity unitPrice { amount } baseQuantity agreed total { amount }
            priceNow { amount } product { title }
        } } }""",
        token=ANNA,
    )
    assert shown["cart"] == {
        "owner": "anna",
        "status": "OPEN",
        "currency": "USD",
        "total": {"amount": 398},
        "checkoutId": None,
        "lines": [
            {
                "sku": "MILK-1",
                "title": "Whole milk",
                "quantity": 2,
                "unitPrice": {"amount": 99},
                "baseQuantity": 1,
                "agreed": None,
                "total": {"amount": 198},
                "priceNow": {"amount": 109},
                "product": {"title": "Whole milk"},
            },
            {
                "sku": "BREAD-1",
                "title": "Bread",
                "quantity": 1,
                "unitPrice": {"amount": 250},
                "baseQuantity": 1,
                "agreed": "day-old",
                "total": {"amount": 200},
                "priceNow": None,
                "product": None,
            },
        ],
    }


CHECKOUT = """query ($id: ID!) { checkout(id: $id) {
    checkoutId cartId startedAt phase total { amount } rejection payment { status actionUrl failure } order { orderId }
} }"""


async def test_a_checkout_is_followed_to_its_order(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    await shop.catch_up()
    reserving = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert reserving == {
        "checkoutId": "O1",
        "cartId": "C1",
        "startedAt": "2026-11-25T12:00:00+00:00",
        "phase": "reserving",
        "total": {"amount": 930},
        "rejection": None,
        "payment": None,
        "order": None,
    }
    purchase.request_payment()
    purchase.require_action()
    await shop.catch_up()
    waiting = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (waiting["phase"], waiting["payment"]) == (
        "awaiting payment",
        {"status": "ACTION_REQUIRED", "actionUrl": "https://bank.example/3ds", "failure": None},
    )
    assert await shop.ask('{ order(id: "O1") { orderId } }', token=ANNA) == {"order": None}
    purchase.authorise()
    purchase.place()
    await shop.catch_up()
    placed = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (placed["phase"], placed["order"]) == ("placed", {"orderId": "O1"})


async def test_a_failed_checkout_says_why(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    purchase.request_payment()
    shop.log.tell(
        PaymentFailed(payment_id=purchase.payment_id, order_id=OrderId("O1"), attempt=1, reason="Card declined.")
    )
    purchase.reach("expired")
    shop.log.tell(CartReopened(cart_id=purchase.cart_id, checkout_id=purchase.checkout_id, reason="Not paid in time."))
    await shop.catch_up()
    failed = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (failed["phase"], failed["rejection"], failed["payment"]) == (
        "expired",
        "Not paid in time.",
        {"status": "FAILED", "actionUrl": None, "failure": "Card declined."},
    )


HISTORY = """query ($first: Int, $after: String, $last: Int, $before: String) { me { subject roles
    orders(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { orderId } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    } } }"""


async def test_the_history_is_the_callers_own_and_newest_first(shop: ReadSide) -> None:
    for number, minute in enumerate([3, 1, 3, 2], start=1):
        Purchase(shop.log, f"A{number}").buy(at=minute)
    Purchase(shop.log, "B1", customer="ben").buy()
    await shop.catch_up()
    seen, after = [], None
    while True:
        me = (await shop.ask(HISTORY, token=ANNA, first=2, after=after))["me"]
        assert (me["subject"], me["roles"]) == ("anna", ["shopper"])
        seen += [edge["node"]["orderId"] for edge in me["orders"]["edges"]]
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


AS_OF = [
    ({"position": "5"}, None, None),
    ({"position": "6"}, "PLACED", "order.placed.v1"),
    ({"position": "12"}, "PLACED", "payment.captured.v1"),
    ({"position": "15"}, "DISPATCHED", "shipment.dispatched.v1"),
    ({"time": (NOON + timedelta(seconds=15)).isoformat()}, "DISPATCHED", "shipment.dispatched.v1"),
    ({"time": (NOON + timedelta(days=1)).isoformat()}, "DELIVERED", "shipment.delivered.v1"),
    ({"time": (NOON - timedelta(days=1)).isoformat()}, None, None),
]


async def test_an_order_is_shown_as_it_was(shop: ReadSide) -> None:
    bought(shop)
    await shop.catch_up()
    for as_of, status, last in AS_OF:
        order = (await shop.ask(ORDER, id="O1", asOf=as_of, token=ANNA))["order"]
        shown = (None, None) if order is None else (order["status"], order["timeline"][-1]["kind"])
        assert (as_of, shown) == (as_of, (status, last))


async def test_the_past_up_to_now_is_the_present(shop: ReadSide) -> None:
    bought(shop)
    Purchase(shop.log, "O2").buy()
    shop.log.tell(OrderCancelled(order_id=OrderId("O2"), reason="changed my mind"), stream="order-O2", why="phone call")
    position = await shop.catch_up()
    for it in ("O1", "O2"):
        now = await shop.ask(ORDER, id=it, token=ANNA)
        assert await shop.ask(ORDER, id=it, asOf={"position": str(position)}, token=ANNA) == now


async def test_the_past_is_as_private_as_the_present(shop: ReadSide) -> None:
    bought(shop)
    await shop.catch_up()
    assert await shop.ask(ORDER, id="O1", asOf={"position": "9"}, token=BEN) == {"order": None}
    assert await shop.refused(ORDER, id="O1", asOf={"position": "9"}) == (200, ["UNAUTHENTICATED"])


@pytest.mark.parametrize("as_of", [{}, {"position": "1", "time": NOON.isoformat()}, {"position": "x"}, {"time": "?"}])
async def test_a_point_in_the_past_is_one_point(empty: Asker, as_of: dict[str, str]) -> None:
    status, codes = await empty.refused(ORDER, id="O1", asOf=as_of, token=ANNA)
    assert status == 400
    assert set(codes) <= {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}
