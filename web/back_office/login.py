"""The way into the back office, and out of it."""

import json
from base64 import urlsafe_b64decode
from typing import Any

from starlette.responses import Response

from web.api import read
from web.api.faults import AccessRefused, SessionOver, TryLater
from web.api.write import Refused
from web.back_office.second_factor import REQUIRED, begin, login_page, second_step
from web.forms.account import missing
from web.http import ceremonies
from web.http.ceremonies import passkey_in
from web.http.routes import action, personal
from web.http.visit import Visit
from web.ports import Session
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import device, end_tokens
from web.storefront.account.links import is_over, token_in
from web.texts.links import STAFF_HOME, STAFF_LOGIN, desk_path

JOIN = "back_office/join.html"
NOT_OURS = "This token is not valid, or it has expired. Get a new one."
NOT_STAFF = "This token is not of staff: it opens nothing here."


async def show(visit: Visit) -> Response:
    if visit.session is not None and visit.session.is_staff:
        return visit.go(STAFF_HOME)
    return login_page(visit, {"to": visit.query.get("to", "")}).shown()


async def enter(visit: Visit) -> Response:
    """With the address and the password of a member of staff."""
    form = await visit.form()
    page = login_page(visit, form)
    if faults := missing(form, "email", "password"):
        return page.again(faults)
    told = {"email": form["email"], "password": form.exact("password"), "as": "staff", "device": device(visit)}
    try:
        done = await visit.submit("/auth/login", told)
    except (Refused, TryLater) as error:
        if isinstance(error, Refused) and error.code == REQUIRED:
            return await second_step(visit, error, form["to"], form["email"])
        return page.refused(error)
    await begin(visit, done.document, form["email"])
    return visit.go(desk_path(form["to"]))


async def show_join(visit: Visit) -> Response:
    """Behind the link of an invitation."""
    return FormPage(visit, JOIN, more={"token": token_in(visit.query), "over": False}).shown()


async def join_options(visit: Visit) -> Response:
    return await ceremonies.options(visit, "/staff/join/passkey/options", {"token": token_in(await visit.form())})


async def join(visit: Visit) -> Response:
    form = await visit.form()
    token = token_in(form)
    page = FormPage(visit, JOIN, form, more={"token": token, "over": False})
    passkey = passkey_in(form)
    if passkey is None and (faults := missing(form, "password")):
        return page.again(faults)
    chosen = {"password": form.exact("password")} if passkey is None else {"passkey": passkey}
    told: dict[str, Any] = {"token": token, "device": device(visit), **chosen}
    try:
        done = await visit.submit("/staff/join", told)
    except (Refused, TryLater) as error:
        if is_over(error):
            return FormPage(visit, JOIN, more={"token": "", "over": True}).again()
        if isinstance(error, Refused) and error.code == REQUIRED:
            return await second_step(visit, error, STAFF_HOME, "")
        return page.refused(error)
    await begin(visit, done.document)
    return visit.go(STAFF_HOME)


async def enter_with_token(visit: Visit) -> Response:
    """With a token that `counterfoil token` printed."""
    form = await visit.form()
    token = form["token"]
    try:
        headers = {"Authorization": f"Bearer {token}"} if token.isascii() and token.isprintable() else {}
        me = (await read.ask(visit.ports.read, "desk_login", {}, headers=headers))["me"]
    except SessionOver:
        me = None
    if me is None:
        return login_page(visit, form, NOT_OURS).again()
    if not set(me["permissions"]) - {"shop"}:
        return login_page(visit, form, NOT_STAFF).again()
    ends = float(_claims(token)["exp"])
    await visit.enter(Session(subject=me["subject"], roles=("staff",), token=token, expires=ends, ends=ends))
    return visit.go(desk_path(form["to"]))


async def leave(visit: Visit) -> Response:
    """The session ends here in any case; the API ends its tokens too, at once or when they are over."""
    await end_tokens(visit)
    await visit.leave()
    return visit.go(STAFF_LOGIN)


def _claims(token: str) -> dict[str, Any]:
    """What a token says that the read API has just verified. Raises AccessRefused for a key, which says nothing."""
    try:
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        raise AccessRefused from None
    return claims


ROUTES = [
    personal("/desk/login", show),
    action("/desk/login", enter),
    action("/desk/login/token", enter_with_token),
    personal("/desk/join", show_join),
    action("/desk/join", join),
    action("/desk/join/passkey/options", join_options),
    action("/desk/logout", leave),
]
