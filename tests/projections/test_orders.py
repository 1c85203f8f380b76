"""Checkouts, orders, timelines and histories as rows."""

from datetime import timedelta

import asyncpg
import pytest

from domain.cart.events import CartReopened
from domain.order.events import OrderCancelled, OrderCompleted, OrderDispatched, OrderLineCancelled
from domain.payment.events import PaymentFailed, PaymentVoided, VoidRequested
from domain.payment.state import PaymentPhase
from domain.shared.ids import CustomerId, OrderId, shipment_of
from domain.shared.money import Money
from domain.shared.recorded import Recorded
from domain.shared.units import Units
from domain.shipment.events import ShipmentPlanned, ShipmentShortPicked
from domain.shipment.state import ShipmentPhase
from infra.projections.tables import SchemaTables
from projections import orders
from projections.engine.paging import Place, Window
from projections.order_view import OrderView, Status, evolve
from projections.orders import PROJECTION, Filter
from tests.support.builders.event_log_builder import NOON, Log, build, feed, rows
from tests.support.builders.purchases import BREAD, MAIN, MILK, Purchase

O1 = OrderId("O1")


async def view(tables: SchemaTables, order_id: OrderId = O1) -> OrderView:
    return (await orders.by_ids(tables, [order_id]))[order_id]


async def test_a_checkout_is_followed_before_it_is_an_order(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    purchase = Purchase(log)
    purchase.check_out()
    purchase.request_payment()
    purchase.require_action()
    await feed(tables, PROJECTION, log.recorded)
    ((order_id, customer, placed_at, status, *_),) = await rows(tables, "orders")
    assert (order_id, customer, placed_at, status) == ("O1", "anna", None, None)
    followed = await view(tables)
    assert followed.checkout is not None
    assert (followed.checkout.phase, followed.action_url) == ("awaiting payment", "https://bank.example/3ds")
    assert (await orders.placed(tables, Window(size=10), Filter())).items == []

    purchase.authorise()
    await feed(tables, PROJECTION, log.recorded[-1:])
    followed = await view(tables)
    assert (followed.action_url, followed.payment.phase) == (None, PaymentPhase.AUTHORISED)


async def test_a_rejected_checkout_says_why(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    purchase = Purchase(log)
    purchase.check_out()
    log.tell(CartReopened(cart_id=purchase.cart_id, checkout_id=purchase.checkout_id, reason="MILK-1 is sold out."))
    purchase.reach("rejected")
    await feed(tables, PROJECTION, log.recorded)
    rejected = await view(tables)
    assert rejected.checkout is not None
    assert (rejected.checkout.phase, rejected.checkout.rejection) == ("rejected", "MILK-1 is sold out.")


async def test_a_failed_payment_says_why_until_it_is_tried_again(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    purchase = Purchase(log)
    purchase.check_out()
    purchase.request_payment()
    log.tell(PaymentFailed(payment_id=purchase.payment_id, order_id=O1, attempt=1, reason="Insufficient funds."))
    await feed(tables, PROJECTION, log.recorded)
    assert (await view(tables)).payment_failure == "Insufficient funds."
    payment = purchase.payment_id
    log.tell(
        VoidRequested(payment_id=payment, order_id=O1, gateway_ref=None, reason="The time to pay was over."),
        PaymentVoided(payment_id=payment, order_id=O1),
    )
    await feed(tables, PROJECTION, log.recorded[-2:])
    assert (await view(tables)).payment_failure == "Insufficient funds."
    purchase.request_payment()
    await feed(tables, PROJECTION, log.recorded[-2:])
    assert (await view(tables)).payment_failure is None


@pytest.mark.parametrize("size", [1, 4, 100])
async def test_an_order_is_told_to_the_door(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    purchase = Purchase(log)
    purchase.buy()
    purchase.fulfil()
    await feed(tables, PROJECTION, log.recorded, size)
    told = await view(tables)
    assert [line.sold.priced for line in told.lines()] == [MILK, BREAD]
    assert told.status is Status.DELIVERED
    assert (told.payment.phase, told.payment.captured) == (PaymentPhase.CAPTURED, Money(930, "USD"))
    parcel = told.shipments[purchase.parcel]
    assert (parcel.phase, parcel.label) == (ShipmentPhase.DELIVERED, ("DHL", "JD014"))
    assert [row[2:] for row in await rows(tables, "timeline")] == [
        (NOON + timedelta(seconds=second), kind, what, by, None)
        for second, kind, what, by in [
            (1, "cart.checked_out.v4", "Checked out for 9.30 USD.", "anna"),
            (3, "payment.requested.v1", "Asked to hold 9.30 USD by card, attempt 1.", "gateway"),
            (5, "payment.authorised.v1", "9.30 USD held until 2026-12-02.", "gateway"),
            (6, "order.placed.v3", "Order placed over 9.30 USD.", "checkout"),
            (8, "shipment.planned.v1", "Parcel O1.1 planned in MAIN.", "walter"),
            (9, "shipment.picked.v1", "Parcel O1.1 picked.", "walter"),
            (10, "shipment.packed.v1", "Parcel O1.1 packed.", "walter"),
            (12, "payment.captured.v1", "9.30 USD taken.", "gateway"),
            (14, "shipment.dispatched.v1", "Parcel O1.1 left with DHL, tracking JD014.", "walter"),
            (16, "shipment.delivered.v1", "Parcel O1.1 delivered.", "walter"),
        ]
    ]


async def test_statuses_follow_the_units() -> None:
    log = Log()
    purchase = Purchase(log)
    purchase.buy()
    milk, bread = purchase.items
    first, second = shipment_of(O1, 1), shipment_of(O1, 2)
    log.tell(OrderDispatched(order_id=O1, shipment_id=first, units=(milk,)))
    partly = len(log.recorded)
    log.tell(OrderDispatched(order_id=O1, shipment_id=second, units=(bread,)))
    assert [folded(log.recorded[:until]).status for until in (5, 6, partly, partly + 1)] == [
        None,
        Status.PLACED,
        Status.PARTLY_DISPATCHED,
        Status.DISPATCHED,
    ]


def folded(facts: list[Recorded[object]]) -> OrderView:
    view = OrderView(order_id=O1)
    for recorded in facts:
        view = evolve(view, recorded)
    return view


async def test_cancelled_units_are_taken_off_what_is_owed(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    Purchase(log).buy()
    log.tell(
        OrderLineCancelled(order_id=O1, sku=MILK.sku, quantity=1, value=Money(90, "USD"), reason="not on the shelf"),
        by="walter",
    )
    await feed(tables, PROJECTION, log.recorded)
    told = await view(tables)
    assert [(line.sold.priced.sku, line.cancelled) for line in told.lines()] == [("MILK-1", 1), ("BREAD-1", 0)]
    assert told.order.owed == Money(840, "USD")
    moment = (await orders.timelines(tables, [O1]))[O1][-1]
    assert (moment.what, moment.by, moment.why) == (
        "1 of MILK-1 cancelled, worth 0.90 USD.",
        "walter",
        "not on the shelf",
    )


async def test_attention_is_shown_until_the_process_moves_on(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    purchase = Purchase(log)
    purchase.buy()
    purchase.reach("needs attention", "The capture failed.", process="fulfilment")
    purchase.reach("idle", "Not about an order.", process="cart_abandonment")
    await feed(tables, PROJECTION, log.recorded)
    told = await view(tables)
    assert dict(told.attention) == {"fulfilment": "The capture failed."}
    assert told.checkout is not None
    assert told.checkout.phase == "placed"
    purchase.reach("capturing", process="fulfilment")
    await feed(tables, PROJECTION, log.recorded[-1:])
    assert dict((await view(tables)).attention) == {}


async def history_of(tables: SchemaTables, customer: str, size: int) -> list[str]:
    seen: list[str] = []
    after: Place | None = None
    while True:
        page = await orders.placed(tables, Window(size=size, after=after), Filter(customer_id=CustomerId(customer)))
        there = [item.order_id for _, item in page.items]
        assert set(there).isdisjoint(seen)
        seen += there
        if not page.more_after:
            return seen
        after = page.items[-1][0]


async def test_a_customers_history_is_theirs_and_newest_first(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    for number, minute in enumerate([3, 1, 3, 2], start=1):
        Purchase(log, f"A{number}").buy(at=minute)
    Purchase(log, "B1", customer="ben").buy(at=2)
    await feed(tables, PROJECTION, log.recorded)
    for size in (1, 2, 5):
        assert await history_of(tables, "anna", size) == ["A3", "A1", "A4", "A2"]
        assert await history_of(tables, "ben", size) == ["B1"]


async def test_orders_are_found_by_status(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    for number in ("A1", "A2", "A3"):
        Purchase(log, number).buy()
    log.tell(OrderCancelled(order_id=OrderId("A1"), reason="changed my mind"))
    log.tell(OrderCompleted(order_id=OrderId("A2")))
    await feed(tables, PROJECTION, log.recorded)
    found = {
        status: [
            item.order_id for _, item in (await orders.placed(tables, Window(size=9), Filter(statuses=[status]))).items
        ]
        for status in (Status.PLACED, Status.COMPLETED, Status.CANCELLED, Status.DELIVERED)
    }
    assert found == {
        Status.PLACED: ["A3"],
        Status.COMPLETED: ["A2"],
        Status.CANCELLED: ["A1"],
        Status.DELIVERED: [],
    }


async def test_a_short_parcel_holds_what_was_on_the_shelf(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    purchase = Purchase(log)
    purchase.buy()
    milk, bread = purchase.items
    log.tell(
        ShipmentPlanned(shipment_id=purchase.parcel, order_id=O1, warehouse=MAIN, items=purchase.items),
        ShipmentShortPicked(shipment_id=purchase.parcel, order_id=O1, items=(milk,), missing=(bread,)),
    )
    await feed(tables, PROJECTION, log.recorded)
    assert (await view(tables)).shipments[purchase.parcel].items == (Units(sku=MILK.sku, quantity=2),)
