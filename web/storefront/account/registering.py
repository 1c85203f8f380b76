"""Registering: the address first, a password or a passkey behind the link that is mailed to it."""

from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import missing
from web.http import ceremonies
from web.http.ceremonies import passkey_in
from web.http.routes import action, personal
from web.http.visit import Visit
from web.storefront import carts
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import HOME, begin, device
from web.storefront.account.links import is_over, over, token_in
from web.texts.languages import noted

REGISTER, COMPLETE = "/account/register", "/account/register/complete"
TAKEN = noted("This address has an account already. Sign in, or ask for a new password.")


async def ask(visit: Visit) -> Response:
    if visit.session is not None and visit.session.is_member:
        return visit.go(HOME)
    return FormPage(visit, "storefront/account/register.html").shown()


async def asked(visit: Visit) -> Response:
    """The answer is the same whether the address has an account or not."""
    form = await visit.form()
    page = FormPage(visit, "storefront/account/register.html", form)
    if faults := missing(form, "email"):
        return page.again(faults)
    try:
        await visit.submit("/auth/register", {"email": form["email"]})
    except (Refused, TryLater) as error:
        return page.refused(error)
    return visit.go(f"/account/mail?again={REGISTER}")


async def choose(visit: Visit) -> Response:
    """What the mailed link shows. It uses nothing up: programs follow links in mails too."""
    token = token_in(visit.query)
    if not token:
        return visit.go(REGISTER)
    return FormPage(visit, "storefront/account/complete.html", more={"token": token}).shown()


async def passkey_options(visit: Visit) -> Response:
    return await ceremonies.options(visit, "/auth/register/passkey/options", {"token": token_in(await visit.form())})


async def complete(visit: Visit) -> Response:
    form = await visit.form()
    token, name = token_in(form), form["name"]
    page = FormPage(visit, "storefront/account/complete.html", form, more={"token": token})
    passkey = passkey_in(form)
    if passkey is None and (faults := missing(form, "password")):
        return page.again(faults)
    chosen = {"password": form.exact("password")} if passkey is None else {"passkey": passkey}
    body: dict[str, Any] = {"token": token, "device": device(visit), **chosen}
    try:
        done = await visit.submit("/auth/register/complete", {**body, "name": name} if name else body)
    except (Refused, TryLater) as error:
        if is_over(error):
            return over(visit, REGISTER)
        if isinstance(error, Refused) and error.code == "address-taken":
            return page.again(head=TAKEN)
        return page.refused(error)
    lines = await carts.lines_of_guest(visit)
    await begin(visit, done.document, name or None)
    await carts.fill(visit, lines)
    return visit.go(f"{HOME}?after=welcome")


ROUTES = [
    personal(REGISTER, ask),
    action(REGISTER, asked),
    personal(COMPLETE, choose),
    action(COMPLETE, complete),
    action(f"{REGISTER}/passkey/options", passkey_options),
]
