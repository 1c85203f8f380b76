"""The lists that people of the shop work through."""

from typing import Any

import pytest

from domain.order.number import number_of
from domain.payment.events import (
    DisputeFundsMoved,
    DisputeOpened,
    PaymentRefunded,
    PaymentRefundedOutside,
    RefundFailed,
    RefundRequested,
)
from domain.shared.ids import DisputeId, OrderId, RefundId
from domain.shared.money import Money
from tests.read_api.test_back_office_lists import pages
from tests.support.builders.purchases import Purchase, bought
from tests.support.harness.read_side import ReadSide, token

BOB, WALTER = token("bob", "back_office"), token("walter", "warehouse")
ANNA = token("anna", "shopper")


@pytest.fixture
async def parcels(shop: ReadSide) -> ReadSide:
    """One parcel in each of four states, planned one after the other; anna has ordered twice."""
    for number, customer, day in ((1, "anna", 0), (2, "ben", 1), (3, "anna", 2), (4, "cleo", 3)):
        purchase = Purchase(shop.log, f"O{number}", customer=customer, cart=f"C{number}")
        purchase.buy(at=day * 24 * 60)
        if number > 1:
            purchase.pack()
            await shop.catch_up()
        if number > 2:
            purchase.capture()
            purchase.dispatch()
        if number > 3:
            purchase.deliver()
    await shop.catch_up()
    return shop


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("", [2, 3, 4]),
        ("status: PACKED", [2]),
        ("status: [PACKED, DELIVERED]", [2, 4]),
        ("status: []", []),
        ('warehouse: "MAIN"', [2, 3, 4]),
        ('warehouse: "WEST"', []),
    ],
)
async def test_parcels_are_listed_by_state_the_longest_waiting_first(
    parcels: ReadSide, wanted: str, numbers: list[int]
) -> None:
    found = await pages(parcels, "shipments", "shipmentId", wanted)
    assert [node["shipmentId"] for node in found] == [f"O{number}.1" for number in numbers]


TASKS = """{ shipments(status: PACKED) { edges { node {
    orderId shipment { revision status warehouse items { sku quantity } } order { number delivery { address { city } } }
} } } shipmentCounts { status shipments } }"""


async def test_a_parcel_in_the_list_has_what_a_slip_shows(parcels: ReadSide) -> None:
    answer = await parcels.ask(TASKS, token=WALTER)
    assert [edge["node"] for edge in answer["shipments"]["edges"]] == [
        {
            "orderId": "O2",
            "shipment": {
                "revision": 2,
                "status": "PACKED",
                "warehouse": "MAIN",
                "items": [{"sku": "MILK-1", "quantity": 2}, {"sku": "BREAD-1", "quantity": 1}],
            },
            "order": {"number": number_of(OrderId("O2")), "delivery": {"address": {"city": "Zürich"}}},
        }
    ]
    assert answer["shipmentCounts"] == [
        {"status": "PLANNED", "shipments": 0},
        {"status": "PICKED", "shipments": 0},
        {"status": "PACKED", "shipments": 1},
        {"status": "CLEARED", "shipments": 0},
    ]


async def test_a_page_of_parcels_takes_three_statements(parcels: ReadSide) -> None:
    """One for the page and one for all its orders, however many; one counts."""
    parcels.models.statements.clear()
    await parcels.ask(TASKS.replace("(status: PACKED)", ""), token=WALTER)
    assert len(parcels.models.statements) == 3


async def test_people_are_listed_by_their_last_order(parcels: ReadSide) -> None:
    found = await pages(parcels, "people", "customerId orders")
    assert [(node["customerId"], node["orders"]) for node in found] == [("cleo", 1), ("anna", 2), ("ben", 1)]
    assert await pages(parcels, "people", "customerId lastOrderAt", 'customer: "anna"') == [
        {"customerId": "anna", "lastOrderAt": "2026-11-27T12:00:00+00:00"}
    ]
    assert await pages(parcels, "people", "customerId", 'customer: "ann"') == []


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("status: PLACED", [2, 1]),
        ("status: [PLACED, DELIVERED]", [4, 2, 1]),
        (f'number: "{number_of(OrderId("O2"))}"', [2]),
        (f'number: "{number_of(OrderId("O2")).lower().replace("-", "")}"', [2]),
        (f'number: "{number_of(OrderId("O9"))}"', []),
        (f'text: "{number_of(OrderId("O3"))[:4]}"', [3]),
    ],
)
async def test_orders_are_found_by_state_and_number(parcels: ReadSide, wanted: str, numbers: list[int]) -> None:
    found = await pages(parcels, "orders", "orderId", wanted)
    assert [node["orderId"] for node in found] == [f"O{number}" for number in numbers]
    asked = f"{{ orders({wanted} first: 1) {{ total {{ atLeast exact }} }} }}"
    total = (await parcels.ask(asked, token=BOB))["orders"]["total"]
    assert total == {"atLeast": len(numbers), "exact": True}


async def test_what_is_no_order_number_is_said_to_be_none(parcels: ReadSide) -> None:
    assert await parcels.refused('{ orders(number: "U") { total { exact } } }', token=BOB) == (200, ["BAD_USER_INPUT"])


PAYMENT = """{ order(id: "O1") { payment {
    paymentId revision refunded { amount } refundable { amount } refunds { refundId amount { amount } status }
} } }"""


async def test_a_payment_tells_each_refund(shop: ReadSide) -> None:
    paid = bought(shop.log)
    ids: dict[str, Any] = {"payment_id": paid.payment_id, "order_id": paid.order_id}
    done, failed, open_ = (RefundId(f"R{number}") for number in (1, 2, 3))
    shop.log.tell(
        *(
            RefundRequested(**ids, refund_id=it, amount=Money(cents, "USD"), gateway_ref="ref", reason="Late")
            for it, cents in ((done, 100), (failed, 200), (open_, 30))
        ),
        PaymentRefunded(**ids, refund_id=done, amount=Money(100, "USD")),
        RefundFailed(**ids, refund_id=failed, reason="Card closed"),
        stream="payment-O1",
    )
    await shop.catch_up()
    assert (await shop.ask(PAYMENT, token=BOB))["order"]["payment"] == {
        "paymentId": "O1",
        "revision": 8,
        "refunded": {"amount": 100},
        "refundable": {"amount": 800},
        "refunds": [
            {"refundId": "R1", "amount": {"amount": 100}, "status": "DONE"},
            {"refundId": "R2", "amount": {"amount": 200}, "status": "FAILED"},
            {"refundId": "R3", "amount": {"amount": 30}, "status": "REQUESTED"},
        ],
    }


BOOKS = """{ order(id: "O1") { payment { released { amount } refunds { refundId status failure outside } } books {
    capturedOutside disputed { amount } fees { amount } received { amount }
    disputes { disputeId status amount { amount } reason respondBy moved { amount } fee { amount } }
} } }"""


async def test_staff_see_what_the_shop_has_of_a_payment_and_shoppers_do_not(shop: ReadSide) -> None:
    paid = bought(shop.log)
    ids: dict[str, Any] = {"payment_id": paid.payment_id, "order_id": paid.order_id}
    dispute: dict[str, Any] = {**ids, "dispute_id": DisputeId("dp")}
    thousand = Money(1000, "USD")
    shop.log.tell(
        PaymentRefundedOutside(**ids, refund_id=RefundId("re_1"), amount=Money(100, "USD")),
        RefundFailed(**ids, refund_id=RefundId("re_1"), reason="Card closed", refund_ref="re_1"),
        DisputeOpened(**dispute, amount=thousand, reason="fraudulent", inquiry=False, respond_by=None),
        DisputeFundsMoved(**dispute, movement_id="t", amount=Money(-1000, "USD"), fee=Money(-1500, "USD")),
        stream="payment-O1",
    )
    await shop.catch_up()
    order = (await shop.ask(BOOKS, token=BOB))["order"]
    assert order["payment"]["refunds"] == [
        {"refundId": "re_1", "status": "FAILED", "failure": "Card closed", "outside": True}
    ]
    assert order["books"] == {
        "capturedOutside": False,
        "disputed": {"amount": -1000},
        "fees": {"amount": -1500},
        "received": {"amount": -1570},
        "disputes": [
            {
                "disputeId": "dp",
                "status": "NEEDS_RESPONSE",
                "amount": {"amount": 1000},
                "reason": "fraudulent",
                "respondBy": None,
                "moved": {"amount": -1000},
                "fee": {"amount": -1500},
            }
        ],
    }
    assert (await shop.ask(BOOKS, token=ANNA))["order"]["books"] is None
