"""Orders: found by state, day and words; as CSV; cancelled in bulk."""

from typing import Any

from starlette.responses import Response

from web.back_office import bulk, desk, table
from web.http.routes import action, staff
from web.http.visit import Visit
from web.ports import Work
from web.texts.formats import decimal_of

PATH = "/desk/orders"
STATUSES = ("PLACED", "PARTLY_DISPATCHED", "DISPATCHED", "DELIVERED", "COMPLETED", "CANCELLED")

COLUMNS = {
    "number": lambda it: it["number"],
    "order id": lambda it: it["orderId"],
    "placed at": lambda it: it["placedAt"],
    "status": lambda it: it["status"],
    "customer": lambda it: it["customerId"],
    "units": lambda it: sum(line["quantity"] for line in it["lines"]),
    "total": lambda it: decimal_of(it["total"]),
    "currency": lambda it: it["total"]["currency"],
}


async def show(visit: Visit) -> Response:
    filters = _filters(visit)
    answer = await visit.ask("desk_orders", **_variables(filters), **table.window(visit))
    found = answer["orders"]
    return desk.page(
        visit,
        "orders",
        answer,
        filters=filters,
        statuses=STATUSES,
        total=found["total"],
        orders=[edge["node"] for edge in found["edges"]],
        pager=table.pager(PATH, filters, found["pageInfo"]),
        csv=table.address(f"{PATH}.csv", filters),
        unfiltered=PATH,
    )


async def download(visit: Visit) -> Response:
    return await table.as_csv(visit, "desk_orders", "orders", _variables(_filters(visit)), COLUMNS)


async def cancel_chosen(visit: Visit) -> Response:
    """Cancel all chosen orders for one reason."""
    form = await visit.form()
    ids = table.chosen(form.all("row"), bulk.MOST)
    if not form["reason"]:
        return await bulk.ask_reason(visit, "Cancel orders", f"{PATH}/cancel", ids, form)

    work = Work(title="Cancel orders", path="/orders/{row}/cancel", body={"reason": form["reason"]}, back=PATH)
    return await bulk.start(visit, work, ids, form)


def _filters(visit: Visit) -> dict[str, str]:
    query = visit.query
    return {
        "status": table.one_of(query.get("status"), STATUSES),
        "text": (query.get("text") or "")[:100],
        "customer": (query.get("customer") or "")[:64],
        "sku": (query.get("sku") or "")[:64],
        "from": table.day(query.get("from")),
        "to": table.day(query.get("to")),
    }


def _variables(filters: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: value or None for name, value in filters.items()}
    return {**found, "status": [filters["status"]] if filters["status"] else None}


ROUTES = [staff(PATH, show), staff(f"{PATH}.csv", download), action(f"{PATH}/cancel", cancel_chosen, for_staff=True)]
