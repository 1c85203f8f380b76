"""Stock levels as rows."""

from datetime import timedelta

import asyncpg
import pytest

from domain.shared.ids import OrderId, Sku, Warehouse
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
    StockReturned,
)
from projections.stock_levels import PROJECTION, StockLevel, by_skus, project_and_tell
from tests.support.builders.event_log_builder import NOON, Log, build, feed, rows

MUG, CUP = Sku("MUG"), Sku("CUP")
MAIN, EAST = Warehouse("MAIN"), Warehouse("EAST")
ANNA, BEN = OrderId("anna"), OrderId("ben")
LATER = NOON + timedelta(minutes=15)


def a_day_in_the_warehouse() -> Log:
    log = Log()
    log.tell(
        StockReceived(sku=MUG, warehouse=MAIN, quantity=10),
        StockReserved(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=4, expires_at=LATER),
        StockReserved(sku=MUG, warehouse=MAIN, order_id=BEN, quantity=3, expires_at=LATER),
        ReservationCommitted(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=4),
        ReservationReleased(sku=MUG, warehouse=MAIN, order_id=BEN, quantity=3, reason="expired"),
        StockDispatched(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=4),
        StockReturned(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=1, reason="too small"),
        StockAdjusted(sku=MUG, warehouse=MAIN, delta=-2, reason="broken"),
        StockReceived(sku=MUG, warehouse=EAST, quantity=1),
        BackorderLimitSet(sku=MUG, warehouse=EAST, limit=5),
        StockReserved(sku=MUG, warehouse=EAST, order_id=BEN, quantity=3, expires_at=LATER),
        BackorderLimitSet(sku=CUP, warehouse=MAIN, limit=2),
    )
    return log


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_each_fact_moves_its_level(connection: asyncpg.Connection, size: int) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, a_day_in_the_warehouse().recorded, size)
    assert await rows(tables, "stock_levels") == [
        ("CUP", "MAIN", 0, 0, 2),
        ("MUG", "EAST", 1, 3, 5),
        ("MUG", "MAIN", 5, 0, 0),
    ]


async def test_levels_are_found_by_sku(connection: asyncpg.Connection) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, a_day_in_the_warehouse().recorded)
    east = StockLevel(sku=MUG, warehouse=EAST, on_hand=1, reserved=3, backorder_limit=5)
    main = StockLevel(sku=MUG, warehouse=MAIN, on_hand=5, reserved=0, backorder_limit=0)
    assert await by_skus(tables, [MUG, Sku("NONE")]) == {MUG: [east, main]}
    assert (east.available, main.available) == (3, 5)


async def test_it_is_told_of_which_skus_a_warehouse_ran_out_or_has_some_again(connection: asyncpg.Connection) -> None:
    tables, log = await build(connection, PROJECTION), Log()
    received = StockReceived(sku=MUG, warehouse=MAIN, quantity=4)
    some = StockReserved(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=3, expires_at=LATER)
    rest = StockReserved(sku=MUG, warehouse=MAIN, order_id=BEN, quantity=1, expires_at=LATER)
    released = ReservationReleased(sku=MUG, warehouse=MAIN, order_id=BEN, quantity=1, reason="expired")
    dispatched = StockDispatched(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=3)
    nothing = StockAdjusted(sku=CUP, warehouse=EAST, delta=0, reason="counted")
    for facts, turned in (
        ([received], {MUG}),
        ([some], set()),
        ([rest, nothing], {MUG}),
        ([dispatched], set()),
        ([released, rest], set()),
        ([released], {MUG}),
        ([BackorderLimitSet(sku=CUP, warehouse=EAST, limit=1)], {CUP}),
    ):
        assert await project_and_tell(log.tell(*facts), tables) == turned
    assert await rows(tables, "stock_levels") == [("CUP", "EAST", 0, 0, 1), ("MUG", "MAIN", 1, 0, 0)]
