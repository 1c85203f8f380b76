"""Parcels on their way out of the house: which wait for what, and the slip that goes with each."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import bulk, desk, table
from web.back_office.desk import Refusal, attempt, faulty
from web.drawing.code128 import bars
from web.http.routes import action, staff
from web.http.visit import Visit
from web.ports import Work

PATH = "/desk/fulfilment"
STATES: Mapping[str, str] = {
    "PLANNED": "To pick",
    "PICKED": "To pack",
    "PACKED": "Waiting for the money",
    "CLEARED": "To dispatch",
    "DISPATCHED": "On the way",
    "DELIVERED": "Delivered",
    "LOST": "Lost",
    "RETURNED": "Came back",
    "CANCELLED": "Cancelled",
}
BULK: Mapping[str, tuple[str, str]] = {"pick": ("Pick parcels", "PLANNED"), "pack": ("Pack parcels", "PICKED")}
"""Actions that need nothing but the parcel, and the state in which they can be done."""

SIMPLE = ("pick", "pack", "delivery")
BECAUSE = ("loss", "return-to-sender")
"""What may become of a parcel that the carrier has; both need a reason."""

REASON = {"reason": "Say why: it stays with the order."}
LABELS = {"carrier": "Enter the carrier, such as UPS.", "tracking": "Enter the tracking number on the label."}


async def show(visit: Visit) -> Response:
    filters = {
        "status": table.one_of(visit.query.get("status"), STATES) or "PLANNED",
        "warehouse": (visit.query.get("warehouse") or "")[:64],
    }
    variables = {"status": [filters["status"]], "warehouse": filters["warehouse"] or None}
    answer = await visit.ask("desk_shipments", **variables, **table.window(visit))
    found = answer["shipments"]
    return desk.page(
        visit,
        "fulfilment",
        answer,
        filters=filters,
        states=STATES,
        counts={it["status"]: it["shipments"] for it in answer["shipmentCounts"]},
        tasks=[edge["node"] for edge in found["edges"]],
        pager=table.pager(PATH, filters, found["pageInfo"]),
        bulk=next(((name, title) for name, (title, state) in BULK.items() if state == filters["status"]), None),
    )


async def show_parcel(visit: Visit) -> Response:
    return await _parcel(visit)


async def slip(visit: Visit) -> Response:
    """To print on A4 and put into the parcel."""
    answer, order, parcel = await _found(visit)
    path, width = bars(order["number"])
    number = int(parcel["shipmentId"].rpartition(".")[2])
    return desk.page(
        visit, "slip", answer, order=order, parcel=parcel, number=number, bars=path, width=width, titles=_titles(order)
    )


async def act(visit: Visit) -> Response:
    """Picked in full, packed, delivered: nothing has to be said beside that."""
    name, form = visit.path["action"], await visit.form()
    if name not in SIMPLE:
        raise NotFound
    return await _after(visit, await attempt(visit, form, name, "POST", _command(visit, name)))


async def report(visit: Visit) -> Response:
    """Lost on the way, or back at the door undelivered."""
    name, form = visit.path["what"], await visit.form()
    if name not in BECAUSE:
        raise NotFound
    if not form["reason"]:
        return await _parcel(visit, faulty(form, name, REASON))
    body = {"reason": form["reason"]}
    return await _after(visit, await attempt(visit, form, name, "POST", _command(visit, name), body))


async def short_pick(visit: Visit) -> Response:
    form = await visit.form()
    typed = {field.removeprefix("missing-"): form[field] for field in form if field.startswith("missing-")}
    missing = [
        {"sku": sku, "quantity": int(text)} for sku, text in typed.items() if desk.digits(text[:9]) and int(text)
    ]
    if not missing:
        fault = {"missing": "Enter how many are missing of at least one SKU."}
        return await _parcel(visit, faulty(form, "short-pick", fault))
    path = _command(visit, "short-pick")
    return await _after(visit, await attempt(visit, form, "short-pick", "POST", path, {"missing": missing}))


async def dispatch(visit: Visit) -> Response:
    form = await visit.form()
    if faults := {name: text for name, text in LABELS.items() if not form[name]}:
        return await _parcel(visit, faulty(form, "dispatch", faults))
    body = {name: form[name] for name in LABELS}
    return await _after(visit, await attempt(visit, form, "dispatch", "POST", _command(visit, "dispatch"), body))


async def act_on_chosen(visit: Visit) -> Response:
    """Pick or pack all chosen parcels."""
    name, form = visit.path["action"], await visit.form()
    if name not in BULK:
        raise NotFound
    title, state = BULK[name]
    work = Work(title=title, path=f"/shipments/{{row}}/{name}", back=table.address(PATH, {"status": state}))
    return await bulk.start(visit, work, table.chosen(form.all("row"), bulk.MOST), form)


def _command(visit: Visit, name: str) -> str:
    return f"/shipments/{segment(visit.path['id'])}/{name}"


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(f"{PATH}/{visit.path['id']}") if refused is None else await _parcel(visit, refused)


async def part(visit: Visit) -> Response:
    """The parcel without the frame, for a page that is open."""
    return await _parcel(visit, template="parcel_whole")


async def _parcel(visit: Visit, refused: Refusal | None = None, *, template: str = "parcel") -> Response:
    answer, order, parcel = await _found(visit)
    return desk.page(visit, template, answer, refused, order=order, parcel=parcel, states=STATES, titles=_titles(order))


async def _found(visit: Visit) -> tuple[Any, Any, Any]:
    """The answer, the order and the parcel in it. Raises NotFound."""
    shipment_id = segment(visit.path["id"])
    answer = await visit.ask("desk_order", id=segment(shipment_id.rpartition(".")[0]))
    order = answer["order"]
    parcels = order["shipments"] if order else ()
    parcel = next((it for it in parcels if it["shipmentId"] == shipment_id), None)
    if parcel is None:
        raise NotFound
    return answer, order, parcel


def _titles(order: Any) -> dict[str, str]:
    return {line["sku"]: line["title"] for line in order["lines"]}


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/chosen/{{action}}", act_on_chosen, for_staff=True),
    staff(f"{PATH}/{{id}}", show_parcel),
    staff(f"/_{PATH}/{{id}}", part),
    staff(f"{PATH}/{{id}}/slip", slip),
    action(f"{PATH}/{{id}}/short-pick", short_pick, for_staff=True),
    action(f"{PATH}/{{id}}/report/{{what}}", report, for_staff=True),
    action(f"{PATH}/{{id}}/dispatch", dispatch, for_staff=True),
    action(f"{PATH}/{{id}}/{{action}}", act, for_staff=True),
]
