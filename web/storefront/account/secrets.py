"""What a shopper who is signed in changes by typing the password: the password itself, the address, the deletion."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import missing
from web.http.routes import action, member
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import HOME, log_in_again
from web.texts.links import LOGIN

PASSWORD, EMAIL, DELETE, FOR_GOOD = "/account/password", "/account/email", "/account/delete", "/account/delete/confirm"


def _page(visit: Visit, template: str, typed: Mapping[str, str] | None = None, **more: Any) -> FormPage:
    key = visit.ports.new_key()
    return FormPage(visit, f"storefront/account/{template}.html", typed or {}, more={"key": key, **more})


async def password(visit: Visit) -> Response:
    return _page(visit, "password", present=(await visit.look("/account"))["email"]).shown()


async def change_password(visit: Visit) -> Response:
    form = await visit.form()
    page = _page(visit, "password", present=form["username"])
    if faults := missing(form, "current", "new"):
        return page.again(faults)
    body = {"current": form.exact("current"), "new": form.exact("new")}
    try:
        await visit.command("PUT", "/auth/password", body, key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        if isinstance(error, Refused) and error.code == "weak-password":
            return page.again({"new": " ".join(it["reason"] for it in error.errors)})
        return page.refused(error, password="current")
    return visit.go(f"{HOME}?after=password")


async def email(visit: Visit) -> Response:
    return _page(visit, "email", present=(await visit.look("/account"))["email"]).shown()


async def change_email(visit: Visit) -> Response:
    form = await visit.form()
    page = _page(visit, "email", form, present=form["present"])
    if faults := missing(form, "email", "password"):
        return page.again(faults)
    body = {"email": form["email"], "password": form.exact("password")}
    try:
        await visit.command("POST", "/auth/email", body, key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        return page.refused(error, password="password")
    return visit.go(f"/account/mail?again={EMAIL}")


async def delete(visit: Visit) -> Response:
    """The warning. It changes nothing."""
    return visit.page("storefront/account/delete.html")


async def delete_for_good(visit: Visit) -> Response:
    return _page(visit, "delete_confirm", present=(await visit.look("/account"))["email"]).shown()


async def deleted(visit: Visit) -> Response:
    """The API wants a login a short time ago, so the password logs in once more before the account is deleted."""
    form = await visit.form()
    present = (await visit.look("/account"))["email"]
    page = _page(visit, "delete_confirm", present=present)
    if faults := missing(form, "password"):
        return page.again(faults)
    try:
        await log_in_again(visit, present, form.exact("password"))
        await visit.command("DELETE", "/account", key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        return page.refused(error, password="password")
    await visit.leave()
    return visit.go(f"{LOGIN}?after=deleted")


ROUTES = [
    member(PASSWORD, password),
    action(PASSWORD, change_password, for_member=True),
    member(EMAIL, email),
    action(EMAIL, change_email, for_member=True),
    member(DELETE, delete),
    member(FOR_GOOD, delete_for_good),
    action(FOR_GOOD, deleted, for_member=True),
]
