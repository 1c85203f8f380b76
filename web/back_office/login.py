"""The way into the back office, and out of it."""

import json
from base64 import urlsafe_b64decode
from typing import Any

from starlette.responses import Response

from web.api import read
from web.api.faults import AccessRefused, SessionOver
from web.http.routes import action, personal
from web.http.visit import Visit
from web.ports import Session

HOME = "/desk"
NOT_OURS = "This token is not valid, or it has expired. Get a new one."
NOT_STAFF = "This token is not of staff: it opens nothing here."


async def show(visit: Visit) -> Response:
    if visit.session is not None and visit.session.is_staff:
        return visit.go(HOME)
    return _form(visit)


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
        return _form(visit, NOT_OURS)
    if not set(me["permissions"]) - {"shop"}:
        return _form(visit, NOT_STAFF)
    ends = float(_claims(token)["exp"])
    await visit.enter(Session(subject=me["subject"], roles=("staff",), token=token, expires=ends, ends=ends))
    return visit.go(_wanted(form["to"]))


async def leave(visit: Visit) -> Response:
    await visit.leave()
    return visit.go("/desk/login")


def _form(visit: Visit, fault: str = "") -> Response:
    to = _wanted(visit.query.get("to", ""))
    return visit.page("back_office/login.html", 422 if fault else 200, fault=fault, to=to)


def _wanted(to: str) -> str:
    """Where the visitor was going: a page of the back office, and nowhere else."""
    is_ours = to.startswith("/desk") and "\\" not in to and "//" not in to and not to.startswith("/desk/login")
    return to if is_ours else HOME


def _claims(token: str) -> dict[str, Any]:
    """What a token says that the read API has just verified. Raises AccessRefused for a key, which says nothing."""
    try:
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        raise AccessRefused from None
    return claims


ROUTES = [personal("/desk/login", show), action("/desk/login", enter_with_token), action("/desk/logout", leave)]
