"""The cart: quantities, removals, changed prices, and adding to it from the page of a product."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import Refused, segment
from web.forms import quantity
from web.http.routes import action, personal
from web.http.visit import Visit
from web.storefront import carts
from web.texts.languages import noted
from web.texts.problems import faults_of, text_of

FEWER = noted(
    "Your two carts are one now. Of some things there are fewer in stock than you wanted: look at the quantities."
)
"""After a login that merged a guest's cart and could not take all of it."""

Faults = Mapping[str, quantity.Quantity]
"""By SKU."""


async def show(visit: Visit) -> Response:
    return await _cart(visit, notice=FEWER if visit.query.get("after") == "login" else "")


async def add(visit: Visit) -> Response:
    """From the page of a product, which is cached: its form has no key of its own."""
    form = await visit.form()
    wanted = quantity.parsed(form["quantity"] or "1", visit.market.locale)
    if wanted.fault is None:
        try:
            await carts.add(visit, form["sku"], wanted.value)
        except Refused as refused:
            if checkout := carts.checkout_of(refused):
                return visit.go(f"/checkout/{checkout}")
            wanted = quantity.Quantity(wanted.typed, fault=_fault(visit, refused))
    status = 200 if wanted.fault is None else 422
    if visit.is_fragment:
        lines = 0 if visit.session is None else await count(visit)
        return visit.page("storefront/added.html", status, fault=wanted.fault, lines=lines)
    return visit.go("/cart") if wanted.fault is None else await _cart(visit, notice=wanted.fault, status=422)


async def set_quantity(visit: Visit) -> Response:
    sku, form = visit.path["sku"], await visit.form()
    wanted = quantity.parsed(form["quantity"], visit.market.locale)
    if wanted.fault is None:
        try:
            body = {"quantity": wanted.value}
            await carts.change(visit, "PATCH", f"/items/{segment(sku)}", body, form["key"] or visit.ports.new_key())
        except Refused as refused:
            if checkout := carts.checkout_of(refused):
                return visit.go(f"/checkout/{checkout}")
            if _was_done_before(refused) or refused.code == "not-in-cart":
                return visit.go("/cart")
            wanted = quantity.Quantity(wanted.typed, fault=_fault(visit, refused))
    if wanted.fault is not None:
        return await _cart(visit, faults={sku: wanted}, status=422, changed=sku)
    return await _cart(visit, changed=sku) if visit.is_fragment else visit.go("/cart")


async def remove(visit: Visit) -> Response:
    return await _changed(visit, "DELETE", f"/items/{segment(visit.path['sku'])}", None)


async def accept_price(visit: Visit) -> Response:
    return await _changed(visit, "POST", "/price-changes/accept", {"skus": [visit.path["sku"]]})


async def _changed(visit: Visit, method: str, below: str, body: Mapping[str, Any] | None) -> Response:
    form = await visit.form()
    try:
        await carts.change(visit, method, below, body, form["key"] or visit.ports.new_key())
    except Refused as refused:
        if checkout := carts.checkout_of(refused):
            return visit.go(f"/checkout/{checkout}")
        if not _was_done_before(refused):
            return await _cart(visit, notice=text_of(refused, english=visit.market.is_english), status=422)
    return await _cart(visit) if visit.is_fragment else visit.go("/cart")


async def count(visit: Visit) -> int:
    """How many different things are in the cart."""
    if visit.session is None or visit.session.cart is None:
        return 0
    answer = await visit.ask("cart_count", "cart", cart=visit.session.cart)
    cart = answer["cart"]
    return len(cart["lines"]) if cart and cart["status"] == "OPEN" else 0


async def _cart(
    visit: Visit, *, faults: Faults | None = None, notice: str = "", status: int = 200, changed: str = ""
) -> Response:
    """The page, or its parts for a script: with `changed`, those that follow from the quantity of that SKU."""
    cart, stale, order = None, False, None
    if visit.session is not None and visit.session.cart is not None:
        answer = await visit.ask("cart", cart=visit.session.cart)
        cart, stale = answer["cart"], answer.stale
        if cart is not None and cart["status"] == "CHECKED_OUT":
            order = await _order_of(visit, cart["checkoutId"])
    if cart is not None and cart["status"] == "ABANDONED":
        cart = None
    template = "storefront/cart.html"
    if visit.is_fragment:
        template = "storefront/cart_changed.html" if changed else "storefront/cart_whole.html"
    told = {"cart": cart, "order": order, "stale": stale, "notice": notice, "faults": faults or {}, "changed": changed}
    return visit.page(template, status, **told)


async def _order_of(visit: Visit, checkout_id: str) -> str | None:
    """The order that a checkout became, if it did."""
    try:
        found = (await visit.ask("order_exists", id=checkout_id))["order"]
    except NotFound:
        return None
    return None if found is None else str(found["orderId"])


def _was_done_before(refused: Refused) -> bool:
    """Whether the form was sent before with other fields: the page shows what the first one made."""
    return refused.code == "command-id-reused"


def _fault(visit: Visit, refused: Refused) -> str:
    english = visit.market.is_english
    return " ".join(faults_of(refused, english=english).values()) or text_of(refused, english=english)


ROUTES = [
    personal("/cart", show),
    action("/cart/items", add),
    action("/cart/items/{sku}", set_quantity),
    action("/cart/items/{sku}/remove", remove),
    action("/cart/items/{sku}/price", accept_price),
]
