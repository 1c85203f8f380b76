"""One product: what is said of it, its variants and prices, its category, and whether it is on sale."""

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import desk
from web.back_office.desk import Refusal, attempt, faulty
from web.forms import money
from web.http.routes import action, staff
from web.http.visit import Visit

PATH = "/desk/products/{id}"
REASON = {"reason": "Say why: it stays with the product."}
BECAUSE = ("unpublish", "discontinue")
"""Changes of state that need a reason."""


async def show(visit: Visit) -> Response:
    return await _product(visit)


async def describe(visit: Visit) -> Response:
    form = await visit.form()
    if not form["title"]:
        return await _product(visit, faulty(form, "describe", {"title": "Enter a title."}))
    body = {name: form[name] for name in ("title", "brand", "description")}
    return await _after(visit, await attempt(visit, form, "describe", "PUT", _path(visit, "description"), body))


async def add_variant(visit: Visit) -> Response:
    form = await visit.form()
    faults = {} if form["sku"] else {"sku": "Enter a SKU: letters, digits, dots, hyphens and underscores."}
    if not desk.digits(form["base_quantity"] or "1"):
        faults["base_quantity"] = "Enter a whole number, such as 1."
    options, fault = _options(form["options"])
    if fault:
        faults["options"] = fault
    if faults:
        return await _product(visit, faulty(form, "variant", faults))
    body = {"sku": form["sku"], "options": options, "base_quantity": int((form["base_quantity"] or "1")[:9])}
    return await _after(visit, await attempt(visit, form, "variant", "POST", _path(visit, "variants"), body))


async def set_price(visit: Visit) -> Response:
    """In force now, or from a time on in the shop's time zone."""
    form, sku = await visit.form(), segment(visit.path["sku"])
    name, faults = f"price-{sku}", dict[str, str]()
    currency = form["currency"] if form["currency"].isalpha() and len(form["currency"]) == 3 else ""
    amount = money.minor_units(form["amount"], currency, visit.ports.shop.locale) if currency else None
    if not currency:
        faults["currency"] = "Enter the currency's code, such as USD."
    elif amount is None:
        faults["amount"] = money.ENTER
    body: dict[str, object] = {"price": {"amount": amount, "currency": currency}}
    if form["valid_from"]:
        begins = _time(form["valid_from"], visit.ports.shop.time_zone)
        if begins is None:
            faults["valid_from"] = "Choose a day and a time."
        else:
            body["valid_from"] = begins
    if faults:
        return await _product(visit, faulty(form, name, faults))
    names = {"price.amount": "amount", "price.currency": "currency"}
    path = _path(visit, f"variants/{sku}/prices")
    return await _after(visit, await attempt(visit, form, name, "POST", path, body, names))


async def publish(visit: Visit) -> Response:
    form = await visit.form()
    return await _after(visit, await attempt(visit, form, "publish", "POST", _path(visit, "publish")))


async def take_off(visit: Visit) -> Response:
    """Off sale for a while, or for good."""
    name, form = visit.path["action"], await visit.form()
    if name not in BECAUSE:
        raise NotFound
    if not form["reason"]:
        return await _product(visit, faulty(form, name, REASON))
    return await _after(visit, await attempt(visit, form, name, "POST", _path(visit, name), {"reason": form["reason"]}))


async def put_into_category(visit: Visit) -> Response:
    form = await visit.form()
    body = {"category_id": form["category"]}
    return await _after(visit, await attempt(visit, form, "category", "PUT", _path(visit, "category"), body))


def _path(visit: Visit, below: str) -> str:
    return f"/products/{segment(visit.path['id'])}/{below}"


def _options(typed: str) -> tuple[dict[str, str], str]:
    """Lines such as `size: large`, and what is wrong with them."""
    found = dict[str, str]()
    for line in filter(None, map(str.strip, typed.splitlines())):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value):
            return {}, "Write a name and a value on each line, such as size: large."
        found[name] = value
    return found, ""


def _time(typed: str, zone: str) -> str | None:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError:
        return None


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(f"/desk/products/{visit.path['id']}") if refused is None else await _product(visit, refused)


async def _product(visit: Visit, refused: Refusal | None = None) -> Response:
    answer = await visit.ask("desk_product", id=segment(visit.path["id"]))
    product = answer["product"]
    if product is None:
        raise NotFound
    now = visit.ports.clock()
    for variant in product["variants"]:
        for price in variant["prices"]:
            price["planned"] = datetime.fromisoformat(price["validFrom"]) > now
    currencies = {variant["price"]["currency"] for variant in product["variants"] if variant["price"]}
    currency = min(currencies, default="")
    return desk.page(visit, "product", answer, refused, product=product, currency=currency)


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/describe", describe, for_staff=True),
    action(f"{PATH}/variants", add_variant, for_staff=True),
    action(f"{PATH}/variants/{{sku}}/prices", set_price, for_staff=True),
    action(f"{PATH}/publish", publish, for_staff=True),
    action(f"{PATH}/category", put_into_category, for_staff=True),
    action(f"{PATH}/{{action}}", take_off, for_staff=True),
]
