"""A sound shop passes every proof, and each broken promise is found by the proof that is meant to find it."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from commands.ports import EventStore
from domain.order.events import OrderCompleted, OrderDelivered
from domain.payment.events import PaymentCaptured, PaymentRefunded
from domain.shared.ids import OrderId, RefundId, ShipmentId
from domain.shared.money import Money
from domain.stock.events import ReservationCommitted, ReservationReleased, StockDispatched, StockReserved
from infra.projections import manage
from projections.registry import PROJECTIONS
from tests.domain.promotion.test_promotion import drafted, scheduled
from tests.infra.audit.test_staff import ROSTER
from tests.support.builders.account import ACCOUNT
from tests.support.builders.auditing import SHOP, built, failed, verdict, written
from tests.support.builders.disputed import disputed
from tests.support.builders.sale import Sale, sale
from tests.support.builders.shop import DELIVERY, MAIN, Append, euros

BOUNDS = "reserved is never below 0 nor above on hand plus the backorder limit"
KEPT = "only what was reserved is kept, released or sent"
HELD = "nothing is reserved for a closed checkout or order"
SENT = "the units that left the stock are the units that were sent"
PRICES = "steps make lines and deliveries, and these make totals"
ONCE = "a checkout makes one order at most"
PAID = "an order is placed on held money, or costs nothing"
LIMITS = "captured is at most what was authorised, refunded at most what was captured"
COMPLETE = "a completed order has no unit left to send"
TOLD = "the facts of orders and payments follow from each other"
WANTED = "no money is held or kept without an order"
SETTLED = "of a closed order we keep what was delivered, to the cent"


async def test_a_sound_shop_passes_every_proof(database_url: str, store: EventStore) -> None:
    await written(store, *SHOP.opening())
    ends = (Sale.delivered, Sale.cancelled, Sale.short, Sale.rejected, Sale.placed, disputed)
    for number, end in enumerate(ends):
        await written(store, *end(sale(SHOP, number)))
    await written(store, Append("staff-roster", ROSTER), Append("promotion-book", [drafted, scheduled()]))
    await written(store, Append("customer-shopper-1", ACCOUNT))
    await built(database_url, store)
    proven = await verdict(database_url, store, PROJECTIONS)
    assert failed(proven) == {}
    assert proven.ok
    assert proven.head == proven.events == await store.head()
    idle = {check.claim for check in proven.checks if not check.looked_at and not check.excused}
    assert idle == set()


async def test_an_empty_shop_passes_every_proof(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, PROJECTIONS)
    proven = await verdict(database_url, store, PROJECTIONS)
    assert (proven.ok, proven.events) == (True, 0)


async def test_oversold_stock_is_found(database_url: str, store: EventStore) -> None:
    await written(store, *SHOP.opening(), *sale(SHOP, 1).checked_out())
    held = StockReserved(
        sku=SHOP.sku(7), warehouse=MAIN, order_id=OrderId("o000001"), quantity=1001, expires_at=sale(SHOP, 1).at
    )
    await written(store, Append("stock-S00007@MAIN", [held]))
    assert failed(await verdict(database_url, store)) == {
        BOUNDS: ["stock-S00007@MAIN at revision 1: 1001 reserved, 1000 on hand, 0 may be promised beyond."]
    }


async def test_a_dispatch_without_a_reservation_is_found(database_url: str, store: EventStore) -> None:
    gone = StockDispatched(sku=SHOP.sku(1), warehouse=MAIN, order_id=OrderId("o1"), quantity=2)
    await written(store, *SHOP.opening(), Append("stock-S00001@MAIN", [gone]))
    found = failed(await verdict(database_url, store))
    assert found == {
        BOUNDS: ["stock-S00001@MAIN at revision 1: -2 reserved, 998 on hand, 0 may be promised beyond."],
        KEPT: ["stock-S00001@MAIN at revision 1: o1 holds 0, not 2."],
        SENT: ["o1: 2 more of S00001 left the stock than were sent."],
    }


@pytest.mark.parametrize("end", [Sale.rejected, Sale.cancelled])
async def test_units_that_are_held_for_nobody_are_found(database_url: str, store: EventStore, end: Any) -> None:
    told = [*end(sale(SHOP, 1))]
    kept = [append for append in told if not isinstance(append.facts[0], ReservationReleased)]
    await written(store, *SHOP.opening(), *kept)
    assert failed(await verdict(database_url, store)) == {
        HELD: [
            "1 of S00007 in MAIN wait for o000001, which is closed.",
            "2 of S00008 in MAIN wait for o000001, which is closed.",
        ]
    }


async def test_an_order_without_payment_is_found(database_url: str, store: EventStore) -> None:
    told = [append for append in sale(SHOP, 1).placed() if not append.stream.startswith("payment-")]
    await written(store, *SHOP.opening(), *told)
    assert failed(await verdict(database_url, store)) == {
        PAID: [f"order-o000001 at revision 0: {sale(SHOP, 1).total} are due, {euros(0)} are held."]
    }


async def test_a_second_order_of_a_checkout_is_found(database_url: str, store: EventStore) -> None:
    placed = sale(SHOP, 1)
    await written(store, *SHOP.opening(), *placed.placed(), Append("order-o000001", [placed.order_placed()]))
    assert failed(await verdict(database_url, store)) == {ONCE: ["order-o000001 at revision 1: checkout o000001"]}


async def test_totals_that_do_not_add_up_are_found(database_url: str, store: EventStore) -> None:
    bought = sale(SHOP, 1)
    bought.total = bought.total - euros(1)
    await written(store, *SHOP.opening(), *bought.placed())
    found = failed(await verdict(database_url, store))
    assert found == {
        PRICES: [
            f"cart-o000001 at revision 3: lines and delivery do not make {bought.total}.",
            f"order-o000001 at revision 0: lines and delivery do not make {bought.total}.",
        ]
    }


async def test_steps_that_do_not_make_the_price_of_the_delivery_are_found(database_url: str, store: EventStore) -> None:
    placed = sale(SHOP, 1).order_placed()
    (step,) = placed.delivery_steps
    wrong = replace(placed, delivery_steps=(replace(step, amount=euros(1)),))
    await written(store, *SHOP.opening(), *sale(SHOP, 1).authorised(), Append("order-o000001", [wrong]))
    found = failed(await verdict(database_url, store))
    assert found == {PRICES: [f"order-o000001 at revision 0: the steps of the delivery do not make {DELIVERY}."]}


async def test_money_that_was_taken_too_often_is_found(database_url: str, store: EventStore) -> None:
    bought = sale(SHOP, 1)
    more = bought.total + euros(1)
    taken = PaymentCaptured(payment_id=bought.payment, order_id=bought.order, amount=more)
    await written(store, *SHOP.opening(), *bought.placed(), Append("payment-o000001", [taken]))
    found = failed(await verdict(database_url, store))
    assert found == {
        LIMITS: [f"payment-o000001 at revision 2: {bought.total} authorised, {more} captured, {euros(0)} refunded."]
    }


async def test_money_without_an_order_is_found(database_url: str, store: EventStore) -> None:
    told = [append for append in sale(SHOP, 1).rejected() if "Void" not in type(append.facts[0]).__name__]
    await written(store, *SHOP.opening(), *told)
    assert failed(await verdict(database_url, store)) == {
        WANTED: [f"Payment o000001: {sale(SHOP, 1).total} are held, and no order for it."]
    }


async def test_a_refund_that_was_forgotten_is_found(database_url: str, store: EventStore) -> None:
    bought = sale(SHOP, 1)
    told = [append for append in bought.short() if "Refund" not in type(append.facts[0]).__name__]
    await written(store, *SHOP.opening(), *told)
    owed = bought.total - SHOP.price(7)
    assert failed(await verdict(database_url, store)) == {
        SETTLED: [f"Order o000001 is completed: {owed} are owed, {bought.total} were kept."]
    }


async def test_an_order_that_is_completed_too_early_is_found(database_url: str, store: EventStore) -> None:
    bought = sale(SHOP, 1)
    await written(store, *SHOP.opening(), *bought.placed())
    await written(store, Append("order-o000001", [OrderCompleted(order_id=bought.order)]))
    found = failed(await verdict(database_url, store))
    assert found[COMPLETE] == ["order-o000001 at revision 1: 3 units are open."]
    assert set(found) == {COMPLETE, HELD, SETTLED}


async def test_facts_about_nothing_are_found(database_url: str, store: EventStore) -> None:
    bought = sale(SHOP, 1)
    refund = PaymentRefunded(
        payment_id=bought.payment, order_id=bought.order, refund_id=RefundId("r1"), amount=Money(100, "EUR")
    )
    arrival = OrderDelivered(order_id=bought.order, shipment_id=ShipmentId("nowhere"))
    await written(store, *SHOP.opening(), *bought.placed())
    await written(store, Append("payment-o000001", [refund]), Append("order-o000001", [arrival]))
    assert failed(await verdict(database_url, store)) == {
        LIMITS: [
            f"payment-o000001 at revision 2: {bought.total} authorised, {euros(0)} captured, {euros(100)} refunded."
        ],
        TOLD: ["order-o000001 at revision 1: KeyError 'nowhere'"],
    }


async def test_money_in_two_currencies_is_found(database_url: str, store: EventStore) -> None:
    """It cannot be compared, and still is no reason to stop."""
    bought, settled = sale(SHOP, 1), sale(SHOP, 2)
    foreign = PaymentCaptured(payment_id=bought.payment, order_id=bought.order, amount=Money(100, "USD"))
    await written(store, *SHOP.opening(), *settled.delivered())
    bought.total = Money(bought.total.amount, "USD")
    await written(store, *bought.placed())
    taken = PaymentCaptured(payment_id=settled.payment, order_id=settled.order, amount=Money(100, "USD"))
    await written(
        store, Append("payment-o000001", [replace(foreign, amount=euros(100))]), Append("payment-o000002", [taken])
    )
    assert failed(await verdict(database_url, store)) == {
        PRICES: [
            "cart-o000001 at revision 3: CurrencyMismatch USD and EUR do not add up.",
            "order-o000001 at revision 0: CurrencyMismatch USD and EUR do not add up.",
        ],
        LIMITS: [
            "payment-o000001 at revision 2: CurrencyMismatch USD and EUR do not add up.",
            "payment-o000002 at revision 4: CurrencyMismatch EUR and USD do not add up.",
        ],
        SETTLED: ["Order o000002: CurrencyMismatch USD and EUR do not add up."],
    }


@pytest.mark.parametrize(("units", "held"), [(2, 0), (3, 1)])
async def test_a_commit_of_units_that_were_never_reserved_is_found(
    database_url: str, store: EventStore, units: int, held: int
) -> None:
    bought = sale(SHOP, 1)
    told = [*(bought.reserved() if held else bought.checked_out())]
    kept = ReservationCommitted(sku=SHOP.sku(7), warehouse=MAIN, order_id=bought.order, quantity=units)
    await written(store, *SHOP.opening(), *told, Append("stock-S00007@MAIN", [kept]))
    assert failed(await verdict(database_url, store)) == {
        KEPT: [f"stock-S00007@MAIN at revision {1 + held}: o000001 holds {held}, not {units}."]
    }
