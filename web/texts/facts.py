"""The strip of facts of an order, in words for the person who bought."""

from collections.abc import Mapping, Sequence
from typing import Any

Order = Mapping[str, Any]

HEADLINES: Mapping[str, str] = {
    "PLACED": "Thank you. Order {number} is placed",
    "PARTLY_DISPATCHED": "Part of order {number} is on its way",
    "DISPATCHED": "Order {number} is on its way",
    "DELIVERED": "Order {number} has arrived",
    "COMPLETED": "Order {number} has arrived",
    "CANCELLED": "Order {number} was cancelled",
}

FAILED = "The payment failed"
FAILURES: Mapping[str | None, str] = {
    "card_declined": "Your bank declined it. Nothing was charged.",
    "insufficient_funds": "There was not enough money on the card. Nothing was charged.",
    "authentication_failed": "It was not confirmed at your bank. Nothing was charged.",
}
"""By the gateway's word for it."""

FACTS: Mapping[str, tuple[str, str] | None] = {
    "cart.checked_out": ("You checked out", ""),
    "cart.cancellation_requested": ("You asked to cancel", ""),
    "order.placed": ("Order placed", "Nothing is charged before it leaves the warehouse."),
    "order.completed": None,
    "order.cancelled": ("Order cancelled", ""),
    "payment.requested": None,
    "payment.action_required": ("Your bank asked you to confirm the payment", ""),
    "payment.authorised": ("The amount is held on your card", ""),
    "payment.failed": (FAILED, "Nothing was charged."),
    "payment.captured": ("Your card was charged", ""),
    "payment.void_requested": None,
    "payment.voided": ("The hold on your card was released", "Nothing was charged."),
    "payment.refund_requested": None,
    "shipment.planned": ("Your parcel is being prepared", ""),
    "shipment.picked": ("Taken from the shelf", ""),
    "shipment.packed": ("Packed", ""),
    "shipment.dispatched": ("Handed to the carrier", ""),
    "shipment.delivered": ("Delivered", ""),
}
"""By the stored name of the event, without its version: title and remark; None is not shown. What is not here is shown
in the API's own sentence."""

NEXT: Mapping[str, str] = {
    "PLACED": "Handed to the carrier",
    "PARTLY_DISPATCHED": "The rest is handed to the carrier",
    "DISPATCHED": "Delivered",
}


def headline(order: Order) -> str:
    return HEADLINES.get(order["status"], "Order {number}").format(number=order["number"])


def facts_of(order: Order) -> Sequence[Mapping[str, str]]:
    """What happened, oldest first: title, remark, at."""
    shown = []
    for moment in order["timeline"]:
        known = FACTS.get(moment["kind"].rpartition(".v")[0], (moment["what"], ""))
        if known is not None:
            title, remark = known
            why = FAILURES.get(moment["why"], remark) if title == FAILED else moment["why"] or remark
            shown.append({"title": title, "remark": why, "at": moment["at"]})
    return shown


def next_of(order: Order) -> str | None:
    return NEXT.get(order["status"])
