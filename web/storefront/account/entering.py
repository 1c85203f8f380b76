"""Signing in and signing out."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound, SessionOver, TryLater
from web.api.write import Done, Refused
from web.forms.account import missing
from web.http import cookies
from web.http.routes import action, personal
from web.http.session import logged_in
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.texts.devices import device_of
from web.texts.languages import noted
from web.texts.links import LOGIN, own_path

HOME, SHOP = "/account", "/"
TEMPLATE = "storefront/account/login.html"
NOTICES: Mapping[str, str] = {
    "password": noted("Your new password is set, and all devices are signed out. Sign in with it."),
    "address": noted("Your account uses the new address from now on. Sign in with it."),
    "deleted": noted("Your account is deleted."),
    "everywhere": noted("All devices are signed out, this one too."),
}


async def show(visit: Visit) -> Response:
    to = wanted(visit.query.get("to", ""))
    if visit.session is not None and visit.session.is_member:
        return visit.go(to)
    notice = NOTICES.get(visit.query.get("after", ""), "")
    return login_page(visit, {"to": to}, notice).shown()


async def enter(visit: Visit) -> Response:
    form = await visit.form()
    page = login_page(visit, form)
    if faults := missing(form, "email", "password"):
        return page.again(faults)
    credentials = {"email": form["email"], "password": form.exact("password"), "device": device(visit)}
    body = {**credentials, **guest_of(visit)}
    if known := cookies.device_in(visit.request, visit.ports.shop):
        body["device_token"] = known
    try:
        done = await visit.submit("/auth/login", body)
    except (Refused, TryLater) as error:
        return page.refused(error)
    return await entered(visit, done, wanted(form["to"]))


async def entered(visit: Visit, done: Done, to: str) -> Response:
    """After a login: on to where the visitor was going, or to the cart if there was less than both carts had."""
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


def login_page(visit: Visit, form: Mapping[str, str], notice: str = "") -> FormPage:
    return FormPage(visit, TEMPLATE, form, more={"to": wanted(form.get("to", "")), "notice": notice})


def guest_of(visit: Visit) -> dict[str, str]:
    """The guest that the visitor was until now, if they have a cart to be merged."""
    session = visit.session
    if session is None or not session.is_guest or session.cart is None:
        return {}
    return {"guest_token": session.token, "guest_cart_id": session.cart}


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


def wanted(to: str) -> str:
    """Where the visitor was going: a page of ours, and not the login again."""
    path = own_path(to, HOME)
    return HOME if path.startswith(LOGIN) else path


ROUTES = [personal(LOGIN, show), action(LOGIN, enter), action("/account/logout", leave)]
