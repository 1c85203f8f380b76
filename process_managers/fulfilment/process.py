"""From a placed order to parcels at the door: one parcel for each warehouse, one capture for all of them.

    input                              requests
    ---------------------------------  -------------------------------------------------------------------------------
    OrderPlaced                        PlanShipment for each warehouse; timer "capture" a day before the hold ends
    ShipmentShortPicked                CancelLine of what was not on the shelf
    ShipmentPacked, the first          RequestCapture of all that was not cancelled, for a card hold allows one capture;
                                       what is short in a parcel is cancelled first
    ShipmentPacked, money is in hand   ClearShipment
    timer "capture"                    RequestCapture
    PaymentCaptured                    ClearShipment of all that is packed; RequestRefund of what was taken too much;
                                       taken too little (at the gateway, by hand): NeedsAttention, parcels stay
    HoldExpired                        NeedsAttention, parcels stay, until PaymentAuthorised: the shopper paid again
    dispute opened, until closed;      NeedsAttention
    less than nothing is left
    CaptureFailed                      timer "capture" in an hour; the third time NeedsAttention; parcels stay
    OrderLineCancelled                 ReduceShipment to what is still wanted; RequestRefund of it if money is taken
    ShipmentDispatched                 RecordDispatch; DispatchStock of what is in it, ReleaseReservation of the rest,
                                       AdjustStock by what was not there; ReduceShipment of other parcels by what was
                                       cancelled of a line they share, if this one was too early for that
    ShipmentDelivered                  RecordDelivery, once the order has taken note of the dispatch
    everything arrived or cancelled,   CompleteOrder
    refunds paid
    ShipmentCancelled                  ReleaseReservation; CancelLine of what was in it, unless the order is cancelled
    OrderCancelled                     CancelShipment of each parcel, also of those that are planned later;
                                       once all are stopped: RequestVoid, or RequestRefund of what was not refunded yet
    ShipmentLost, -ReturnedToSender,   NeedsAttention (what then is to happen is decided by people until there is a
    RefundFailed, hold gone            process for returns)
    refused                            NeedsAttention, unless it only says that another fact is on its way

An order without payment has its parcels cleared as they are packed. A parcel that had left when its order was cancelled
NeedsAttention (the order refuses to record its dispatch), and the money stays where it is until a person decides.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from domain.payment.events import PaymentAuthorised
from process_managers.engine.process import Process, Request
from process_managers.fulfilment.evolve import evolve
from process_managers.fulfilment.goods import goods
from process_managers.fulfilment.inputs import FulfilmentFact, FulfilmentInput, ParcelFact
from process_managers.fulfilment.money import money
from process_managers.fulfilment.state import Fulfilment, Funds, Step


def react(_: Fulfilment, after: Fulfilment, message: FulfilmentInput, at: datetime) -> Sequence[Request]:
    """What follows from an input, by the state after it."""
    order = after.order
    if order is None or (isinstance(message, ParcelFact) and message.shipment_id not in after.parcels):
        return []
    paid = [] if order.payment_id is None else money(after, order.payment_id, message, at)
    return [*goods(after, order.order_id, message), *paid]


def phase_of(so_far: Fulfilment) -> str:
    """A word for people."""
    if so_far.order is None:
        return "waiting for the order"
    if attention_of(so_far) is not None:
        return "needs attention"
    if so_far.completed:
        return "completed"
    if so_far.cancelled:
        return "cancelled" if so_far.given_back else "cancelling"
    steps = [parcel.step for parcel in so_far.parcels.values() if parcel.step is not Step.CANCELLED]
    return min(steps, default=Step.CANCELLED).name.lower()


def attention_of(so_far: Fulfilment) -> str | None:
    """Why a person has to look."""
    troubles = [so_far.troubles[about] for about in sorted(so_far.troubles)]
    if so_far.order is not None:
        troubles += _about_money(so_far)
    return " ".join(troubles) or None


def _about_money(so_far: Fulfilment) -> Sequence[str]:
    if so_far.received.amount < 0:
        return [f"Refunds, disputes and their fees leave {so_far.received} of the payment."]
    if so_far.cancelled or so_far.due.amount <= 0:
        return []
    if so_far.funds is Funds.GONE:
        return ["The hold on the money is gone, so no parcel may leave."]
    if so_far.funds is Funds.EXPIRED:
        return ["The hold on the money expired, so no parcel may leave until the shopper has paid again."]
    if so_far.funds is Funds.TAKEN and not so_far.paid:
        return [f"Only {so_far.captured} of {so_far.due} was taken, so no parcel may leave."]
    return []


FULFILMENT: Process[Fulfilment] = Process(
    name="fulfilment",
    handles=get_args(FulfilmentFact),
    instance_of=lambda fact: str(fact.order_id),
    initial=Fulfilment(),
    evolve=evolve,
    react=react,
    phase_of=phase_of,
    attention_of=attention_of,
    begins=(PaymentAuthorised,),
)
