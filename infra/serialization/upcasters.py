"""Upcasters: bring events stored under earlier names to the form of today.

An event that changes gets a new stored name, `stock.received.v2`; what the log holds under the old one stays as it is
and is brought up to date when it is read. An upcaster takes the old data to the next name and its data, and so on,
link by link, until a name is reached that is written today. What it cannot know becomes None; it never guesses.
The golden file of the old name stays in tests/golden/events.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from process_managers.engine.journal import entry_id


def _input_parked_v1(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The first version held neither the instance nor, of a timer or a refusal, its content."""
    entry = entry_id(data["process"], UUID(data["input_id"]))
    return "process.input_parked.v2", {**data, "instance": None, "entry_id": str(entry), "unrecorded": None}


def _checked_out_v1(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The first version did not name the client, and there were no limits."""
    return "cart.checked_out.v2", {**data, "client": None, "limits": None}


def _checked_out_v2(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Only the goods had price steps, and there were no promotions."""
    delivery = data["delivery"]
    return "cart.checked_out.v3", {**data, "delivery_steps": _delivery_at_list(delivery["method"], delivery["price"])}


def _checked_out_v3(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A checkout had no address for mails."""
    return "cart.checked_out.v4", {**data, "contact": None}


def _delivery_at_list(method: str, price: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"kind": "list", "amount": price, "reason": method}]


def _delivery_without_steps(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "delivery_steps": _delivery_at_list(data["delivery_method"], data["delivery_price"])}


def _reserved_v1(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The first version did not name the holder, and there was one holding time."""
    return "stock.reserved.v2", {**data, "holder": None, "scarce": False}


def _reservation_declined_v1(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """There were no limits but the stock."""
    return "stock.reservation_declined.v2", {**data, "cause": "stock"}


def _without_refund_ref(data: dict[str, Any]) -> dict[str, Any]:
    """The gateway's id of a refund was not recorded."""
    return {**data, "refund_ref": None}


def _sold_from_one_warehouse(data: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {
            "priced": line["priced"],
            "sources": [{"warehouse": line["warehouse"], "quantity": line["priced"]["quantity"]}],
        }
        for line in data["lines"]
    ]
    return {**data, "lines": lines}


UPCASTERS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "process.input_parked.v1": _input_parked_v1,
    "cart.checked_out.v1": _checked_out_v1,
    "cart.checked_out.v2": _checked_out_v2,
    "cart.checked_out.v3": _checked_out_v3,
    "staff.joined.v1": lambda data: ("staff.joined.v2", {**data, "by": "password"}),
    "stock.reserved.v1": _reserved_v1,
    "stock.reservation_declined.v1": _reservation_declined_v1,
    "payment.refunded.v1": lambda data: ("payment.refunded.v2", _without_refund_ref(data)),
    "payment.refund_failed.v1": lambda data: ("payment.refund_failed.v2", _without_refund_ref(data)),
    "order.placed.v1": lambda data: ("order.placed.v2", _sold_from_one_warehouse(data)),
    "order.placed.v2": lambda data: ("order.placed.v3", _delivery_without_steps(data)),
    "order.place.v1": lambda data: ("order.place.v2", _sold_from_one_warehouse(data)),
    "order.place.v2": lambda data: ("order.place.v3", _delivery_without_steps(data)),
}
"""By old stored name."""
