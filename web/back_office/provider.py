"""Signing in at the identity provider: off to it, and back with a code.

The way back is a GET, as OpenID Connect has it. It logs in only the browser that began: a cookie there has the state.
"""

import hmac

from starlette.responses import RedirectResponse, Response

from web.api.faults import NotFound, TryLater
from web.api.write import Refused
from web.back_office.second_factor import REQUIRED, begin, login_page, second_step
from web.http import cookies
from web.http.routes import personal
from web.http.visit import Visit
from web.storefront.account.entering import device
from web.storefront.account.links import token_in
from web.texts.links import STAFF_HOME, STAFF_LOGIN, desk_path

PATH = f"{STAFF_LOGIN}/provider"
BROKEN_OFF = "The sign-in at the identity provider was broken off. Try again."
OF_ANOTHER = "This sign-in was begun elsewhere, or too long ago. Begin again."
LONGEST = 4_096


async def leave_for(visit: Visit) -> Response:
    return await _begin(visit, desk_path(visit.query.get("to", "")), {"fresh": bool(visit.query.get("fresh"))})


async def join_at(visit: Visit) -> Response:
    if not (token := token_in(visit.query)):
        raise NotFound
    return await _begin(visit, STAFF_HOME, {"invitation": token})


async def _begin(visit: Visit, to: str, body: dict[str, object]) -> Response:
    if not visit.ports.shop.staff_provider:
        raise NotFound
    try:
        begun = (await visit.submit("/auth/provider/begin", body)).document
    except (Refused, TryLater) as error:
        return _refused(visit, error, to)
    response = RedirectResponse(str(begun["address"]), 303)
    cookies.begin_login(response, visit.request, visit.ports.shop, str(begun["state"]), to)
    return response


async def back(visit: Visit) -> Response:
    state, to = cookies.begun_login_in(visit.request, visit.ports.shop)
    response = await _back(visit, state, desk_path(to))
    cookies.end_login(response, visit.request, visit.ports.shop)
    return response


async def _back(visit: Visit, state: str, to: str) -> Response:
    returned, code = visit.query.get("state", ""), visit.query.get("code", "")
    if not state or not hmac.compare_digest(state.encode(), returned.encode()):
        return login_page(visit, {"to": to}).again(head=OF_ANOTHER)
    if not 0 < len(code) <= LONGEST:
        return login_page(visit, {"to": to}).again(head=BROKEN_OFF)
    body = {"state": state, "code": code, "device": device(visit)}
    if issuer := visit.query.get("iss"):
        body["iss"] = issuer
    try:
        done = await visit.submit("/auth/provider/complete", body)
    except (Refused, TryLater) as error:
        if isinstance(error, Refused) and error.code == REQUIRED:
            return await second_step(visit, error, to, "")
        return _refused(visit, error, to)
    await begin(visit, done.document)
    return visit.go(to)


def _refused(visit: Visit, error: Refused | TryLater, to: str) -> Response:
    page = login_page(visit, {"to": to})
    return page.again(head=str(error)) if isinstance(error, Refused) and error.status == 502 else page.refused(error)


ROUTES = [personal(PATH, leave_for), personal("/desk/join/provider", join_at), personal(f"{PATH}/back", back)]
