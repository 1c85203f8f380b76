"""What happened to an order, in sentences: what, when, by whom and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.cart.events import CancellationRequested, CartCheckedOut, CartReopened
from domain.order.events import OrderCancelled, OrderCompleted, OrderLineCancelled, OrderPlaced
from domain.payment.events import (
    CaptureFailed,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    VoidRequested,
)
from domain.shared.messages import name_of
from domain.shared.recorded import Position, Recorded
from domain.shipment.events import (
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPacked,
    ShipmentPicked,
    ShipmentPlanned,
    ShipmentReturnedToSender,
    ShipmentShortPicked,
    ShipmentTracked,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened; `kind` is the stored name of the fact."""

    position: Position
    at: datetime
    kind: str
    what: str
    by: str
    why: str | None


def moment_of(recorded: Recorded[Any]) -> Moment | None:
    """None for facts that tell nothing new to people."""
    what = _sentence(recorded.fact)
    if what is None:
        return None
    return Moment(
        position=recorded.position,
        at=recorded.recorded_at,
        kind=name_of(recorded.fact),
        what=what,
        by=recorded.metadata.actor,
        why=getattr(recorded.fact, "reason", None) or recorded.metadata.reason,
    )


def _sentence(fact: object) -> str | None:
    return _of_the_sale(fact) or _of_the_money(fact) or _of_the_goods(fact)


def _of_the_sale(fact: object) -> str | None:
    match fact:
        case CartCheckedOut(total=total):
            return f"Checked out for {total}."
        case CancellationRequested():
            return "Asked to cancel the checkout."
        case CartReopened():
            return "The checkout came to nothing; the cart is open again."
        case OrderPlaced(total=total):
            return f"Order placed over {total}."
        case OrderLineCancelled(sku=sku, quantity=quantity, value=value):
            return f"{quantity} of {sku} cancelled, worth {value}."
        case OrderCancelled():
            return "Order cancelled."
        case OrderCompleted():
            return "Order completed."
    return None


def _of_the_money(fact: object) -> str | None:
    match fact:
        case PaymentRequested(amount=amount, method=method, attempt=attempt):
            return f"Asked to hold {amount} by {method}, attempt {attempt}."
        case PaymentActionRequired():
            return "The shopper has to confirm the payment."
        case PaymentAuthorised(amount=amount, capture_before=until):
            return f"{amount} held until {until:%Y-%m-%d}."
        case PaymentFailed():
            return "The payment failed."
        case PaymentCaptured(amount=amount):
            return f"{amount} taken."
        case CaptureFailed():
            return "The money could not be taken."
        case VoidRequested():
            return "Asked to give the hold back."
        case PaymentVoided():
            return "The hold was given back."
        case RefundRequested(amount=amount):
            return f"Asked to refund {amount}."
        case PaymentRefunded(amount=amount):
            return f"{amount} refunded."
        case RefundFailed():
            return "The refund failed."
    return None


def _of_the_goods(fact: object) -> str | None:
    match fact:
        case ShipmentPlanned(shipment_id=parcel, warehouse=warehouse):
            return f"Parcel {parcel} planned in {warehouse}."
        case ShipmentPicked(shipment_id=parcel):
            return f"Parcel {parcel} picked."
        case ShipmentShortPicked(shipment_id=parcel, missing=missing):
            return f"Parcel {parcel} picked without {', '.join(f'{units.quantity} {units.sku}' for units in missing)}."
        case ShipmentPacked(shipment_id=parcel):
            return f"Parcel {parcel} packed."
        case ShipmentDispatched(shipment_id=parcel, carrier=carrier, tracking=tracking):
            return f"Parcel {parcel} left with {carrier}, tracking {tracking}."
        case ShipmentTracked(shipment_id=parcel, status=status):
            return f"Parcel {parcel}: {status}."
        case ShipmentDelivered(shipment_id=parcel):
            return f"Parcel {parcel} delivered."
        case ShipmentLost(shipment_id=parcel):
            return f"Parcel {parcel} lost."
        case ShipmentReturnedToSender(shipment_id=parcel):
            return f"Parcel {parcel} came back."
        case ShipmentCancelled(shipment_id=parcel):
            return f"Parcel {parcel} will not leave."
    return None
