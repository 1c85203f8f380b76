"""The address book."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound, TryLater
from web.api.write import Refused, segment
from web.forms.address import DEFAULTS, LABELS, body_of, missing, typed_of
from web.http.bodies import Form
from web.http.routes import action, member
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.texts.countries import countries

BOOK, NEW = "/account/addresses", "/account/addresses/new"
Address = Mapping[str, Any]


async def book(visit: Visit) -> Response:
    return visit.page("storefront/account/addresses.html", addresses=await kept(visit))


async def new(visit: Visit) -> Response:
    name = visit.session.name if visit.session else None
    typed = {"name": name or "", "country": visit.market.country}
    return _form(visit, typed, NEW, visit.ports.new_key()).shown()


async def add(visit: Visit) -> Response:
    return await _saved(visit, "POST", BOOK, NEW)


async def edit(visit: Visit) -> Response:
    address = await _one(visit)
    return _form(visit, typed_of(address), f"{BOOK}/{address['address_id']}", visit.ports.new_key()).shown()


async def change(visit: Visit) -> Response:
    path = f"{BOOK}/{segment(visit.path['id'])}"
    return await _saved(visit, "PUT", path, path)


async def deliver_here(visit: Visit) -> Response:
    address, form = await _one(visit), await visit.form()
    body = {**body_of(typed_of(address)), "for_delivery": True}
    path = f"{BOOK}/{address['address_id']}"
    await visit.command("PUT", path, body, key=form["key"] or visit.ports.new_key())
    return visit.go(BOOK)


async def remove(visit: Visit) -> Response:
    form = await visit.form()
    path = f"{BOOK}/{segment(visit.path['id'])}"
    await visit.command("DELETE", path, key=form["key"] or visit.ports.new_key())
    return visit.go(BOOK)


async def kept(visit: Visit) -> list[Address]:
    """The addresses of a shopper who has logged in, the default for deliveries first."""
    found: list[Address] = list((await visit.look(BOOK))["addresses"])
    return sorted(found, key=lambda it: not it["for_delivery"])


async def _one(visit: Visit) -> Address:
    address_id = segment(visit.path["id"])
    found = next((it for it in await kept(visit) if it["address_id"] == address_id), None)
    if found is None:
        raise NotFound
    return found


async def _saved(visit: Visit, method: str, path: str, page_at: str) -> Response:
    form: Form = await visit.form()
    key = form["key"] or visit.ports.new_key()
    page = _form(visit, form, page_at, key)
    if faults := missing(form):
        return page.again(faults)
    try:
        await visit.command(method, path, body_of(form), key=key)
    except TryLater as later:
        return page.refused(later)
    except Refused as refused:
        if refused.code == "command-id-reused":
            return visit.go(BOOK)
        return _form(visit, form, page_at, visit.ports.new_key()).refused(refused)
    return visit.go(BOOK)


def _form(visit: Visit, typed: Mapping[str, str], action_at: str, key: str) -> FormPage:
    known = countries(visit.market.locale, visit.market.country)
    more = {"at": action_at, "is_new": action_at == NEW, "key": key, "countries": known}
    chosen = {name: typed.get(name, "") for name in DEFAULTS}
    return FormPage(visit, "storefront/account/address.html", typed, LABELS, {**more, "chosen": chosen})


ROUTES = [
    member(BOOK, book),
    member(NEW, new),
    action(NEW, add, for_member=True),
    member(f"{BOOK}/{{id}}", edit),
    action(f"{BOOK}/{{id}}", change, for_member=True),
    action(f"{BOOK}/{{id}}/deliver-here", deliver_here, for_member=True),
    action(f"{BOOK}/{{id}}/remove", remove, for_member=True),
]
