"""The strip of facts of an order, in words for the person who bought."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.texts.languages import noted

Order = Mapping[str, Any]

HEADLINES: Mapping[str, str] = {
    "PLACED": noted("Thank you. Order %(number)s is placed"),
    "PARTLY_DISPATCHED": noted("Part of order %(number)s is on its way"),
    "DISPATCHED": noted("Order %(number)s is on its way"),
    "DELIVERED": noted("Order %(number)s has arrived"),
    "COMPLETED": noted("Order %(number)s has arrived"),
    "CANCELLED": noted("Order %(number)s was cancelled"),
}

ORDER = noted("Order %(number)s")
STATES: Mapping[str, str] = {
    "PLACED": noted("Placed"),
    "PARTLY_DISPATCHED": noted("Partly dispatched"),
    "DISPATCHED": noted("Dispatched"),
    "DELIVERED": noted("Delivered"),
    "COMPLETED": noted("Completed"),
    "CANCELLED": noted("Cancelled"),
}
HELD, RELEASED = noted("Total, held on your card"), noted("Total, released")
TO_PAY = noted("Total, to pay")
TOTALS: Mapping[str, str] = {
    "AUTHORISED": HELD,
    "CAPTURING": HELD,
    "CAPTURED": noted("Total, charged"),
    "VOIDING": RELEASED,
    "VOIDED": RELEASED,
}
"""By the status of the payment."""

DELIVERIES: Mapping[str, str] = {
    "standard": noted("Standard"),
    "express": noted("Express"),
    "pickup": noted("Pickup"),
}
"""By the code of the method."""

FAILED = noted("The payment failed")
FAILURES: Mapping[str | None, str] = {
    "card_declined": noted("Your bank declined it. Nothing was charged."),
    "insufficient_funds": noted("There was not enough money on the card. Nothing was charged."),
    "authentication_failed": noted("It was not confirmed at your bank. Nothing was charged."),
}
"""By the gateway's word for it."""

FACTS: Mapping[str, tuple[str, str] | None] = {
    "cart.checked_out": (noted("You checked out"), ""),
    "cart.cancellation_requested": (noted("You asked to cancel"), ""),
    "order.placed": (noted("Order placed"), noted("Nothing is charged before it leaves the warehouse.")),
    "order.completed": None,
    "order.cancelled": (noted("Order cancelled"), ""),
    "payment.requested": None,
    "payment.action_required": (noted("Your bank asked you to confirm the payment"), ""),
    "payment.authorised": (noted("The amount is held on your card"), ""),
    "payment.failed": (FAILED, noted("Nothing was charged.")),
    "payment.captured": (noted("Your card was charged"), ""),
    "payment.void_requested": None,
    "payment.voided": (noted("The hold on your card was released"), noted("Nothing was charged.")),
    "payment.refund_requested": None,
    "shipment.planned": (noted("Your parcel is being prepared"), ""),
    "shipment.picked": (noted("Taken from the shelf"), ""),
    "shipment.packed": (noted("Packed"), ""),
    "shipment.dispatched": (noted("Handed to the carrier"), ""),
    "shipment.delivered": (noted("Delivered"), ""),
}
"""By the stored name of the event, without its version: title and remark; None is not shown. What is not here is shown
in the API's own sentence."""

NEXT: Mapping[str, str] = {
    "PLACED": noted("Handed to the carrier"),
    "PARTLY_DISPATCHED": noted("The rest is handed to the carrier"),
    "DISPATCHED": noted("Delivered"),
}


def headline(order: Order) -> str:
    return HEADLINES.get(order["status"], ORDER)


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
