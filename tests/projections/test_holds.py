"""What is held unpaid, as rows."""

from datetime import timedelta

import asyncpg
import pytest

from domain.shared.holding import Holder
from domain.shared.ids import CustomerId, OrderId, Sku, Warehouse
from domain.stock.events import (
    ReservationCommitted,
    ReservationExtended,
    ReservationReleased,
    StockDispatched,
    StockReceived,
    StockReserved,
)
from projections import holds
from projections.holds import UnpaidHold
from projections.stock_levels import PROJECTION
from tests.support.builders.event_log_builder import NOON, Log, build, feed

MUG, MAIN = Sku("MUG"), Warehouse("MAIN")
LATER, LATEST = NOON + timedelta(minutes=15), NOON + timedelta(minutes=30)
ANNA = Holder(shopper=CustomerId("anna"), client="paris")


def hold(order: str, units: int, **more: object) -> UnpaidHold:
    known: dict[str, object] = {"expires_at": LATER, "shopper": "anna", "client": "paris"}
    return UnpaidHold(sku=MUG, warehouse=MAIN, order_id=OrderId(order), quantity=units, **(known | more))  # type: ignore[arg-type]


def told() -> Log:
    log = Log()
    log.tell(StockReceived(sku=MUG, warehouse=MAIN, quantity=100))
    for number, order in enumerate(("waits", "extended", "paid", "released", "again"), start=1):
        log.tell(
            StockReserved(
                sku=MUG, warehouse=MAIN, order_id=OrderId(order), quantity=number, expires_at=LATER, holder=ANNA
            )
        )
    log.tell(
        ReservationExtended(sku=MUG, warehouse=MAIN, order_id=OrderId("extended"), expires_at=LATEST),
        ReservationCommitted(sku=MUG, warehouse=MAIN, order_id=OrderId("paid"), quantity=3),
        ReservationReleased(sku=MUG, warehouse=MAIN, order_id=OrderId("released"), quantity=4, reason="expired"),
        ReservationReleased(sku=MUG, warehouse=MAIN, order_id=OrderId("again"), quantity=5, reason="expired"),
        StockReserved(sku=MUG, warehouse=MAIN, order_id=OrderId("again"), quantity=9, expires_at=LATEST),
        StockDispatched(sku=MUG, warehouse=MAIN, order_id=OrderId("paid"), quantity=3),
    )
    return log


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_the_largest_holds_that_are_unpaid_come_first(connection: asyncpg.Connection, size: int) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, told().recorded, size)
    assert await holds.by_skus(tables, [MUG, Sku("NONE")]) == {
        MUG: [
            hold("again", 9, expires_at=LATEST, shopper=None, client=None),
            hold("extended", 2, expires_at=LATEST),
            hold("waits", 1),
        ]
    }
