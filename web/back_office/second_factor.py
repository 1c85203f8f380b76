"""The second step of a login of staff: a code, or a new second factor and its first code.

The challenge of the first step is in the form. It is good for five minutes, and opens nothing without a code.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Done, Refused
from web.drawing.qr import qr_code
from web.forms import second_factor
from web.http.bodies import Form
from web.http.routes import action
from web.http.session import logged_in
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import device, end_tokens
from web.texts.links import STAFF_LOGIN, desk_path

PATH, TEMPLATE = f"{STAFF_LOGIN}/second-factor", "back_office/second_factor.html"
LOGIN_TEMPLATE = "back_office/login.html"
REQUIRED, OVER = "second-factor-required", "challenge-over"


async def begin(visit: Visit, tokens: Mapping[str, Any], email: str | None = None) -> None:
    """Let the visitor be the member of staff who has just logged in; the session before ends."""
    await end_tokens(visit)
    await visit.enter(logged_in(dict(tokens), ("staff",), email=email))


async def second_step(visit: Visit, refused: Refused, to: str, email: str) -> Response:
    """The page that asks for the second factor, which the API demands after a right password."""
    challenge = str(refused.document["challenge"])
    form = Form([("challenge", challenge), ("to", to), ("email", email)])
    is_enrolled, passkey = bool(refused.document["enrolled"]), bool(refused.document.get("passkey"))
    if is_enrolled or passkey:
        known = [("enrolled", "yes" if is_enrolled else ""), ("passkey", "yes" if passkey else "")]
        return _page(visit, Form([*form.items(), *known])).shown()
    try:
        new = await visit.submit("/auth/second-factor/enrol", {"challenge": challenge})
    except (Refused, TryLater) as error:
        return login_page(visit, form).refused(error)
    return _page(visit, Form([*form.items(), ("enrolled", "yes"), ("app", str(new.document["uri"]))])).shown()


async def enter(visit: Visit) -> Response:
    form = await visit.form()
    page = _page(visit, form)
    if not form["code"]:
        return page.again(dict(second_factor.ENTER))
    body = {
        "challenge": form["challenge"],
        "code": second_factor.plain(form["code"]),
        "device": device(visit),
    }
    try:
        done = await visit.submit("/auth/login/second-factor", body)
    except (Refused, TryLater) as error:
        if isinstance(error, Refused) and _is_over(error):
            return login_page(visit, form).again(head=second_factor.OVER)
        return page.refused(error)
    return await _entered(visit, form, done)


def _is_over(refused: Refused) -> bool:
    return refused.code == OVER or any(it["field"] == "challenge" for it in refused.errors)


async def _entered(visit: Visit, form: Form, done: Done) -> Response:
    """On to where the visitor was going; after an enrolment they see the recovery codes first."""
    await begin(visit, done.document, form["email"] or None)
    to = desk_path(form["to"])
    if codes := done.document.get("recovery_codes"):
        return visit.page("back_office/recovery_codes.html", codes=codes, to=to)
    return visit.go(to)


def login_page(visit: Visit, form: Mapping[str, str], token_fault: str = "") -> FormPage:
    """The page of the first step, with what was typed there."""
    more = {"to": desk_path(form.get("to", "")), "token_fault": token_fault}
    return FormPage(visit, LOGIN_TEMPLATE, form, more=more)


def _page(visit: Visit, form: Form) -> FormPage:
    secret = second_factor.secret_of(form["app"])
    labels = second_factor.NEW_LABELS if secret else second_factor.LABELS
    more = {
        "to": desk_path(form["to"]),
        "challenge": form["challenge"],
        "email": form["email"],
        "enrolled": form["enrolled"],
        "passkey": form["passkey"],
        "app": form["app"] if secret else "",
        "secret": second_factor.in_groups(secret),
        "qr": qr_code(form["app"], "QR code of the secret") if secret else "",
    }
    return FormPage(visit, TEMPLATE, labels=labels, more=more)


ROUTES = [action(PATH, enter)]
