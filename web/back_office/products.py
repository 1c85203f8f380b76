"""Products in every state: listed, found by SKU or words, drafted, published in bulk."""

from typing import Any

from starlette.responses import Response

from web.api.write import Refused
from web.back_office import bulk, desk, table
from web.back_office.desk import DONE_BEFORE, Refusal, faulty
from web.http.bodies import Form
from web.http.routes import action, staff
from web.http.visit import Visit
from web.ports import Work
from web.texts.formats import decimal_of

PATH = "/desk/products"
STATUSES = ("DRAFT", "PUBLISHED", "DISCONTINUED")

COLUMNS = {
    "product id": lambda it: it["productId"],
    "title": lambda it: it["title"],
    "brand": lambda it: it["brand"],
    "status": lambda it: it["status"],
    "category": lambda it: it["category"]["name"] if it["category"] else "",
    "SKUs": lambda it: " ".join(variant["sku"] for variant in it["variants"]),
    "lowest price": lambda it: decimal_of(it["price"]) if it["price"] else "",
    "currency": lambda it: it["price"]["currency"] if it["price"] else "",
    "changed at": lambda it: it["changedAt"],
}


async def show(visit: Visit) -> Response:
    if term := (visit.query.get("q") or "").strip()[:100]:
        return await _found(visit, term)
    filters = {"status": table.one_of(visit.query.get("status"), STATUSES)}
    answer = await visit.ask("desk_products", status=filters["status"] or None, **table.window(visit))
    found = answer["catalogue"]
    pages = table.pager(PATH, filters, found["pageInfo"])
    return _list(visit, answer, filters, [edge["node"] for edge in found["edges"]], pages)


async def download(visit: Visit) -> Response:
    status = table.one_of(visit.query.get("status"), STATUSES) or None
    return await table.as_csv(visit, "desk_products", "catalogue", {"status": status}, COLUMNS)


async def _found(visit: Visit, term: str) -> Response:
    """What is on sale and matches the words, and what has exactly this SKU, on sale or not."""
    answer = await visit.ask("desk_products_found", "exact", term=term, sku=term)
    products = [edge["node"] for edge in answer["search"]["edges"]]
    if (exact := answer["exact"]) is not None:
        products = [exact, *(it for it in products if it["productId"] != exact["productId"])]
    return _list(visit, answer, {"status": "", "q": term}, products, {"before": "", "after": ""})


def _list(visit: Visit, answer: Any, filters: dict[str, str], products: list[Any], pages: Any) -> Response:
    csv = table.address(f"{PATH}.csv", {"status": filters["status"]})
    told = {"filters": {"q": "", **filters}, "products": products, "pager": pages, "csv": csv, "statuses": STATUSES}
    return desk.page(visit, "products", answer, **told)


async def new(visit: Visit) -> Response:
    return await _new(visit)


async def draft(visit: Visit) -> Response:
    form = await visit.form()
    if not form["title"]:
        return await _new(visit, faulty(form, "draft", {"title": "Enter a title."}))
    body = {name: form[name] for name in ("title", "brand", "description")}
    try:
        done = await visit.command("POST", "/products", body, key=form["key"] or visit.ports.new_key())
    except Refused as refused:
        if refused.code == DONE_BEFORE:
            return visit.go(f"{PATH}?status=DRAFT")
        return await _new(visit, desk.refusal(refused, form, "draft"))
    return visit.go(f"{PATH}/{done.document['product_id']}")


async def _new(visit: Visit, refused: Refusal | None = None) -> Response:
    return desk.page(visit, "product_new", await visit.ask("desk_me"), refused)


async def publish_chosen(visit: Visit) -> Response:
    form = await visit.form()
    work = Work(title="Publish products", path="/products/{row}/publish", back=f"{PATH}?status=DRAFT")
    return await bulk.start(visit, work, _rows(form), form)


async def unpublish_chosen(visit: Visit) -> Response:
    form = await visit.form()
    if not form["reason"]:
        return await bulk.ask_reason(visit, "Take products off sale", f"{PATH}/chosen/unpublish", _rows(form), form)
    body = {"reason": form["reason"]}
    work = Work(title="Take products off sale", path="/products/{row}/unpublish", body=body, back=PATH)
    return await bulk.start(visit, work, _rows(form), form)


def _rows(form: Form) -> list[str]:
    return table.chosen(form.all("row"), bulk.MOST)


ROUTES = [
    staff(PATH, show),
    staff(f"{PATH}.csv", download),
    staff(f"{PATH}/new", new),
    action(f"{PATH}/new", draft, for_staff=True),
    action(f"{PATH}/chosen/publish", publish_chosen, for_staff=True),
    action(f"{PATH}/chosen/unpublish", unpublish_chosen, for_staff=True),
]
