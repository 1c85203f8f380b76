"""What a shopper who is signed in changes by typing the password: the password itself, the address, the deletion."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import missing
from web.http.ceremonies import again_at, is_too_old
from web.http.routes import action, member
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import HOME, log_in_again
from web.texts.languages import noted
from web.texts.links import LOGIN

AGAIN = "/account/again"
PASSWORD, EMAIL, DELETE, FOR_GOOD = "/account/password", "/account/email", "/account/delete", "/account/delete/confirm"

EASY = noted("This password is too easy to guess. Choose another one.")


def _page(visit: Visit, template: str, typed: Mapping[str, str] | None = None, **more: Any) -> FormPage:
    key = visit.ports.new_key()
    return FormPage(visit, f"storefront/account/{template}.html", typed or {}, more={"key": key, **more})


async def _known(visit: Visit) -> Mapping[str, Any]:
    """The present address, and whether there is a password to ask for."""
    methods = await visit.look("/auth/login-methods")
    return {"present": (await visit.look("/account"))["email"], "with_password": methods["password"]}


async def password(visit: Visit) -> Response:
    return _page(visit, "password", **await _known(visit)).shown()


async def change_password(visit: Visit) -> Response:
    form = await visit.form()
    with_password = not form["no_password"]
    page = _page(visit, "password", present=form["username"], with_password=with_password)
    if faults := missing(form, *(("current",) if with_password else ()), "new"):
        return page.again(faults)
    body = {"new": form.exact("new"), **({"current": form.exact("current")} if with_password else {})}
    try:
        await visit.command("PUT", "/auth/password", body, key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        if isinstance(error, Refused) and error.code == "weak-password":
            why = " ".join(it["reason"] for it in error.errors) if visit.market.is_english else EASY
            return page.again({"new": why})
        if is_too_old(error):
            return visit.go(again_at(AGAIN, PASSWORD))
        return page.refused(error, password="current")
    return visit.go(f"{HOME}?after=password")


async def email(visit: Visit) -> Response:
    return _page(visit, "email", **await _known(visit)).shown()


async def change_email(visit: Visit) -> Response:
    form = await visit.form()
    with_password = not form["no_password"]
    page = _page(visit, "email", form, present=form["present"], with_password=with_password)
    if faults := missing(form, "email", *(("password",) if with_password else ())):
        return page.again(faults)
    body = {"email": form["email"], **({"password": form.exact("password")} if with_password else {})}
    try:
        await visit.command("POST", "/auth/email", body, key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        return visit.go(again_at(AGAIN, EMAIL)) if is_too_old(error) else page.refused(error, password="password")
    return visit.go(f"/account/mail?again={EMAIL}")


async def delete(visit: Visit) -> Response:
    """The warning. It changes nothing."""
    return visit.page("storefront/account/delete.html")


async def delete_for_good(visit: Visit) -> Response:
    return _page(visit, "delete_confirm", **await _known(visit)).shown()


async def deleted(visit: Visit) -> Response:
    """The API wants a login a short time ago, so the password logs in once more before the account is deleted.

    Without a password the account is deleted after a login of the last minutes with a passkey.
    """
    form = await visit.form()
    known = await _known(visit)
    page = _page(visit, "delete_confirm", **known)
    if known["with_password"] and (faults := missing(form, "password")):
        return page.again(faults)
    try:
        if known["with_password"]:
            await log_in_again(visit, known["present"], form.exact("password"))
        await visit.command("DELETE", "/account", key=form["key"] or visit.ports.new_key())
    except (Refused, TryLater) as error:
        return visit.go(again_at(AGAIN, FOR_GOOD)) if is_too_old(error) else page.refused(error, password="password")
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
