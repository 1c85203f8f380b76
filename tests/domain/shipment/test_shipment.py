"""The way of a parcel, step by step."""

from typing import Any

import pytest

from domain.shared.units import Units
from domain.shipment import commands as ask
from domain.shipment import events as fact
from domain.shipment.decider import shipment_decider
from domain.shipment.errors import (
    ImpossibleParcel,
    ParcelHasMovedOn,
    ParcelNotReady,
    PlannedDifferently,
    ShipmentNotFound,
)
from tests.support.builders.sold import EAST, FIRST, ORDER, WEST, units
from tests.support.builders.strategies import CUP, FUEL, MUG
from tests.support.harness.spec import Spec

given = Spec(shipment_decider).given
ITEMS = (units(MUG, 2), units(CUP, 3))
WHICH: dict[str, Any] = {"shipment_id": FIRST, "order_id": ORDER}

plan = ask.PlanShipment(**WHICH, warehouse=WEST, items=ITEMS)
pick = ask.PickShipment(shipment_id=FIRST)
pack = ask.PackShipment(shipment_id=FIRST)
clear = ask.ClearShipment(shipment_id=FIRST)
dispatch = ask.DispatchShipment(shipment_id=FIRST, carrier="DHL", tracking="42")
track = ask.RecordTracking(shipment_id=FIRST, status="in Leipzig")
deliver = ask.RecordParcelDelivery(shipment_id=FIRST)
lose = ask.RecordLoss(shipment_id=FIRST, reason="Fire")
send_back = ask.RecordReturnToSender(shipment_id=FIRST, reason="Nobody there")
cancel = ask.CancelShipment(shipment_id=FIRST, reason="Too late")

planned = fact.ShipmentPlanned(**WHICH, warehouse=WEST, items=ITEMS)
picked = fact.ShipmentPicked(**WHICH)
packed = fact.ShipmentPacked(**WHICH)
cleared = fact.ShipmentCleared(**WHICH)
dispatched = fact.ShipmentDispatched(**WHICH, warehouse=WEST, items=ITEMS, carrier="DHL", tracking="42")
tracked = fact.ShipmentTracked(**WHICH, status="in Leipzig")
delivered = fact.ShipmentDelivered(**WHICH)
lost = fact.ShipmentLost(**WHICH, reason="Fire")
sent_back = fact.ShipmentReturnedToSender(**WHICH, reason="Nobody there")
cancelled = fact.ShipmentCancelled(**WHICH, reason="Too late")

STEPS: list[fact.ShipmentEvent] = [planned, picked, packed, cleared, dispatched]
ENDS = [(deliver, delivered), (lose, lost), (send_back, sent_back)]


def short(*missing: Units) -> ask.ShortPick:
    return ask.ShortPick(shipment_id=FIRST, missing=missing)


def short_picked(items: tuple[Units, ...], *missing: Units) -> fact.ShipmentShortPicked:
    return fact.ShipmentShortPicked(**WHICH, items=items, missing=missing)


def reduce(sku: Any, quantity: int) -> ask.ReduceShipment:
    return ask.ReduceShipment(shipment_id=FIRST, sku=sku, quantity=quantity)


def reduced(*items: Units) -> fact.ShipmentReduced:
    return fact.ShipmentReduced(**WHICH, items=items)


def test_a_parcel_goes_its_way_and_repeats_change_nothing() -> None:
    way: list[ask.ShipmentCommand] = [plan, pick, pack, clear, dispatch, track, deliver]
    twice = [command for command in way for _ in range(2)]
    given().when(*twice).then(planned, picked, packed, cleared, dispatched, tracked, delivered)
    given(*STEPS, delivered).when(*way).then()


@pytest.mark.parametrize(("command", "end"), ENDS)
def test_a_parcel_on_the_road_ends_in_one_of_three_ways(command: Any, end: Any) -> None:
    given(*STEPS).when(command, command).then(end)


@pytest.mark.parametrize(("command", "end"), ENDS)
@pytest.mark.parametrize(("other", "_"), [*ENDS, (cancel, cancelled)])
def test_an_end_is_an_end(command: Any, end: Any, other: Any, _: Any) -> None:
    if other is not command:
        given(*STEPS, end).when(other).refused(ParcelHasMovedOn)


@pytest.mark.parametrize("command", [pick, pack, clear, dispatch, track, deliver, cancel, short(units(MUG, 1))])
def test_nothing_happens_to_a_parcel_that_was_not_planned(command: Any) -> None:
    given().when(command).refused(ShipmentNotFound)


@pytest.mark.parametrize(
    ("steps", "command"),
    [
        (1, pack),
        (1, clear),
        (1, dispatch),
        (2, clear),
        (2, dispatch),
        (3, dispatch),
        (4, track),
        (4, deliver),
        (4, lose),
        (4, send_back),
    ],
)
def test_no_step_is_skipped(steps: int, command: Any) -> None:
    given(*STEPS[:steps]).when(command).refused(ParcelNotReady)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_a_parcel_can_be_cancelled_until_it_leaves(steps: int) -> None:
    given(*STEPS[:steps]).when(cancel, cancel).then(cancelled)


def test_a_parcel_that_has_left_cannot_be_cancelled() -> None:
    given(*STEPS).when(cancel).refused(ParcelHasMovedOn)


@pytest.mark.parametrize(
    "command", [pick, pack, clear, dispatch, track, deliver, lose, send_back, short(units(MUG, 1))]
)
def test_a_cancelled_parcel_goes_nowhere(command: Any) -> None:
    given(planned, cancelled).when(command).refused(ParcelHasMovedOn)


@pytest.mark.parametrize(
    "other",
    [
        ask.PlanShipment(**WHICH, warehouse=EAST, items=ITEMS),
        ask.PlanShipment(**WHICH, warehouse=WEST, items=ITEMS[:1]),
    ],
)
def test_a_parcel_is_planned_once(other: ask.PlanShipment) -> None:
    given(planned).when(other).refused(PlannedDifferently)


@pytest.mark.parametrize("items", [(), (units(MUG, 0),), (units(MUG, 1), units(MUG, 1))])
def test_a_parcel_holds_some_units_of_each_of_its_skus(items: tuple[Units, ...]) -> None:
    command = ask.PlanShipment(**WHICH, warehouse=WEST, items=items)
    assert given().when(command).refused(ImpossibleParcel).field == "items"


def test_a_short_pick_leaves_the_rest_in_the_parcel() -> None:
    rest = (units(CUP, 1),)
    missing = (units(MUG, 2), units(CUP, 2))
    given(planned).when(short(*missing), short(*missing)).then(short_picked(rest, *missing))
    sent = fact.ShipmentDispatched(**WHICH, warehouse=WEST, items=rest, carrier="DHL", tracking="42")
    given(planned, short_picked(rest, *missing), packed, cleared).when(dispatch).then(sent)


def test_a_short_pick_of_everything_cancels_the_parcel() -> None:
    nothing = fact.ShipmentCancelled(**WHICH, reason="Nothing was on the shelf.")
    given(planned).when(short(*ITEMS)).then(short_picked((), *ITEMS), nothing)


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ((units(MUG, 3),), "missing.0.quantity"),
        ((units(MUG, 1), units(FUEL, 1)), "missing.1.quantity"),
        ((units(MUG, 0),), "missing"),
        ((), "missing"),
    ],
)
def test_no_more_is_missing_than_was_to_be_picked(missing: tuple[Units, ...], field: str) -> None:
    assert given(planned).when(short(*missing)).refused(ImpossibleParcel).field == field


def test_a_parcel_is_picked_in_full_or_short_but_not_both() -> None:
    given(planned, picked).when(short(units(MUG, 1))).refused(ParcelHasMovedOn)
    given(planned, short_picked(ITEMS[1:], ITEMS[0])).when(pick).refused(ParcelHasMovedOn)
    given(planned, short_picked(ITEMS[1:], ITEMS[0])).when(short(units(CUP, 1))).refused(ParcelHasMovedOn)


def test_what_is_not_wanted_any_more_stays_here() -> None:
    less = reduced(units(MUG, 2), units(CUP, 1))
    given(planned, picked).when(reduce(CUP, 1), reduce(CUP, 1), reduce(CUP, 2), reduce(FUEL, 0)).then(less)
    given(planned, less).when(reduce(MUG, 0)).then(reduced(units(CUP, 1)))
    given(planned, less).when(short(units(CUP, 2))).refused(ImpossibleParcel)


def test_a_parcel_of_which_nothing_is_wanted_is_cancelled() -> None:
    nothing = fact.ShipmentCancelled(**WHICH, reason="Nothing in it is wanted any more.")
    given(planned, reduced(units(MUG, 2))).when(reduce(MUG, 0)).then(reduced(), nothing)
    given(planned, cancelled).when(reduce(MUG, 0)).then()


@pytest.mark.parametrize("steps", [3, 4, 5])
def test_a_packed_parcel_is_not_opened_again(steps: int) -> None:
    given(*STEPS[:steps]).when(reduce(MUG, 1)).refused(ParcelHasMovedOn)


@pytest.mark.parametrize(("carrier", "tracking"), [("UPS", "43"), ("UPS", "42"), ("DHL", "43")])
def test_a_parcel_has_one_label(carrier: str, tracking: str) -> None:
    other = ask.DispatchShipment(shipment_id=FIRST, carrier=carrier, tracking=tracking)
    assert given(*STEPS).when(other).refused(ParcelHasMovedOn).detail == "The parcel has left with DHL 42."


def test_a_new_status_is_worth_an_event_and_a_late_one_is_not() -> None:
    near = ask.RecordTracking(shipment_id=FIRST, status="at the door")
    given(*STEPS, tracked).when(near).then(fact.ShipmentTracked(**WHICH, status="at the door"))
    given(*STEPS, lost).when(near).then()
