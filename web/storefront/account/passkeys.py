"""Passkeys of shoppers: signing in with one, and those of the account."""

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused, segment
from web.forms.account import missing
from web.http import ceremonies
from web.http.bodies import Form
from web.http.ceremonies import UNREADABLE, again_at, is_too_old, passkey_in
from web.http.routes import action, member
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import HOME, device, entered, guest_of, log_in_again, login_page, wanted
from web.texts.languages import noted
from web.texts.links import LOGIN, own_path
from web.texts.problems import text_of

OWN, AGAIN = "/account/passkeys", "/account/again"
UNNAMED = noted("Passkey")


async def login_options(visit: Visit) -> Response:
    return await ceremonies.options(visit, "/auth/login/passkey/options")


async def enter(visit: Visit) -> Response:
    form = await visit.form()
    page = login_page(visit, form)
    if (answer := passkey_in(form)) is None:
        return page.again(head=UNREADABLE)
    body = {"passkey": answer, "device": device(visit), **guest_of(visit)}
    try:
        done = await visit.submit("/auth/login/passkey", body)
    except (Refused, TryLater) as error:
        return page.refused(error)
    return await entered(visit, done, wanted(form["to"]))


async def show(visit: Visit) -> Response:
    return await _own(visit)


async def add_options(visit: Visit) -> Response:
    return await ceremonies.options(visit, "/auth/passkey/options", again=again_at(AGAIN, OWN))


async def add(visit: Visit) -> Response:
    form = await visit.form()
    if (answer := passkey_in(form)) is None:
        return await _own(visit, UNREADABLE)
    return await _change(
        visit, form, "POST", "/auth/passkeys", {"name": form["name"] or visit.market.say(UNNAMED), "passkey": answer}
    )


async def rename(visit: Visit) -> Response:
    form = await visit.form()
    path = f"/auth/passkeys/{segment(visit.path['id'])}"
    return await _change(visit, form, "PATCH", path, {"name": form["name"] or visit.market.say(UNNAMED)})


async def remove(visit: Visit) -> Response:
    path = f"/auth/passkeys/{segment(visit.path['id'])}"
    return await _change(visit, await visit.form(), "DELETE", path)


async def ask_again(visit: Visit) -> Response:
    """Before what needs a login of the last minutes: the password, or a passkey."""
    return (await _again(visit, visit.query.get("to", ""))).shown()


async def again(visit: Visit) -> Response:
    form = await visit.form()
    page = await _again(visit, form["to"])
    if faults := missing(form, "password"):
        return page.again(faults)
    try:
        await log_in_again(visit, str(page.more["present"]), form.exact("password"))
    except (Refused, TryLater) as error:
        return page.refused(error, password="password")
    return visit.go(str(page.more["to"]))


async def _change(visit: Visit, form: Form, method: str, path: str, body: dict[str, object] | None = None) -> Response:
    try:
        await visit.command(method, path, body, key=form["key"] or visit.ports.new_key())
    except Refused as refused:
        if is_too_old(refused):
            return visit.go(again_at(AGAIN, OWN))
        return await _own(visit, text_of(refused, english=visit.market.is_english))
    return visit.go(OWN)


async def _own(visit: Visit, head: str = "") -> Response:
    methods = await visit.look("/auth/login-methods")
    return visit.page("storefront/account/passkeys.html", 422 if head else 200, methods=methods, head=head)


async def _again(visit: Visit, to: str) -> FormPage:
    more = {
        "to": own_path(to, HOME),
        "present": (await visit.look("/account"))["email"],
        "methods": await visit.look("/auth/login-methods"),
    }
    return FormPage(visit, "storefront/account/again.html", more=more)


ROUTES = [
    action(f"{LOGIN}/passkey/options", login_options),
    action(f"{LOGIN}/passkey", enter),
    member(OWN, show),
    action(f"{OWN}/options", add_options, for_member=True),
    action(OWN, add, for_member=True),
    action(f"{OWN}/{{id}}/name", rename, for_member=True),
    action(f"{OWN}/{{id}}/remove", remove, for_member=True),
    member(AGAIN, ask_again),
    action(AGAIN, again, for_member=True),
]
