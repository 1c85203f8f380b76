"""No parcel leaves before it is packed and paid for, and none is in two places."""

from collections.abc import Sequence
from typing import assert_never

from domain.shared.decider import Decider
from domain.shared.ids import ShipmentId
from domain.shared.units import Units
from domain.shipment.commands import (
    CancelShipment,
    ClearShipment,
    DispatchShipment,
    PackShipment,
    PickShipment,
    PlanShipment,
    RecordLoss,
    RecordParcelDelivery,
    RecordReturnToSender,
    RecordTracking,
    ReduceShipment,
    ShipmentCommand,
    ShortPick,
)
from domain.shipment.errors import (
    ImpossibleParcel,
    ParcelHasMovedOn,
    ParcelNotReady,
    PlannedDifferently,
    ShipmentNotFound,
)
from domain.shipment.events import (
    ShipmentCancelled,
    ShipmentCleared,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentLost,
    ShipmentPacked,
    ShipmentPicked,
    ShipmentPlanned,
    ShipmentReduced,
    ShipmentReturnedToSender,
    ShipmentShortPicked,
    ShipmentTracked,
)
from domain.shipment.state import Shipment, ShipmentPhase, evolve

__all__ = ["Shipment", "shipment_decider"]


def decide(parcel: Shipment, command: ShipmentCommand) -> Sequence[ShipmentEvent]:
    """Answer a command with the facts that follow from it."""
    shipment, order, phase = command.shipment_id, parcel.order_id, parcel.phase
    match command:
        case PlanShipment():
            return _plan(parcel, command)
        case _ if phase is ShipmentPhase.NEW:
            raise ShipmentNotFound(f"There is no parcel {shipment}.")
        case PickShipment():
            return _pick(parcel, ShipmentPicked(shipment_id=shipment, order_id=order))
        case ShortPick():
            return _short_pick(parcel, command)
        case ReduceShipment():
            return _reduce(parcel, command)
        case PackShipment():
            return _step(
                parcel, ShipmentPhase.PICKED, "Pick it first.", ShipmentPacked(shipment_id=shipment, order_id=order)
            )
        case ClearShipment():
            return _step(
                parcel, ShipmentPhase.PACKED, "Pack it first.", ShipmentCleared(shipment_id=shipment, order_id=order)
            )
        case DispatchShipment():
            return _dispatch(parcel, command)
        case RecordTracking(status=status):
            if phase > ShipmentPhase.DISPATCHED or status == parcel.last_status:
                return [] if phase is not ShipmentPhase.CANCELLED else _too_late(parcel)
            return _on_the_road(parcel, ShipmentTracked(shipment_id=shipment, order_id=order, status=status))
        case RecordParcelDelivery():
            if phase is ShipmentPhase.DELIVERED:
                return []
            return _on_the_road(parcel, ShipmentDelivered(shipment_id=shipment, order_id=order))
        case RecordLoss(reason=reason):
            if phase is ShipmentPhase.LOST:
                return []
            return _on_the_road(parcel, ShipmentLost(shipment_id=shipment, order_id=order, reason=reason))
        case RecordReturnToSender(reason=reason):
            if phase is ShipmentPhase.RETURNED:
                return []
            return _on_the_road(parcel, ShipmentReturnedToSender(shipment_id=shipment, order_id=order, reason=reason))
        case CancelShipment(reason=reason):
            if phase is ShipmentPhase.CANCELLED:
                return []
            if phase >= ShipmentPhase.DISPATCHED:
                return _too_late(parcel)
            return [ShipmentCancelled(shipment_id=shipment, order_id=order, reason=reason)]
        case _:
            assert_never(command)


def _plan(parcel: Shipment, command: PlanShipment) -> Sequence[ShipmentEvent]:
    _check_contents(command.items, "items")
    planned = ShipmentPlanned(
        shipment_id=command.shipment_id,
        order_id=command.order_id,
        warehouse=command.warehouse,
        items=command.items,
    )
    if parcel.phase is ShipmentPhase.NEW:
        return [planned]
    if (parcel.order_id, parcel.warehouse, parcel.planned) == (planned.order_id, planned.warehouse, planned.items):
        return []
    raise PlannedDifferently(f"Parcel {command.shipment_id} holds something else. Plan a parcel of another number.")


def _pick(parcel: Shipment, picked: ShipmentPicked) -> Sequence[ShipmentEvent]:
    if parcel.missing:
        raise ParcelHasMovedOn("The parcel was picked with units missing; it cannot be picked in full any more.")
    return _step(parcel, ShipmentPhase.PLANNED, "Plan it first.", picked)


def _short_pick(parcel: Shipment, command: ShortPick) -> Sequence[ShipmentEvent]:
    _check_contents(command.missing, "missing")
    if parcel.missing == command.missing:
        return []
    if parcel.phase is not ShipmentPhase.PLANNED:
        return _too_late(parcel)
    missing = {units.sku: units.quantity for units in command.missing}
    expected = {units.sku: units.quantity for units in parcel.items}
    for number, units in enumerate(command.missing):
        if units.quantity > (most := expected.get(units.sku, 0)):
            raise ImpossibleParcel(
                f"The parcel was to have {most} of {units.sku}, so {units.quantity} cannot be missing. Count again.",
                f"missing.{number}.quantity",
            )
    left = {sku: quantity - missing.get(sku, 0) for sku, quantity in expected.items()}
    items = tuple(Units(sku=sku, quantity=quantity) for sku, quantity in left.items() if quantity)
    short = ShipmentShortPicked(
        shipment_id=command.shipment_id, order_id=parcel.order_id, items=items, missing=command.missing
    )
    return [short, *_nothing_left(parcel, command.shipment_id, items, "Nothing was on the shelf.")]


def _reduce(parcel: Shipment, command: ReduceShipment) -> Sequence[ShipmentEvent]:
    enough = all(item.sku != command.sku or item.quantity <= command.quantity for item in parcel.items)
    if enough or parcel.phase is ShipmentPhase.CANCELLED:
        return []
    if parcel.phase > ShipmentPhase.PICKED:
        return _too_late(parcel)
    wanted = (
        Units(sku=item.sku, quantity=min(item.quantity, command.quantity)) if item.sku == command.sku else item
        for item in parcel.items
    )
    items = tuple(item for item in wanted if item.quantity > 0)
    reduced = ShipmentReduced(shipment_id=command.shipment_id, order_id=parcel.order_id, items=items)
    return [reduced, *_nothing_left(parcel, command.shipment_id, items, "Nothing in it is wanted any more.")]


def _nothing_left(
    parcel: Shipment, shipment: ShipmentId, items: tuple[Units, ...], reason: str
) -> Sequence[ShipmentEvent]:
    return [] if items else [ShipmentCancelled(shipment_id=shipment, order_id=parcel.order_id, reason=reason)]


def _dispatch(parcel: Shipment, command: DispatchShipment) -> Sequence[ShipmentEvent]:
    if parcel.label is not None and parcel.label != (command.carrier, command.tracking):
        raise ParcelHasMovedOn(f"The parcel has left with {' '.join(parcel.label)}.")
    dispatched = ShipmentDispatched(
        shipment_id=command.shipment_id,
        order_id=parcel.order_id,
        warehouse=parcel.warehouse,
        items=parcel.items,
        carrier=command.carrier,
        tracking=command.tracking,
    )
    return _step(parcel, ShipmentPhase.CLEARED, "It is cleared once its payment is taken: wait for that.", dispatched)


def _step(parcel: Shipment, after: ShipmentPhase, advice: str, fact: ShipmentEvent) -> Sequence[ShipmentEvent]:
    """The step that follows `after`: too early is refused, done already changes nothing."""
    if parcel.phase is ShipmentPhase.CANCELLED:
        return _too_late(parcel)
    if parcel.phase < after:
        raise ParcelNotReady(f"The parcel is {parcel.phase}. {advice}")
    return [fact] if parcel.phase is after else []


def _on_the_road(parcel: Shipment, fact: ShipmentEvent) -> Sequence[ShipmentEvent]:
    if parcel.phase < ShipmentPhase.DISPATCHED:
        raise ParcelNotReady(f"The parcel is {parcel.phase}. Dispatch it first.")
    return [fact] if parcel.phase is ShipmentPhase.DISPATCHED else _too_late(parcel)


def _too_late(parcel: Shipment) -> Sequence[ShipmentEvent]:
    raise ParcelHasMovedOn(f"The parcel is {parcel.phase} already.")


def _check_contents(units: tuple[Units, ...], field: str) -> None:
    if not units or any(item.quantity < 1 for item in units):
        raise ImpossibleParcel("Name at least one SKU, and at least one unit of each.", field)
    if len({item.sku for item in units}) < len(units):
        raise ImpossibleParcel("Name each SKU once.", field)


shipment_decider = Decider(initial=Shipment(), decide=decide, evolve=evolve)
