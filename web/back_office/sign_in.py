"""What a member of staff signs in with: passkeys, and an authenticator app. And signing in with a passkey."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused, segment
from web.back_office import desk
from web.back_office.desk import Refusal, attempt, faulty
from web.back_office.second_factor import begin, login_page
from web.drawing.qr import qr_code
from web.forms import second_factor
from web.http import ceremonies
from web.http.bodies import Form
from web.http.ceremonies import UNREADABLE, again_at, passkey_in
from web.http.routes import action, staff
from web.http.visit import Visit
from web.storefront.account.entering import device
from web.texts.links import STAFF_AGAIN, STAFF_LOGIN, desk_path

PATH, KEYS = "/desk/sign-in", "/desk/sign-in/passkeys"
UNNAMED = "Passkey"


async def login_options(visit: Visit) -> Response:
    return await ceremonies.options(visit, "/auth/login/passkey/options")


async def enter(visit: Visit) -> Response:
    form = await visit.form()
    page = login_page(visit, form)
    if (answer := passkey_in(form)) is None:
        return page.again(head=UNREADABLE)
    try:
        body = {"passkey": answer, "as": "staff", "device": device(visit)}
        done = await visit.submit("/auth/login/passkey", body)
    except (Refused, TryLater) as error:
        return page.refused(error)
    session = visit.session
    is_same = session is not None and session.subject == done.document["subject"]
    await begin(visit, done.document, session.email if session is not None and is_same else None)
    return visit.go(desk_path(form["to"]))


async def show(visit: Visit) -> Response:
    return await _own(visit)


async def add_options(visit: Visit) -> Response:
    return await ceremonies.options(visit, "/auth/passkey/options", again=again_at(STAFF_AGAIN, PATH))


async def add(visit: Visit) -> Response:
    form = await visit.form()
    if (answer := passkey_in(form)) is None:
        return await _own(visit, Refusal(text=UNREADABLE))
    body = {"name": form["name"] or UNNAMED, "passkey": answer}
    return await _after(visit, await attempt(visit, form, "passkey", "POST", "/auth/passkeys", body))


async def rename(visit: Visit) -> Response:
    form = await visit.form()
    path, body = f"/auth/passkeys/{segment(visit.path['id'])}", {"name": form["name"] or UNNAMED}
    return await _after(visit, await attempt(visit, form, "passkey", "PATCH", path, body))


async def remove(visit: Visit) -> Response:
    path = f"/auth/passkeys/{segment(visit.path['id'])}"
    return await _after(visit, await attempt(visit, await visit.form(), "passkey", "DELETE", path))


async def begin_app(visit: Visit) -> Response:
    """A secret to scan; it counts from its first code on."""
    try:
        new = await visit.command("POST", "/auth/authenticator-app", key=visit.ports.new_key())
    except Refused as refused:
        return await _own(visit, desk.refusal(refused, Form([]), "app"))
    return await _own(visit, app=str(new.document["uri"]))


async def confirm_app(visit: Visit) -> Response:
    form = await visit.form()
    if not form["code"]:
        return await _own(visit, faulty(form, "app", second_factor.ENTER), app=form["app"])
    body = {"code": second_factor.plain(form["code"])}
    try:
        done = await visit.command("POST", "/auth/authenticator-app/confirm", body, key=visit.ports.new_key())
    except Refused as refused:
        return await _own(visit, desk.refusal(refused, form, "app"), app=form["app"])
    return visit.page("back_office/recovery_codes.html", codes=done.document["recovery_codes"], to=PATH)


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(PATH) if refused is None else await _own(visit, refused)


async def _own(visit: Visit, refused: Refusal | None = None, app: str = "") -> Response:
    answer = await visit.ask("desk_me")
    return desk.page(visit, "sign_in", answer, refused, methods=await _methods(visit), **_app(app))


async def _methods(visit: Visit) -> Mapping[str, Any] | None:
    """None for operators with a token, who never log in."""
    if visit.session is None or visit.session.refresh is None:
        return None
    return await visit.look("/auth/login-methods")


def _app(address: str) -> dict[str, str]:
    """What an authenticator app takes in, where there is a secret to show."""
    secret = second_factor.secret_of(address)
    qr = qr_code(address, "QR code of the secret") if secret else ""
    return {"app": address if secret else "", "secret": second_factor.in_groups(secret), "qr": qr}


ROUTES = [
    action(f"{STAFF_LOGIN}/passkey/options", login_options),
    action(f"{STAFF_LOGIN}/passkey", enter),
    staff(PATH, show),
    action(f"{KEYS}/options", add_options, for_staff=True),
    action(KEYS, add, for_staff=True),
    action(f"{KEYS}/{{id}}/name", rename, for_staff=True),
    action(f"{KEYS}/{{id}}/remove", remove, for_staff=True),
    action(f"{PATH}/app", begin_app, for_staff=True),
    action(f"{PATH}/app/confirm", confirm_app, for_staff=True),
]
