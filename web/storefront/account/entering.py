"""Signing in and signing out."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound, SessionOver, TryLater
from web.api.write import Refused
from web.forms.account import missing
from web.http import cookies
from web.http.routes import action, personal
from web.http.session import logged_in
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.texts.devices import device_of
from web.texts.links import LOGIN, own_path

HOME, SHOP = "/account", "/"
TEMPLATE = "storefront/account/login.html"
NOTICES: Mapping[str, str] = {
    "password": "Your new password is set, and all devices are signed out. Sign in with it.",
    "address": "Your account uses the new address from now on. Sign in with it.",
    "deleted": "Your account is deleted.",
    "everywhere": "All devices are signed out, this one too.",
}


async def show(visit: Visit) -> Response:
    to = _wanted(visit.query.get("to", ""))
    if visit.session is not None and visit.session.is_member:
        return visit.go(to)
    notice = NOTICES.get(visit.query.get("after", ""), "")
    return FormPage(visit, TEMPLATE, more={"to": to, "notice": notice}).shown()


async def enter(visit: Visit) -> Response:
    form = await visit.form()
    to = _wanted(form["to"])
    page = FormPage(visit, TEMPLATE, form, more={"to": to, "notice": ""})
    if faults := missing(form, "email", "password"):
        return page.again(faults)
    body = {"email": form["email"], "password": form.exact("password"), "device": device(visit)}
    if known := cookies.device_in(visit.request, visit.ports.shop):
        body["device_token"] = known
    if visit.session is not None and visit.session.is_guest and visit.session.cart is not None:
        body |= {"guest_token": visit.session.token, "guest_cart_id": visit.session.cart}
    try:
        done = await visit.submit("/auth/login", body)
    except (Refused, TryLater) as error:
        return page.refused(error)
    await begin(visit, done.document)
    cart = done.document.get("cart")
    is_short = cart is not None and any(it["quantity"] < it["asked"] for it in cart["lines"])
    response = visit.go("/cart?after=login" if is_short else to)
    if token := done.document.get("device_token"):
        cookies.set_device(response, visit.request, visit.ports.shop, str(token))
    return response


async def leave(visit: Visit) -> Response:
    """The session ends here in any case; the API ends its tokens too, at once or when they are over."""
    await end_tokens(visit)
    await visit.leave()
    return visit.go(SHOP)


async def end_tokens(visit: Visit) -> None:
    """Let the API end the session, as far as it answers."""
    if visit.session is not None and visit.session.refresh is not None:
        with suppress(Refused, SessionOver, TryLater):
            await visit.submit("/auth/logout", {"refresh_token": visit.session.refresh})


async def begin(visit: Visit, tokens: Mapping[str, Any], name: str | None = None) -> None:
    """Let the visitor be who has just logged in."""
    await end_tokens(visit)
    await visit.enter(logged_in(dict(tokens), ("shopper",), name=name))
    if name is None:
        with suppress(NotFound, SessionOver, TryLater):
            await visit.remember(name=(await visit.look("/account"))["name"])


async def log_in_again(visit: Visit, email: str, password: str) -> None:
    """Log in as the same person, for what needs a login of the last minutes. Raises Refused, TryLater."""
    body = {"email": email, "password": password, "device": device(visit)}
    tokens = (await visit.submit("/auth/login", body)).document
    await end_tokens(visit)
    await visit.enter(logged_in(dict(tokens), ("shopper",), visit.session.name if visit.session else None))


def device(visit: Visit) -> str:
    return device_of(visit.request.headers.get("user-agent", ""))


def _wanted(to: str) -> str:
    """Where the visitor was going: a page of ours, and not the login again."""
    wanted = own_path(to, HOME)
    return HOME if wanted.startswith(LOGIN) else wanted


ROUTES = [personal(LOGIN, show), action(LOGIN, enter), action("/account/logout", leave)]
