"""What follows from an input for the goods: parcels, stock, and what the order knows of them."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from domain.order.commands import CancelLine, CompleteOrder, RecordDelivery, RecordDispatch
from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderLineCancelled,
    OrderPlaced,
)
from domain.payment.events import (
    CaptureFailed,
    CaptureRequested,
    HoldExpired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundedOutside,
    PaymentVoided,
    RefundFailed,
)
from domain.shared.ids import OrderId, ShipmentId, Sku
from domain.shared.units import Units
from domain.shipment.commands import CancelShipment, ClearShipment, PlanShipment, ReduceShipment
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
from domain.stock.commands import AdjustStock, DispatchStock, ReleaseReservation
from process_managers.engine.process import CommandRefused, Request, TimerFired
from process_managers.fulfilment.inputs import DisputeFact, FulfilmentInput
from process_managers.fulfilment.state import Fulfilment, Parcel, Step

NOT_ON_SHELF = "Not on the shelf"


def goods(so_far: Fulfilment, order: OrderId, message: FulfilmentInput) -> Sequence[Request]:
    """Requests about the goods, by the state after the input."""
    if isinstance(message, DisputeFact):
        return []
    match message:
        case OrderPlaced():
            return [_plan(order, shipment, parcel) for shipment, parcel in sorted(so_far.parcels.items())]
        case OrderCancelled():
            under_way = [s for s, p in sorted(so_far.parcels.items()) if Step.PLANNED <= p.step < Step.DISPATCHED]
            return [_stop(shipment) for shipment in under_way]
        case ShipmentPlanned(shipment_id=shipment) if so_far.cancelled:
            return [_stop(shipment)]
        case ShipmentPlanned(shipment_id=shipment):
            return [request for sku in sorted(so_far.parcels[shipment].cut) for request in _reduce(so_far, sku)]
        case ShipmentShortPicked(shipment_id=shipment) if not so_far.cancelled:
            return _cancel_lines(order, sorted(so_far.parcels[shipment].missing.items()), NOT_ON_SHELF)
        case ShipmentPacked(shipment_id=shipment) if not so_far.cancelled:
            return [ClearShipment(shipment_id=shipment)] if so_far.paid else []
        case PaymentCaptured() if not so_far.cancelled:
            return _clear(so_far) if so_far.paid else []
        case ShipmentDispatched(shipment_id=shipment, items=items):
            record = RecordDispatch(order_id=order, shipment_id=shipment, units=items)
            parcel = so_far.parcels[shipment]
            return [record, *_stock(order, parcel, sent=True), *_cut_elsewhere(so_far, parcel)]
        case ShipmentDelivered(shipment_id=shipment) | OrderDispatched(shipment_id=shipment):
            return _record_delivery(order, shipment, so_far.parcels[shipment])
        case ShipmentCancelled(shipment_id=shipment, reason=reason):
            parcel = so_far.parcels[shipment]
            left = [] if so_far.cancelled else _cancel_lines(order, _left(parcel), reason)
            return [*_stock(order, parcel, sent=False), *left, *_complete(so_far, order)]
        case OrderLineCancelled(sku=sku, value=value) if not so_far.cancelled:
            enough_now = so_far.paid and so_far.taken < so_far.due + value
            cleared = _clear(so_far) if enough_now else []
            return [*_reduce(so_far, sku), *cleared, *_complete(so_far, order)]
        case OrderDelivered() | PaymentRefunded():
            return _complete(so_far, order)
        case ShipmentShortPicked() | ShipmentPacked() | PaymentCaptured() | OrderLineCancelled() | OrderCompleted():
            return []
        case ShipmentReduced() | ShipmentLost() | ShipmentReturnedToSender():
            return []
        case PaymentAuthorised() | CaptureRequested() | CaptureFailed() | PaymentVoided() | RefundFailed():
            return []
        case HoldExpired() | PaymentRefundedOutside():
            return []
        case TimerFired() | CommandRefused():
            return []
        case _:
            assert_never(message)


def _plan(order: OrderId, shipment: ShipmentId, parcel: Parcel) -> PlanShipment:
    items = tuple(Units(sku=sku, quantity=quantity) for sku, quantity in sorted(parcel.planned.items()))
    return PlanShipment(shipment_id=shipment, order_id=order, warehouse=parcel.warehouse, items=items)


def _clear(so_far: Fulfilment) -> Sequence[Request]:
    packed = [shipment for shipment, parcel in sorted(so_far.parcels.items()) if parcel.step is Step.PACKED]
    return [ClearShipment(shipment_id=shipment) for shipment in packed]


def _stop(shipment: ShipmentId) -> CancelShipment:
    return CancelShipment(shipment_id=shipment, reason="The order was cancelled.")


def _cancel_lines(order: OrderId, units: Iterable[tuple[Sku, int]], reason: str) -> list[CancelLine]:
    return [CancelLine(order_id=order, sku=sku, quantity=n, reason=reason) for sku, n in units if n > 0]


def _left(parcel: Parcel) -> Iterable[tuple[Sku, int]]:
    """What a parcel would have brought and was not cancelled."""
    for sku, planned in sorted(parcel.planned.items()):
        by_others = max(0, parcel.cut.get(sku, 0) - (planned - parcel.items.get(sku, 0)))
        yield sku, parcel.items.get(sku, 0) - by_others


def _reduce(so_far: Fulfilment, sku: Sku) -> Sequence[Request]:
    """No more is to be sent than is still on the order."""
    return [
        ReduceShipment(shipment_id=shipment, sku=sku, quantity=parcel.planned[sku] - parcel.cut[sku])
        for shipment, parcel in sorted(so_far.parcels.items())
        if sku in parcel.cut and Step.PLANNED <= parcel.step < Step.DISPATCHED
    ]


def _cut_elsewhere(so_far: Fulfilment, left: Parcel) -> Sequence[Request]:
    """What other parcels must not bring any more, because this one left with units that were to stay."""
    if so_far.cancelled:
        return []
    return [request for sku in sorted(left.planned) for request in _reduce(so_far, sku)]


def _stock(order: OrderId, parcel: Parcel, *, sent: bool) -> Sequence[Request]:
    """What a parcel that has left, or never will, means for the stock it was made of."""
    requests: list[Request] = []
    warehouse = parcel.warehouse
    for sku, planned in sorted(parcel.planned.items()):
        left = parcel.items.get(sku, 0) if sent else 0
        if left:
            requests.append(DispatchStock(sku=sku, warehouse=warehouse, order_id=order, quantity=left))
        if left < planned:
            requests.append(ReleaseReservation(sku=sku, warehouse=warehouse, order_id=order, reason="Not sent"))
        if missing := parcel.missing.get(sku, 0):
            reason = f"{NOT_ON_SHELF} for order {order}"
            requests.append(AdjustStock(sku=sku, warehouse=warehouse, delta=-missing, reason=reason))
    return requests


def _record_delivery(order: OrderId, shipment: ShipmentId, parcel: Parcel) -> Sequence[Request]:
    known = parcel.recorded and parcel.step is Step.DELIVERED
    return [RecordDelivery(order_id=order, shipment_id=shipment)] if known else []


def _complete(so_far: Fulfilment, order: OrderId) -> Sequence[Request]:
    return [CompleteOrder(order_id=order)] if so_far.settled else []
