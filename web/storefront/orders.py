"""Orders of the visitor: the list, one with its facts and its receipt, and the link that shows one to others."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound, TryLater
from web.api.write import Refused, segment
from web.http.routes import action, personal
from web.http.visit import Visit
from web.texts.facts import facts_of, headline, next_of
from web.texts.languages import noted
from web.texts.problems import text_of

LINK = re.compile(r"[A-Za-z0-9._~=-]{1,500}")
BECAUSE = noted("Cancelled on the order page")


GUEST_ORDERS = "/account/guest-orders"


async def listed(visit: Visit) -> Response:
    if visit.session is None:
        return visit.page("storefront/orders.html", orders=[], page=None, stale=False, guest_orders=[])
    answer = await visit.ask("orders", cursor=visit.query.get("after") or None)
    found = (answer["me"] or {}).get("orders") or {"edges": [], "pageInfo": None}
    orders = [edge["node"] for edge in found["edges"]]
    context = {"orders": orders, "page": found["pageInfo"], "stale": answer.stale}
    return visit.page("storefront/orders.html", **context, guest_orders=await _made_as_guest(visit))


async def _made_as_guest(visit: Visit) -> Sequence[Mapping[str, Any]]:
    """Orders with the address of the account that no account has claimed yet. The page goes on without them."""
    if visit.session is None or not visit.session.is_member:
        return ()
    try:
        found: Sequence[Mapping[str, Any]] = (await visit.look(GUEST_ORDERS))["orders"]
    except (NotFound, TryLater):
        return ()
    return found


async def claim(visit: Visit) -> Response:
    """Add the orders that are ticked to the account."""
    form = await visit.form()
    ticked = [segment(it) for it in form.all("order")]
    if ticked:
        key = form["key"] or visit.ports.new_key()
        try:
            await visit.command("POST", f"{GUEST_ORDERS}/claim", {"orders": ticked}, key=key)
        except Refused as refused:
            if refused.status not in (404, 409, 422):
                raise
    return visit.go("/orders")


async def show(visit: Visit) -> Response:
    return await _order(visit, "storefront/order.html")


async def part(visit: Visit) -> Response:
    return await _order(visit, "parts/order.html")


async def cancel(visit: Visit) -> Response:
    order_id, form = segment(visit.path["id"]), await visit.form()
    key = form["key"] or visit.ports.new_key()
    try:
        await visit.command("POST", f"/orders/{order_id}/cancel", {"reason": form["reason"] or BECAUSE}, key=key)
    except Refused as refused:
        return await _order(
            visit, "storefront/order.html", 409, notice=text_of(refused, english=visit.market.is_english)
        )
    return visit.go(f"/orders/{order_id}")


async def by_link(visit: Visit) -> Response:
    return await _linked(visit, "storefront/order.html")


async def part_by_link(visit: Visit) -> Response:
    return await _linked(visit, "parts/order.html")


async def _order(visit: Visit, template: str, status: int = 200, /, notice: str = "") -> Response:
    if visit.session is None:
        raise NotFound
    answer = await visit.ask("order", id=segment(visit.path["id"]))
    order = answer["order"]
    if order is None:
        raise NotFound
    return _page(visit, template, status, order, f"/_/orders/{order['orderId']}", own=True, notice=notice)


async def _linked(visit: Visit, template: str) -> Response:
    """The order as a holder of the link may see it, without the parts that only its customer may see."""
    token = visit.path["token"]
    if not LINK.fullmatch(token):
        raise NotFound
    visit.session = None
    order = (await visit.ask("order_by_link", token=token))["orderByLink"]
    if order is None:
        raise NotFound
    return _page(visit, template, 200, order, f"/_/o/{token}", own=False)


def _page(
    visit: Visit, template: str, status: int, order: Mapping[str, Any], part: str, *, own: bool, notice: str = ""
) -> Response:
    context = {
        "order": order,
        "part": part,
        "own": own,
        "notice": notice,
        "headline": headline(order),
        "facts": facts_of(order),
        "next": next_of(order),
    }
    return visit.page(template, status, **context)


ROUTES = [
    personal("/orders", listed),
    action("/orders/claim", claim, for_member=True),
    personal("/orders/{id}", show),
    personal("/_/orders/{id}", part),
    action("/orders/{id}/cancel", cancel),
    personal("/o/{token}", by_link),
    personal("/_/o/{token}", part_by_link),
]
