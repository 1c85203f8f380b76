"""What happened to an order, in sentences: what, when, by whom and why."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain.cart.events import CancellationRequested, CartCheckedOut, CartReopened
from domain.order.events import OrderCancelled, OrderCompleted, OrderLineCancelled, OrderPlaced
from domain.payment.dispute import DisputeOutcome
from domain.payment.events import (
    CaptureFailed,
    DisputeClosed,
    DisputeEvidenceSubmitted,
    DisputeOpened,
    HoldExpired,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentRefundedOutside,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    VoidRequested,
)
from domain.shared.ids import CustomerId
from domain.shared.messages import name_of
from domain.shared.recorded import EventView, Position
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

SHOP = "the shop"
"""How a shopper reads who of the shop did something."""

GATEWAY, PROCESS = "gateway", "process:"
"""How machines sign what they do: the payment gateway, and each business process with its name behind."""


class Moment(NamedTuple):
    """One thing that happened; `kind` is the stored name of the fact."""

    position: Position
    at: datetime
    kind: str
    what: str
    by: str
    why: str | None


def moment_of(recorded: EventView[Any]) -> Moment | None:
    """None for facts that tell nothing new to people."""
    fact = recorded.fact
    sentence = SENTENCES.get(type(fact))
    if sentence is None:
        return None
    why = getattr(fact, "reason", None) or recorded.reason
    return Moment(recorded.position, recorded.recorded_at, name_of(fact), sentence(fact), recorded.actor, why)


def for_shopper(moments: Sequence[Moment], customers: Collection[CustomerId]) -> list[Moment]:
    """The same for the customers: a guest, and the account that claimed the order.

    Names and free text of those who work in the shop are for staff and auditors. What a process passes on of such a
    text is left out as well.
    """
    words = [moment.why for moment in moments if moment.why and _by_staff(moment, customers)]
    return [_for_shopper(moment, words, customers) for moment in moments]


def _for_shopper(moment: Moment, words: Sequence[str], customers: Collection[CustomerId]) -> Moment:
    if _by_staff(moment, customers):
        return moment._replace(by=SHOP, why=None)
    why = moment.why
    quoted = why is not None and moment.by not in customers and any(word in why for word in words)
    return moment._replace(why=None) if quoted else moment


def _by_staff(moment: Moment, customers: Collection[CustomerId]) -> bool:
    """An actor that is neither a customer nor a part of the shop is staff."""
    return moment.by not in (*customers, GATEWAY) and not moment.by.startswith(PROCESS)


def _short(fact: ShipmentShortPicked) -> str:
    missing = ", ".join(f"{units.quantity} {units.sku}" for units in fact.missing)
    return f"Parcel {fact.shipment_id} picked without {missing}."


_CLOSED = {
    DisputeOutcome.WON: "The dispute was won: the shop keeps the money.",
    DisputeOutcome.LOST: "The dispute was lost: the bank gave the money back.",
    DisputeOutcome.INQUIRY_CLOSED: "The bank closed its inquiry.",
}

SENTENCES: Mapping[type[Any], Callable[[Any], str]] = {
    CartCheckedOut: lambda it: f"Checked out for {it.total}.",
    CancellationRequested: lambda _: "Asked to cancel the checkout.",
    CartReopened: lambda _: "The checkout came to nothing; the cart is open again.",
    OrderPlaced: lambda it: f"Order placed over {it.total}.",
    OrderLineCancelled: lambda it: f"{it.quantity} of {it.sku} cancelled, worth {it.value}.",
    OrderCancelled: lambda _: "Order cancelled.",
    OrderCompleted: lambda _: "Order completed.",
    PaymentRequested: lambda it: f"Asked to hold {it.amount} by {it.method}, attempt {it.attempt}.",
    PaymentActionRequired: lambda _: "The shopper has to confirm the payment.",
    PaymentAuthorised: lambda it: f"{it.amount} held until {it.capture_before.date()}.",
    PaymentFailed: lambda _: "The payment failed.",
    PaymentCaptured: lambda it: f"{it.amount} taken.",
    CaptureFailed: lambda _: "The money could not be taken.",
    VoidRequested: lambda _: "Asked to give the hold back.",
    PaymentVoided: lambda _: "The hold was given back.",
    RefundRequested: lambda it: f"Asked to refund {it.amount}.",
    PaymentRefunded: lambda it: f"{it.amount} refunded.",
    PaymentRefundedOutside: lambda it: f"{it.amount} refunded by hand at the payment gateway.",
    RefundFailed: lambda _: "The refund failed.",
    HoldExpired: lambda _: "The hold on the money expired before it was taken.",
    DisputeOpened: lambda it: f"The bank {'inquires about' if it.inquiry else 'disputes'} {it.amount}.",
    DisputeEvidenceSubmitted: lambda _: "The shop answered the bank.",
    DisputeClosed: lambda it: _CLOSED[it.outcome],
    ShipmentPlanned: lambda it: f"Parcel {it.shipment_id} planned in {it.warehouse}.",
    ShipmentPicked: lambda it: f"Parcel {it.shipment_id} picked.",
    ShipmentShortPicked: _short,
    ShipmentPacked: lambda it: f"Parcel {it.shipment_id} packed.",
    ShipmentDispatched: lambda it: f"Parcel {it.shipment_id} left with {it.carrier}, tracking {it.tracking}.",
    ShipmentTracked: lambda it: f"Parcel {it.shipment_id}: {it.status}.",
    ShipmentDelivered: lambda it: f"Parcel {it.shipment_id} delivered.",
    ShipmentLost: lambda it: f"Parcel {it.shipment_id} lost.",
    ShipmentReturnedToSender: lambda it: f"Parcel {it.shipment_id} came back.",
    ShipmentCancelled: lambda it: f"Parcel {it.shipment_id} will not leave.",
}
"""The sentence for each fact. Other facts add nothing for people."""
