"""What the fulfilment of an order takes in."""

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

OrderFact = OrderPlaced | OrderCancelled | OrderLineCancelled | OrderCompleted
ParcelFact = (
    ShipmentPlanned
    | ShipmentShortPicked
    | ShipmentReduced
    | ShipmentPacked
    | ShipmentDispatched
    | ShipmentDelivered
    | ShipmentLost
    | ShipmentReturnedToSender
    | ShipmentCancelled
    | OrderDispatched
    | OrderDelivered
)
MoneyFact = (
    PaymentAuthorised
    | CaptureRequested
    | PaymentCaptured
    | CaptureFailed
    | PaymentVoided
    | HoldExpired
    | PaymentRefunded
    | PaymentRefundedOutside
    | RefundFailed
)
DisputeFact = DisputeOpened | DisputeEvidenceSubmitted | DisputeFundsMoved | DisputeClosed
FulfilmentFact = OrderFact | ParcelFact | MoneyFact | DisputeFact
FulfilmentInput = FulfilmentFact | TimerFired | CommandRefused
