"""The facts of one fulfilment, under short names."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.order import commands as ask
from domain.order import events as order
from domain.payment import events as payment
from domain.payment.commands import RequestCapture, RequestRefund, RequestVoid
from domain.shared.ids import RefundId, ShipmentId, Sku, Warehouse
from domain.shared.units import Units
from domain.shipment import events as shipment
from domain.shipment.commands import CancelShipment, ClearShipment, PlanShipment
from domain.stock.commands import AdjustStock, DispatchStock, ReleaseReservation
from process_managers.engine.process import CancelTimer, CommandRefused, SetTimer, TimerFired
from process_managers.fulfilment.process import FULFILMENT
from tests.support.builders.sold import EAST, FIRST, ORDER, PAYMENT, SECOND, WEST, euro, placed, units
from tests.support.builders.strategies import CUP, MUG, NOON
from tests.support.harness.process_spec import ProcessSpec

given = ProcessSpec(FULFILMENT).given
ITEMS = {FIRST: (units(MUG, 2),), SECOND: (units(CUP, 3),)}
WHERE = {MUG: WEST, CUP: EAST}
HOLD_ENDS = NOON + timedelta(days=7)
money: dict[str, Any] = {"payment_id": PAYMENT, "order_id": ORDER}

the_order = placed()
authorised = payment.PaymentAuthorised(**money, attempt=1, gateway_ref="a", amount=euro(208), capture_before=HOLD_ENDS)
capturing = payment.CaptureRequested(**money, gateway_ref="a", amount=euro(208))
captured = payment.PaymentCaptured(**money, amount=euro(208))
capture_failed = payment.CaptureFailed(**money, reason="Bank closed.")
voided = payment.PaymentVoided(**money, gateway_ref="a")
cancelled = order.OrderCancelled(order_id=ORDER, reason="Changed my mind")

capture = RequestCapture(payment_id=PAYMENT)
void = RequestVoid(payment_id=PAYMENT, reason="The order was cancelled.")
complete = ask.CompleteOrder(order_id=ORDER)
capture_timer = SetTimer(name="capture", due=HOLD_ENDS - timedelta(hours=24))
no_timer = CancelTimer(name="capture")


def of(parcel: ShipmentId) -> dict[str, Any]:
    return {"shipment_id": parcel, "order_id": ORDER}


def plan(parcel: ShipmentId, warehouse: Warehouse) -> PlanShipment:
    return PlanShipment(**of(parcel), warehouse=warehouse, items=ITEMS[parcel])


def planned(parcel: ShipmentId) -> shipment.ShipmentPlanned:
    return shipment.ShipmentPlanned(**of(parcel), warehouse=WEST, items=ITEMS[parcel])


def packed(parcel: ShipmentId) -> shipment.ShipmentPacked:
    return shipment.ShipmentPacked(**of(parcel))


def left(parcel: ShipmentId, *items: Units) -> shipment.ShipmentDispatched:
    return shipment.ShipmentDispatched(
        **of(parcel), warehouse=WEST, items=items or ITEMS[parcel], carrier="DHL", tracking="42"
    )


def delivered(parcel: ShipmentId) -> shipment.ShipmentDelivered:
    return shipment.ShipmentDelivered(**of(parcel))


def stopped(parcel: ShipmentId) -> shipment.ShipmentCancelled:
    return shipment.ShipmentCancelled(**of(parcel), reason="Broken shelf")


def short(parcel: ShipmentId, missing: Units, *items: Units) -> shipment.ShipmentShortPicked:
    return shipment.ShipmentShortPicked(**of(parcel), items=items, missing=(missing,))


def recorded(parcel: ShipmentId) -> order.OrderDispatched:
    return order.OrderDispatched(**of(parcel), units=ITEMS[parcel])


def arrived(parcel: ShipmentId) -> order.OrderDelivered:
    return order.OrderDelivered(**of(parcel))


def line_cancelled(sku: Sku, quantity: int, cents: int) -> order.OrderLineCancelled:
    return order.OrderLineCancelled(order_id=ORDER, sku=sku, quantity=quantity, value=euro(cents), reason="Broken")


def cancel_line(sku: Sku, quantity: int, reason: str = "Not on the shelf") -> ask.CancelLine:
    return ask.CancelLine(order_id=ORDER, sku=sku, quantity=quantity, reason=reason)


def refund(name: str, cents: int) -> RequestRefund:
    refund_id = RefundId(f"{ORDER}.{name}")
    return RequestRefund(payment_id=PAYMENT, refund_id=refund_id, amount=euro(cents), reason="Cancelled, and not sent.")


def refunded(name: str, cents: int) -> payment.PaymentRefunded:
    return payment.PaymentRefunded(**money, refund_id=RefundId(f"{ORDER}.{name}"), amount=euro(cents))


def clear(parcel: ShipmentId) -> ClearShipment:
    return ClearShipment(shipment_id=parcel)


def cancel(parcel: ShipmentId) -> CancelShipment:
    return CancelShipment(shipment_id=parcel, reason="The order was cancelled.")


def release(sku: Sku) -> ReleaseReservation:
    return ReleaseReservation(sku=sku, warehouse=WHERE[sku], order_id=ORDER, reason="Not sent")


def dispatch_stock(sku: Sku, quantity: int) -> DispatchStock:
    return DispatchStock(sku=sku, warehouse=WHERE[sku], order_id=ORDER, quantity=quantity)


def adjust(sku: Sku, delta: int) -> AdjustStock:
    return AdjustStock(sku=sku, warehouse=WHERE[sku], delta=delta, reason="Not on the shelf for order one")


def record(parcel: ShipmentId, *items: Units) -> ask.RecordDispatch:
    return ask.RecordDispatch(**of(parcel), units=items or ITEMS[parcel])


def refused(command: str, error: str, detail: str = "No.") -> CommandRefused:
    return CommandRefused(
        process="fulfilment", instance=ORDER, command_id=UUID(int=1), command=command, error=error, detail=detail
    )


timer = TimerFired(process="fulfilment", instance=ORDER, name="capture", due=NOON)
begun = given(authorised, the_order, planned(FIRST), planned(SECOND))
paid = begun.given(packed(FIRST), capturing, captured)
both_left = paid.given(packed(SECOND), left(FIRST), recorded(FIRST), left(SECOND), recorded(SECOND))
one_arrived = both_left.given(delivered(FIRST), arrived(FIRST))
