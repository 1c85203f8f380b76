"""Error pages. They need neither API."""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.api.faults import AccessRefused, NotFound, ReauthenticationRequired, SessionOver, TryLater
from web.api.write import Refused
from web.http.markets import page_of
from web.http.visit import Visit
from web.ports import ApiUnreachable, JobsUnavailable, SessionsUnavailable, TooManyJobs
from web.texts.languages import noted
from web.texts.links import STAFF_AGAIN, STAFF_LOGIN
from web.texts.problems import text_of

TITLES: Mapping[int, tuple[str, str]] = {
    400: (noted("This request makes no sense"), noted("Go back and try again.")),
    403: (noted("You may not do this"), noted("Nothing was changed.")),
    404: (noted("There is nothing here"), noted("It may have been removed, or the address may be mistyped.")),
    405: (noted("This cannot be done here"), noted("Go back and try again.")),
    409: (noted("This is not possible any more"), noted("Something has changed in the meantime. Nothing was done.")),
    413: (noted("That was too much"), noted("Send less at once.")),
    415: (noted("This form cannot be read"), noted("Go back and try again.")),
    500: (noted("Something went wrong on our side"), noted("It was recorded. Your cart and your orders are safe.")),
    429: (
        noted("Too much at once"),
        noted("You have many things under way. Wait until one has ended; this one was not begun."),
    ),
    503: (noted("The shop is busy"), noted("Your cart and your orders are safe. Try again in a moment.")),
}
REBUILDING = (
    noted("This page is being prepared"),
    noted("The shop was upgraded and computes its data again. It takes minutes."),
)
CROSS_SITE = noted("The form was sent from a page of another site, so nothing was done. Open the shop and try again.")

log = structlog.get_logger()


def install(app: Starlette) -> None:
    """Let every error leave as a page."""
    handlers = {
        HTTPException: _by_status,
        NotFound: _not_found,
        AccessRefused: _refused_access,
        SessionOver: _session_over,
        ReauthenticationRequired: _password_again,
        TryLater: _try_later,
        ApiUnreachable: _try_later,
        SessionsUnavailable: _try_later,
        JobsUnavailable: _try_later,
        TooManyJobs: _too_many,
        Refused: _refused,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def error_page(request: Request, status: int, *, text: str = "", title: str = "", **more: Any) -> Response:
    """A page that says what is the matter and where to go on."""
    usual_title, usual_text = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    context = {"status": status, "title": title or usual_title, "text": text or usual_text, "number": None, **more}
    return _visit(request).page("error.html", status, **context)


def _visit(request: Request) -> Visit:
    known = getattr(request.state, "visit", None)
    return known if isinstance(known, Visit) else Visit(request, request.app.state.ports, request.app.state.pages)


async def _by_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = CROSS_SITE if error.status_code == 403 else ""
    response = error_page(request, error.status_code, text=text)
    response.headers.update(error.headers or {})
    return response


async def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return error_page(request, 404)


async def _refused_access(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return error_page(request, 403)


async def _session_over(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """The token is over: forget the session, and let the visitor begin again."""
    visit = _visit(request)
    was_staff = visit.session is not None and visit.session.is_staff
    await visit.leave()
    if request.method == "GET" and not visit.is_fragment:
        return visit.go(STAFF_LOGIN if was_staff else visit.here)
    return error_page(request, 403, title="Your session has ended", text="Open the shop again; nothing was done.")


async def _password_again(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Ask for the password, and come back to the page of the form."""
    query = {"to": page_of(request, request.url.path), "repeat": _template(request).rpartition("/")[2]}
    return _visit(request).go(f"{STAFF_AGAIN}?{urlencode(query)}")


async def _try_later(request: Request, error: Exception) -> Response:
    later = error if isinstance(error, TryLater) else TryLater()
    title, text = REBUILDING if later.rebuilding else TITLES[503]
    response = error_page(request, 503, title=title, text=text)
    response.headers["Retry-After"] = str(max(1, math.ceil(later.seconds)))
    return response


async def _too_many(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return error_page(request, 429)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    status = error.status if error.status in TITLES else 409 if error.status < 500 else 500
    if status >= 500:
        return await _unexpected(request, error)
    return error_page(
        request, status, text="" if status == 404 else text_of(error, english=_visit(request).market.is_english)
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    number = request.app.state.ports.new_key()
    log.error("page failed", error_id=number, method=request.method, path=_template(request), exc_info=error)
    return error_page(request, 500, number=number)


def _template(request: Request) -> str:
    """The route's path: the one that was asked for may hold what a visitor typed."""
    return str(getattr(request.scope.get("route"), "path", "unmatched"))
