"""How an input changes the state of a fulfilment."""

from typing import Any, assert_never

from immutables import Map

from domain.order.commands import CancelLine, CompleteOrder, RecordDelivery, RecordDispatch
from domain.order.errors import OrderClosed
from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderLineCancelled,
    OrderPlaced,
)
from domain.payment.commands import RequestCapture, RequestRefund, RequestVoid
from domain.payment.errors import MoneyAlreadyTaken, NothingHeld
from domain.payment.events import (
    CaptureFailed,
    CaptureRequested,
    DisputeClosed,
    DisputeEvidenceSubmitted,
    DisputeFundsMoved,
    DisputeOpened,
    HoldExpired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundedOutside,
    PaymentVoided,
    RefundFailed,
)
from domain.shared.frozen import replace
from domain.shared.ids import ShipmentId, Sku, Warehouse, shipment_of
from domain.shared.messages import stored_name
from domain.shared.units import Units
from domain.shipment.commands import CancelShipment, ClearShipment
from domain.shipment.errors import ParcelHasMovedOn
from domain.shipment.events import (
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPacked,
    ShipmentPlanned,
    ShipmentReduced,
    ShipmentReturnedToSender,
    ShipmentShortPicked,
)
from process_managers.engine.process import CommandRefused, TimerFired
from process_managers.fulfilment.cuts import cut, cut_elsewhere
from process_managers.fulfilment.inputs import DisputeFact, FulfilmentInput, MoneyFact, ParcelFact
from process_managers.fulfilment.state import CAPTURE, CAPTURE_TRIES, Fulfilment, Parcel, Step

HARMLESS = {
    (stored_name(CancelShipment), ParcelHasMovedOn.__name__),
    (stored_name(ClearShipment), ParcelHasMovedOn.__name__),
    (stored_name(CancelLine), OrderClosed.__name__),
    (stored_name(RequestVoid), MoneyAlreadyTaken.__name__),
    (stored_name(RequestCapture), NothingHeld.__name__),
}
"""Refusals that only say that another fact is on its way: the parcel has left or was cancelled, the order is over, the
money is being taken or went back. That fact is dealt with when it comes in."""


MENDED_BY: dict[type[Any], tuple[str, ...]] = {
    OrderCompleted: tuple(map(stored_name, (RecordDispatch, RecordDelivery, CompleteOrder, CancelLine, RequestRefund))),
    PaymentCaptured: (CAPTURE, stored_name(RequestCapture)),
}
"""Facts that settle an earlier trouble, whether the process or a person brought them about."""


def evolve(so_far: Fulfilment, message: FulfilmentInput) -> Fulfilment:
    """Take an input into the state."""
    for about in MENDED_BY.get(type(message), ()):
        so_far = _without_trouble(so_far, about)
    if isinstance(message, ParcelFact):
        return _parcel(so_far, message) if message.shipment_id in so_far.parcels else so_far
    if isinstance(message, MoneyFact):
        return _money(so_far, message)
    if isinstance(message, DisputeFact):
        return _disputed(so_far, message)
    match message:
        case OrderPlaced():
            return replace(so_far, order=message, parcels=_parcels(message)) if so_far.order is None else so_far
        case OrderCancelled():
            return replace(so_far, cancelled=True)
        case OrderLineCancelled(sku=sku, quantity=quantity, value=value):
            units = so_far.cancelled_units.set(sku, so_far.cancelled_units.get(sku, 0) + quantity)
            after = replace(so_far, cancelled_units=units, cancelled_values=(*so_far.cancelled_values, value))
            after = replace(after, parcels=cut(after.parcels, sku, quantity))
            return after if after.in_limbo else _without_trouble(after, stored_name(CancelLine))
        case OrderCompleted():
            return replace(so_far, completed=True)
        case TimerFired():
            return so_far
        case CommandRefused(command=command, error=error, detail=detail):
            return so_far if (command, error) in HARMLESS else _trouble(so_far, command, f"{command}: {detail}")
        case _:
            assert_never(message)


def _parcels(order: OrderPlaced) -> Map[ShipmentId, Parcel]:
    """A parcel for each warehouse, numbered in the order of the lines."""
    contents: dict[Warehouse, dict[Sku, int]] = {}
    for line in order.lines:
        for source in line.sources:
            contents.setdefault(source.warehouse, {})[line.priced.sku] = source.quantity
    return Map(
        {
            shipment_of(order.order_id, number): Parcel(warehouse, Map(units), Map(units))
            for number, (warehouse, units) in enumerate(contents.items(), 1)
        }
    )


def _parcel(so_far: Fulfilment, fact: ParcelFact) -> Fulfilment:
    parcel = so_far.parcels[fact.shipment_id]
    match fact:
        case ShipmentPlanned():
            parcel = _at(parcel, Step.PLANNED)
        case ShipmentShortPicked(items=items, missing=missing):
            parcel = replace(parcel, items=_units(items), missing=_units(missing))
        case ShipmentReduced(items=items):
            parcel = replace(parcel, items=_units(items))
        case ShipmentPacked():
            parcel = _at(parcel, Step.PACKED)
        case ShipmentDispatched():
            so_far = replace(so_far, parcels=cut_elsewhere(so_far.parcels, fact.shipment_id))
            parcel = _at(so_far.parcels[fact.shipment_id], Step.DISPATCHED)
        case ShipmentDelivered():
            parcel = _at(parcel, Step.DELIVERED)
        case ShipmentLost(reason=reason):
            parcel = _at(parcel, Step.ASTRAY)
            so_far = _trouble(so_far, fact.shipment_id, f"Parcel {fact.shipment_id} is lost: {reason}")
        case ShipmentReturnedToSender(reason=reason):
            parcel = _at(parcel, Step.ASTRAY)
            so_far = _trouble(so_far, fact.shipment_id, f"Parcel {fact.shipment_id} came back: {reason}")
        case ShipmentCancelled():
            parcel = _at(parcel, Step.CANCELLED)
        case OrderDispatched():
            parcel = replace(parcel, recorded=True)
        case OrderDelivered():
            parcel = replace(parcel, arrived=True)
        case _:
            assert_never(fact)
    return replace(so_far, parcels=so_far.parcels.set(fact.shipment_id, parcel))


def _units(items: tuple[Units, ...]) -> Map[Sku, int]:
    return Map({item.sku: item.quantity for item in items})


def _at(parcel: Parcel, step: Step) -> Parcel:
    return replace(parcel, step=max(parcel.step, step))


def _money(so_far: Fulfilment, fact: MoneyFact) -> Fulfilment:
    match fact:
        case PaymentAuthorised():
            return replace(so_far, authorised=fact)
        case CaptureRequested():
            return replace(so_far, captures_asked=so_far.captures_asked + 1)
        case CaptureFailed(reason=reason):
            failed = replace(so_far, captures_failed=so_far.captures_failed + 1)
            if failed.captures_failed < CAPTURE_TRIES:
                return failed
            return _trouble(failed, CAPTURE, f"The money could not be taken, so no parcel may leave: {reason}")
        case PaymentCaptured(amount=amount):
            return replace(so_far, captured=amount)
        case PaymentVoided(gateway_ref=ref):
            return replace(so_far, voided=so_far.voided | {ref})
        case HoldExpired(gateway_ref=ref):
            ended = replace(so_far, expired=so_far.expired | {ref}, captures_asked=0, captures_failed=0)
            return _without_trouble(ended, CAPTURE)
        case PaymentRefunded(refund_id=refund, amount=amount) | PaymentRefundedOutside(refund_id=refund, amount=amount):
            return _without_trouble(replace(so_far, refunds=so_far.refunds.set(refund, amount)), refund)
        case RefundFailed(refund_id=refund, reason=reason):
            kept = so_far.refunds.delete(refund) if refund in so_far.refunds else so_far.refunds
            return _trouble(replace(so_far, refunds=kept), refund, f"Refund {refund} failed: {reason}")
        case _:
            assert_never(fact)


def _disputed(so_far: Fulfilment, fact: DisputeFact) -> Fulfilment:
    """A dispute needs people until it is closed."""
    it = fact.dispute_id
    match fact:
        case DisputeOpened(amount=amount, reason=reason, inquiry=inquiry, respond_by=by):
            what = f"The bank {'inquires about' if inquiry else 'disputes'} {amount} ({reason})."
            until = "" if by is None else f" by {by.date()}"
            return _trouble(so_far, it, f"{what} Answer it at the payment gateway{until}.")
        case DisputeEvidenceSubmitted():
            return _trouble(so_far, it, f"The bank reviews dispute {it}.")
        case DisputeFundsMoved(movement_id=movement, amount=amount, fee=fee):
            moved = so_far.moved_by_disputes.set(movement, amount + fee)
            return replace(so_far, moved_by_disputes=moved)
        case DisputeClosed():
            return _without_trouble(so_far, it)
        case _:
            assert_never(fact)


def _trouble(so_far: Fulfilment, about: str, what: str) -> Fulfilment:
    return replace(so_far, troubles=so_far.troubles.set(about, what))


def _without_trouble(so_far: Fulfilment, about: str) -> Fulfilment:
    return replace(so_far, troubles=so_far.troubles.delete(about)) if about in so_far.troubles else so_far
