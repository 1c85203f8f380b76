"""Stock: what is low, and the units of one SKU in each warehouse, received, counted and promised."""

from typing import Any

from starlette.responses import Response

from web.api.write import SEGMENT, segment
from web.back_office import desk, table
from web.back_office.desk import Refusal, attempt, faulty
from web.http.routes import action, staff
from web.http.visit import Visit

PATH = "/desk/stock"
WHOLE = "Enter a whole number, such as 12."
MOST_DIGITS = 9

COLUMNS = {
    "SKU": lambda it: it["sku"],
    "warehouse": lambda it: it["warehouse"],
    "on hand": lambda it: it["onHand"],
    "reserved": lambda it: it["reserved"],
    "backorder limit": lambda it: it["backorderLimit"],
    "available": lambda it: it["available"],
}


async def show(visit: Visit) -> Response:
    if SEGMENT.fullmatch(sku := (visit.query.get("sku") or "").strip()):
        return visit.go(f"{PATH}/{sku}")
    filters = _filters(visit)
    answer = await visit.ask("desk_stock", **_variables(filters), **table.window(visit))
    found = answer["stockLevels"]
    return desk.page(
        visit,
        "stock",
        answer,
        filters=filters,
        warehouses=answer["warehouses"],
        levels=[edge["node"] for edge in found["edges"]],
        pager=table.pager(PATH, filters, found["pageInfo"]),
        csv=table.address(f"{PATH}.csv", filters),
    )


async def download(visit: Visit) -> Response:
    return await table.as_csv(visit, "desk_stock", "stockLevels", _variables(_filters(visit)), COLUMNS)


def _filters(visit: Visit) -> dict[str, str]:
    below = visit.query.get("below") or ""
    return {
        "warehouse": (visit.query.get("warehouse") or "")[:64],
        "below": below if desk.digits(below[:MOST_DIGITS]) == below else "",
    }


def _variables(filters: dict[str, str]) -> dict[str, Any]:
    return {"warehouse": filters["warehouse"] or None, "below": int(filters["below"]) if filters["below"] else None}


async def show_sku(visit: Visit) -> Response:
    return await _sku(visit)


async def receive(visit: Visit) -> Response:
    return await _change(visit, "receive", "POST", "receipts", "quantity")


async def adjust(visit: Visit) -> Response:
    return await _change(visit, "adjust", "POST", "adjustments", "delta", with_reason=True)


async def limit(visit: Visit) -> Response:
    return await _change(visit, "limit", "PUT", "backorder-limit", "limit")


async def _change(
    visit: Visit, name: str, method: str, below: str, field: str, *, with_reason: bool = False
) -> Response:
    form = await visit.form()
    units, faults = _whole(form[field], signed=with_reason), dict[str, str]()
    if units is None:
        faults[field] = WHOLE
    if not form["warehouse"]:
        faults["warehouse"] = "Choose a warehouse."
    body: dict[str, Any] = {field: units}
    if with_reason:
        body["reason"] = form["reason"]
        if not form["reason"]:
            faults["reason"] = "Say why: it stays with the stock."
    if faults:
        return await _sku(visit, faulty(form, name, faults))
    path = f"/stock/{segment(form['warehouse'])}/{segment(visit.path['sku'])}/{below}"
    refused = await attempt(visit, form, name, method, path, body)
    return visit.go(f"{PATH}/{visit.path['sku']}") if refused is None else await _sku(visit, refused)


def _whole(typed: str, *, signed: bool) -> int | None:
    """A whole number; with a sign only where that means something."""
    digits = typed[1:] if signed and typed[:1] in ("+", "-", "\N{MINUS SIGN}") else typed
    if not desk.digits(digits) or len(digits) > MOST_DIGITS:
        return None
    return -int(digits) if typed[0] in ("-", "\N{MINUS SIGN}") else int(digits)


async def _sku(visit: Visit, refused: Refusal | None = None) -> Response:
    sku = segment(visit.path["sku"])
    answer = await visit.ask("desk_stock_sku", sku=sku)
    stock = answer["stock"] or {"sku": sku, "available": 0, "levels": []}
    names = [it["name"] for it in answer["warehouses"]]
    return desk.page(
        visit, "stock_sku", answer, refused, stock=stock, product=answer["product"], warehouses=names or ["MAIN"]
    )


ROUTES = [
    staff(PATH, show),
    staff(f"{PATH}.csv", download),
    staff(f"{PATH}/{{sku}}", show_sku),
    action(f"{PATH}/{{sku}}/receive", receive, for_staff=True),
    action(f"{PATH}/{{sku}}/adjust", adjust, for_staff=True),
    action(f"{PATH}/{{sku}}/limit", limit, for_staff=True),
]
