"""How a page becomes a route. Each module of pages has a list `ROUTES` of these; web/app.py joins them.

public(path, page)     the same for all: no session is looked at, no token sent; caches may keep it
personal(path, page)   for the visitor: `visit.session` is theirs, or None; nothing is kept
member(path, page)     as personal, for shoppers who have logged in; others are sent to the login
staff(path, page)      as personal, for staff who have logged in; others are sent to the login
action(path, page)     a POST that changes something; requests of other sites are refused
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.http import cookies
from web.http.caching import PUBLIC, shared
from web.http.headers import is_cross_site
from web.http.session import with_living_token
from web.http.visit import Visit
from web.texts.links import LOGIN, STAFF_LOGIN

Page = Callable[[Visit], Awaitable[Response]]


def public(path: str, page: Page, control: str = PUBLIC) -> Route:
    async def respond(request: Request) -> Response:
        await request.app.state.navigation.look()
        return shared(request, await page(_visit(request)), control)

    return Route(path, respond, methods=["GET"])


def personal(path: str, page: Page) -> Route:
    async def respond(request: Request) -> Response:
        await request.app.state.navigation.look()
        return await page(await _visit_with_session(request))

    return Route(path, respond, methods=["GET"])


def member(path: str, page: Page) -> Route:
    async def respond(request: Request) -> Response:
        await request.app.state.navigation.look()
        visit = await _visit_with_session(request)
        if visit.session is None or not visit.session.is_member:
            return visit.go(f"{LOGIN}?to={quote(visit.here_with_query)}")
        return await page(visit)

    return Route(path, respond, methods=["GET"])


def staff(path: str, page: Page) -> Route:
    async def respond(request: Request) -> Response:
        visit = await _visit_with_session(request)
        if visit.session is None or not visit.session.is_staff:
            return visit.go(f"{STAFF_LOGIN}?to={quote(visit.here_with_query)}")
        return await page(visit)

    return Route(path, respond, methods=["GET"])


def action(path: str, page: Page, *, for_staff: bool = False, for_member: bool = False) -> Route:
    async def respond(request: Request) -> Response:
        if is_cross_site(request.method, request.headers, request.app.state.ports.shop.address):
            raise HTTPException(403)
        visit = await _visit_with_session(request)
        if for_staff and (visit.session is None or not visit.session.is_staff):
            return visit.go(STAFF_LOGIN)
        if for_member and (visit.session is None or not visit.session.is_member):
            return visit.go(LOGIN)
        return await page(visit)

    return Route(path, respond, methods=["POST"])


def _visit(request: Request) -> Visit:
    return Visit(request, request.app.state.ports, request.app.state.pages)


async def _visit_with_session(request: Request) -> Visit:
    """Raises SessionOver, TryLater, SessionsUnavailable."""
    visit = _visit(request)
    request.state.visit = visit
    secret = cookies.secret_in(request, visit.ports.shop)
    if secret is not None and (found := await visit.ports.sessions.find(secret)) is not None:
        visit.secret = secret
        visit.session = await with_living_token(visit.ports, secret, found)
    return visit
