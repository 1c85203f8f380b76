"""One order: what was sold, paid and sent; cancelling, refunding, and every fact with its time and its reason."""

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import desk
from web.back_office.desk import Refusal, attempt, digits, faulty
from web.forms import money
from web.http.routes import action, staff
from web.http.visit import Visit

PATH = "/desk/orders/{id}"
REASON = {"reason": "Say why: it stays with the order."}


async def show(visit: Visit) -> Response:
    return await _order(visit)


async def cancel(visit: Visit) -> Response:
    it, form = segment(visit.path["id"]), await visit.form()
    if not form["reason"]:
        return await _order(visit, faulty(form, "cancel", REASON))
    refused = await attempt(visit, form, "cancel", "POST", f"/orders/{it}/cancel", {"reason": form["reason"]})
    return await _after(visit, refused)


async def cancel_line(visit: Visit) -> Response:
    it, form, sku = segment(visit.path["id"]), await visit.form(), segment(visit.path["sku"])
    name = f"line-{sku}"
    faults = {} if form["reason"] else dict(REASON)
    if not digits(form["quantity"]) or form["quantity"] == "0":
        faults["quantity"] = "Enter how many units, such as 1."
    if faults:
        return await _order(visit, faulty(form, name, faults))
    body = {"quantity": int(form["quantity"][:9]), "reason": form["reason"]}
    return await _after(visit, await attempt(visit, form, name, "POST", f"/orders/{it}/lines/{sku}/cancel", body))


async def refund(visit: Visit) -> Response:
    """Part of the money or all of it; the payment's id and currency are those of the order."""
    form = await visit.form()
    order = (await visit.ask("desk_order", id=segment(visit.path["id"])))["order"]
    if order is None or order["payment"] is None:
        raise NotFound
    currency = order["payment"]["refundable"]["currency"]
    amount = money.minor_units(form["amount"], currency, visit.ports.shop.locale)
    faults = {} if form["reason"] else dict(REASON)
    if amount is None:
        faults["amount"] = money.ENTER
    if faults:
        return await _order(visit, faulty(form, "refund", faults))
    body = {"amount": {"amount": amount, "currency": currency}, "reason": form["reason"]}
    path = f"/payments/{segment(order['payment']['paymentId'])}/refunds"
    names = {"amount.amount": "amount", "amount.currency": "amount"}
    return await _after(visit, await attempt(visit, form, "refund", "POST", path, body, names))


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(f"/desk/orders/{visit.path['id']}") if refused is None else await _order(visit, refused)


async def part(visit: Visit) -> Response:
    """The same without the frame, for a page that is open."""
    return await _order(visit, template="order_whole")


async def _order(visit: Visit, refused: Refusal | None = None, *, template: str = "order") -> Response:
    answer = await visit.ask("desk_order", id=segment(visit.path["id"]))
    order = answer["order"]
    if order is None:
        raise NotFound
    for line in order["lines"]:
        line["open"] = line["quantity"] - line["dispatched"] - line["cancelled"]
    return desk.page(visit, template, answer, refused, order=order)


ROUTES = [
    staff(PATH, show),
    staff(f"/_{PATH}", part),
    action(f"{PATH}/cancel", cancel, for_staff=True),
    action(f"{PATH}/lines/{{sku}}/cancel", cancel_line, for_staff=True),
    action(f"{PATH}/refund", refund, for_staff=True),
]
