"""A line in two parcels: each carries its part, and a cancelled unit is cut from one of them."""

from dataclasses import replace
from typing import Any

from domain.order.commands import RecordDispatch, Source
from domain.order.events import OrderLineCancelled
from domain.shared.ids import ShipmentId, Sku, Warehouse
from domain.shared.units import Units
from domain.shipment import events as shipment
from domain.shipment.commands import PlanShipment, ReduceShipment
from domain.stock.commands import AdjustStock, DispatchStock, ReleaseReservation
from tests.process_managers.fulfilment.fulfilment_story import (
    authorised,
    cancel_line,
    capture_timer,
    given,
    left,
    of,
    short,
)
from tests.support.builders.sold import CUPS, EAST, FIRST, MUGS, ORDER, SECOND, WEST, euro, placed, units
from tests.support.builders.strategies import CUP, MUG

BOTH = replace(CUPS, sources=(Source(warehouse=EAST, quantity=2), Source(warehouse=WEST, quantity=1)))
IN_FIRST, IN_SECOND = (units(CUP, 1), units(MUG, 2)), (units(CUP, 2),)
shared = given(authorised, placed(lines=(MUGS, BOTH)))


def planned(parcel: ShipmentId, items: tuple[Units, ...]) -> shipment.ShipmentPlanned:
    return shipment.ShipmentPlanned(**of(parcel), warehouse=WEST, items=items)


def no_more(quantity: int) -> OrderLineCancelled:
    return OrderLineCancelled(order_id=ORDER, sku=CUP, quantity=quantity, value=euro(33), reason="Enough")


def reduce(parcel: ShipmentId, quantity: int) -> ReduceShipment:
    return ReduceShipment(shipment_id=parcel, sku=CUP, quantity=quantity)


def stock(sku: Sku, warehouse: Warehouse) -> dict[str, Any]:
    return {"sku": sku, "warehouse": warehouse, "order_id": ORDER}


def test_each_warehouse_sends_its_part() -> None:
    given(authorised).when(placed(lines=(MUGS, BOTH))).then(
        PlanShipment(**of(FIRST), warehouse=WEST, items=IN_FIRST),
        PlanShipment(**of(SECOND), warehouse=EAST, items=IN_SECOND),
        capture_timer,
    )


under_way = shared.given(planned(FIRST, IN_FIRST), planned(SECOND, IN_SECOND))


def test_a_cancelled_unit_is_cut_from_the_last_parcel_that_is_open() -> None:
    under_way.when(no_more(1)).then(reduce(SECOND, 1))
    under_way.given(left(SECOND, *IN_SECOND)).when(no_more(1)).then(reduce(FIRST, 0))
    assert set(under_way.when(no_more(3)).requests) == {reduce(FIRST, 0), reduce(SECOND, 0)}


def test_a_unit_that_left_although_it_was_cut_is_cut_elsewhere() -> None:
    under_way.given(no_more(1)).when(left(SECOND, *IN_SECOND)).then(
        RecordDispatch(order_id=ORDER, shipment_id=SECOND, units=IN_SECOND),
        DispatchStock(**stock(CUP, EAST), quantity=2),
        reduce(FIRST, 0),
    )


def test_a_parcel_without_the_cut_unit_leaves_the_others_alone() -> None:
    reduced = shipment.ShipmentReduced(**of(SECOND), items=(units(CUP, 1),))
    under_way.given(no_more(1), reduced).when(left(SECOND, units(CUP, 1))).then(
        RecordDispatch(order_id=ORDER, shipment_id=SECOND, units=(units(CUP, 1),)),
        DispatchStock(**stock(CUP, EAST), quantity=1),
        ReleaseReservation(**stock(CUP, EAST), reason="Not sent"),
    )


def test_what_is_missing_is_cut_where_it_is_missing() -> None:
    missing = under_way.given(short(FIRST, units(CUP, 1), units(MUG, 2)))
    under_way.when(short(FIRST, units(CUP, 1), units(MUG, 2))).then(cancel_line(CUP, 1, "Not on the shelf"))
    missing.when(no_more(1)).then(reduce(FIRST, 0))
    missing.given(no_more(1)).when(left(FIRST, units(MUG, 2))).then(
        RecordDispatch(order_id=ORDER, shipment_id=FIRST, units=(units(MUG, 2),)),
        ReleaseReservation(**stock(CUP, WEST), reason="Not sent"),
        AdjustStock(sku=CUP, warehouse=WEST, delta=-1, reason="Not on the shelf for order one"),
        DispatchStock(**stock(MUG, WEST), quantity=2),
    )
