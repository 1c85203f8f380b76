"""The first page of an account, and the profile."""

from collections.abc import Mapping

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.http.routes import action, member
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import HOME
from web.texts.languages import noted

PROFILE = "/account/profile"
LABELS: Mapping[str, str] = {"name": noted("Name"), "phone": noted("Phone number")}
NEWEST = 3
DONE: Mapping[str, str] = {
    "welcome": noted("Welcome. Your account is open."),
    "profile": noted("Your profile is saved."),
    "password": noted("Your password is changed, and all other devices are signed out."),
}
"""What the page says after something was done, by the parameter `after`."""


async def home(visit: Visit) -> Response:
    profile = await visit.look("/account")
    book = (await visit.look("/account/addresses"))["addresses"]
    answer = await visit.ask("orders", "me", cursor=None)
    orders = [edge["node"] for edge in answer["me"]["orders"]["edges"]][:NEWEST] if answer["me"] else []
    context = {
        "profile": profile,
        "address": next((it for it in book if it["for_delivery"]), None),
        "orders": orders,
        "orders_missing": "me" in answer.missing,
        "done": DONE.get(visit.query.get("after", ""), ""),
    }
    return visit.page("storefront/account/home.html", **context)


async def profile(visit: Visit) -> Response:
    known = await visit.look("/account")
    typed = {name: known.get(name) or "" for name in LABELS}
    return _profile(visit, typed, known["email"] or "", visit.ports.new_key()).shown()


async def change(visit: Visit) -> Response:
    form = await visit.form()
    body = {name: form[name] for name in LABELS}
    try:
        await visit.command("PATCH", "/account", body, key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        key = form["key"] if isinstance(error, TryLater) else visit.ports.new_key()
        return _profile(visit, form, form["email"], key).refused(error)
    await visit.remember(name=form["name"])
    return visit.go(f"{HOME}?after=profile")


def _profile(visit: Visit, typed: Mapping[str, str], email: str, key: str) -> FormPage:
    return FormPage(visit, "storefront/account/profile.html", typed, LABELS, {"email": email, "key": key})


ROUTES = [member(HOME, home), member(PROFILE, profile), action(PROFILE, change, for_member=True)]
