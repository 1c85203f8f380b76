"""The checkout: one form, then the page of what becomes of it, until it is an order or the cart is open again."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound, TryLater
from web.api.write import Refused, segment
from web.forms import checkout as forms
from web.http.headers import CARD_FORM
from web.http.routes import action, personal
from web.http.visit import Visit
from web.storefront import carts
from web.storefront.account import addresses
from web.storefront.changes import changes_of, decided
from web.texts.countries import countries
from web.texts.languages import noted
from web.texts.problems import faults_of, text_of

TO_THE_CART = {"price-changed", "no-longer-sold", "cart-is-empty", "cart-is-closed", "cart-not-found"}
"""Refusals that are put right in the cart."""

BUSY = noted("The shop has more orders than it can take in at this moment. Nothing was done; press the button again.")
NO_GATEWAY = noted("This shop cannot take payments at the moment.")


async def show(visit: Visit) -> Response:
    cart, methods, leads_to = await _at_hand(visit)
    if leads_to is not None:
        return visit.go(leads_to)
    first = methods[0]["method"] if methods else ""
    typed = {"delivery_method": first, "payment_method": "", "address.country": visit.market.country}
    kept, typed["email"] = await _kept(visit), await _own_email(visit)
    wanted = visit.query.get("address", "")
    if chosen := next((it for it in kept if it["address_id"] == wanted), kept[0] if kept else None):
        typed |= {f"address.{name}": chosen.get(name) or "" for name in forms.ADDRESS}
    return _form(visit, cart, methods, typed, visit.ports.new_key(), kept=kept)


async def _kept(visit: Visit) -> Sequence[Mapping[str, Any]]:
    """The address book of a shopper who has logged in. A checkout goes on without it."""
    if visit.session is None or not visit.session.is_member:
        return ()
    try:
        return await addresses.kept(visit)
    except (NotFound, TryLater):
        return ()


async def _own_email(visit: Visit) -> str:
    """The address of the account; empty for guests. A checkout goes on without it."""
    if visit.session is None or not visit.session.is_member:
        return ""
    try:
        return (await visit.look("/account"))["email"] or ""
    except (NotFound, TryLater):
        return ""


async def buy(visit: Visit) -> Response:
    form = await visit.form()
    cart, methods, leads_to = await _at_hand(visit)
    if leads_to is not None:
        return visit.go(leads_to)
    key = form["key"] or visit.ports.new_key()
    wish = forms.parsed(form, cart["cartId"], methods, at_stripe=visit.ports.shop.stripe is not None)
    if wish.faults:
        return _form(visit, cart, methods, form, key, faults=wish.faults, status=422)
    try:
        done = await visit.command("POST", "/checkouts", wish.body, key=key)
    except TryLater:
        as_sent = {**cart, "quotedAt": form["quoted_at"]}
        response = _form(visit, as_sent, methods, form, key, text=BUSY, status=503)
        response.headers["Retry-After"] = "1"
        return response
    except Refused as refused:
        if (checkout := carts.checkout_of(refused)) or refused.code == "command-id-reused":
            return visit.go(f"/checkout/{checkout}" if checkout else "/cart")
        if refused.code in TO_THE_CART:
            return visit.go("/cart")
        cart, methods, _ = await _at_hand(visit)
        fresh = visit.ports.new_key()
        faults = faults_of(refused, {"total_seen": "", "address": "address.name"}, english=visit.market.is_english)
        faults.pop("", None)
        changed = None
        if refused.code == "total-changed":
            changed = {**refused.document, "changes": changes_of(refused.document, cart)}
            cart, methods = decided(refused.document, cart, methods, form["delivery_method"])
        text = text_of(refused, english=visit.market.is_english)
        return _form(visit, cart, methods, form, fresh, faults=faults, text=text, status=422, changed=changed)
    return visit.go(f"/checkout/{done.document['checkout_id']}")


async def totals(visit: Visit) -> Response:
    """The summary with the delivery that is chosen: for a script, as soon as it is chosen."""
    cart, methods, leads_to = await _at_hand(visit)
    if leads_to is not None:
        return visit.go(leads_to)
    chosen = visit.query.get("delivery_method", "")
    return visit.page("storefront/checkout_totals.html", cart=cart, methods=methods, chosen=chosen)


async def follow(visit: Visit) -> Response:
    return await _status(visit, "storefront/checkout_status.html")


async def follow_part(visit: Visit) -> Response:
    return await _status(visit, "parts/checkout_status.html")


async def pay_otherwise(visit: Visit) -> Response:
    checkout_id, form = segment(visit.path["id"]), await visit.form()
    at_stripe = visit.ports.shop.stripe is not None
    if (card := forms.card_of(form, at_stripe=at_stripe)) is None:
        return await _another_card(visit, 422, forms.CHOOSE_CARD)
    try:
        key = form["key"] or visit.ports.new_key()
        await visit.command("POST", f"/checkouts/{checkout_id}/payments", {"payment_method": card}, key=key)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
    return visit.go(f"/checkout/{checkout_id}")


async def another_card(visit: Visit) -> Response:
    return await _another_card(visit)


async def _another_card(visit: Visit, status: int = 200, fault: str = "") -> Response:
    checkout_id, checkout = await _checkout(visit)
    payment = (checkout or {}).get("payment") or {}
    if checkout is None or not _may_pay_again(checkout, payment):
        return visit.go(f"/checkout/{checkout_id}")
    context = {
        "checkout_id": checkout_id,
        "total": checkout["order"]["owed"] if checkout["order"] else checkout["total"],
        "cards": forms.CARDS if visit.ports.shop.test_gateway else (),
        "fault": fault,
    }
    return _with_card_form(visit, visit.page("storefront/checkout_card.html", status, **context))


async def confirm(visit: Visit) -> Response:
    """To the bank's page, whose address is fetched now: it can hold a secret, so it is kept nowhere."""
    checkout_id = segment(visit.path["id"])
    found = await visit.look(f"/checkouts/{checkout_id}/confirmation")
    return visit.go(found["url"] or f"/checkout/{checkout_id}")


async def confirmed(visit: Visit) -> Response:
    """Back from the bank. What it adds to the address is dropped: the gateway decides how it went, not the browser."""
    return visit.go(f"/checkout/{segment(visit.path['id'])}")


async def cancel(visit: Visit) -> Response:
    checkout_id, form = segment(visit.path["id"]), await visit.form()
    key = form["key"] or visit.ports.new_key()
    try:
        await visit.command("POST", f"/checkouts/{checkout_id}/cancel", {"cart_id": form["cart_id"]}, key=key)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
    return visit.go(f"/checkout/{checkout_id}?{ENDING}=1")


Methods = list[Mapping[str, Any]]


async def _at_hand(visit: Visit) -> tuple[Mapping[str, Any], Methods, str | None]:
    """The cart and how it can be delivered; or the page to go to instead."""
    if visit.session is None or visit.session.cart is None:
        return {}, [], "/cart"
    answer = await visit.ask("checkout", cart=visit.session.cart)
    cart = answer["cart"]
    if cart is None:
        return {}, [], "/cart"
    if cart["status"] == "CHECKED_OUT":
        return cart, [], f"/checkout/{cart['checkoutId']}"
    buyable = cart["lines"] and all(line["priceNow"] == line["unitPrice"] for line in cart["lines"])
    return cart, answer["deliveryMethods"] or [], None if buyable else "/cart"


def _form(
    visit: Visit,
    cart: Mapping[str, Any],
    methods: Methods,
    typed: Mapping[str, str],
    key: str,
    *,
    faults: Mapping[str, str] | None = None,
    text: str = "",
    status: int = 200,
    kept: Sequence[Mapping[str, Any]] = (),
    changed: Mapping[str, Any] | None = None,
) -> Response:
    shop = visit.ports.shop
    context = {
        "cart": cart,
        "methods": methods,
        "chosen": typed["delivery_method"],
        "values": {name: typed.get(name, "") for name in (*forms.LABELS, "payment_method")},
        "key": key,
        "faults": faults or {},
        "text": text or ("" if shop.test_gateway or shop.stripe else NO_GATEWAY),
        "labels": forms.LABELS,
        "cards": forms.CARDS if shop.test_gateway else (),
        "countries": countries(visit.market.locale, visit.market.country),
        "kept": kept,
        "changed": changed,
    }
    return _with_card_form(visit, visit.page("storefront/checkout.html", status, **context))


def _with_card_form(visit: Visit, response: Response) -> Response:
    """A page that may load Stripe's card form."""
    if visit.ports.shop.stripe is not None:
        response.headers.update(CARD_FORM)
    return response


async def _checkout(visit: Visit) -> tuple[str, Mapping[str, Any] | None]:
    """The id of a checkout, and the checkout unless it is too new to be seen."""
    if visit.session is None:
        raise NotFound
    checkout_id = segment(visit.path["id"])
    answer = await visit.ask("checkout_status", id=checkout_id)
    if answer["checkout"] is None and not answer.stale:
        raise NotFound
    return checkout_id, answer["checkout"]


async def _status(visit: Visit, template: str) -> Response:
    """How far a checkout is; an order has a page of its own."""
    checkout_id, checkout = await _checkout(visit)
    if checkout is not None and checkout["order"] is not None:
        return visit.go(f"/orders/{checkout['order']['orderId']}")
    payment = (checkout or {}).get("payment") or {}
    context = {
        "checkout": checkout,
        "checkout_id": checkout_id,
        "payment": payment,
        "stands": _stands(checkout, payment, ending=ENDING in visit.query),
    }
    return visit.page(template, **context)


ENDING = "cancelled"
"""The parameter that says that the visitor has just cancelled; the checkout ends a moment later."""

ENDED = {"REJECTED", "EXPIRED", "CANCELLED"}


def _stands(checkout: Mapping[str, Any] | None, payment: Mapping[str, Any], *, ending: bool) -> str:
    """What the visitor can do: wait, confirm, pay otherwise, or go back to the cart. `ending`: they have cancelled."""
    if checkout is not None and checkout["phase"] in ENDED:
        return "ended"
    if ending:
        return "ending"
    if checkout is None:
        return "working"
    if checkout["phase"] == "NEEDS_ATTENTION":
        return "attention"
    if payment.get("status") == "ACTION_REQUIRED" and payment.get("actionUrl"):
        return "confirm"
    return "declined" if payment.get("status") == "FAILED" else "working"


def _may_pay_again(checkout: Mapping[str, Any], payment: Mapping[str, Any]) -> bool:
    """Before there is an order, and for an order whose hold has expired."""
    if checkout["order"] is not None:
        return payment.get("status") in ("HOLD_EXPIRED", "FAILED", "ACTION_REQUIRED")
    return _stands(checkout, payment, ending=False) in ("confirm", "declined")


ROUTES = [
    personal("/checkout", show),
    action("/checkout", buy),
    personal("/_/checkout", totals),
    personal("/checkout/{id}", follow),
    personal("/_/checkout/{id}", follow_part),
    personal("/checkout/{id}/card", another_card),
    personal("/checkout/{id}/confirm", confirm),
    personal("/checkout/{id}/confirmed", confirmed),
    action("/checkout/{id}/payments", pay_otherwise),
    action("/checkout/{id}/cancel", cancel),
]
