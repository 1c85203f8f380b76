"""The pages as an ASGI application."""

from collections.abc import Sequence
from dataclasses import replace  # noqa: TID251 - the pages import no other package
from types import ModuleType

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from web.api.navigation import Navigation
from web.back_office.pages import MODULES as DESK
from web.drawing import art
from web.http import errors, live
from web.http.headers import SecurityHeaders
from web.http.markets import in_all_markets
from web.http.rendering import Pages
from web.http.static import Static
from web.http.timing import ServerTiming, TimedApi
from web.ports import Ports
from web.storefront import cart, checkout, header, home, orders, product, search, seo, sitemaps
from web.storefront.account.pages import MODULES as ACCOUNT

STOREFRONT: Sequence[ModuleType] = (home, search, product, cart, checkout, orders, header, sitemaps, *ACCOUNT)
"""Pages that every market has."""

OTHERS: Sequence[ModuleType] = (seo, art, live, *DESK)
MODULES: Sequence[ModuleType] = (*STOREFRONT, *OTHERS)
"""Each has a list ROUTES. The first route that matches answers."""


def create_app(ports: Ports) -> ASGIApp:
    """The application; everything outside comes with `ports`."""
    ports = replace(ports, read=TimedApi(ports.read, reads=True), write=TimedApi(ports.write))
    static = Static()
    storefront = in_all_markets(ports.shop, _routes(STOREFRONT))
    app = Starlette(routes=[*_health(ports), *static.routes(), *storefront, *_routes(OTHERS)])
    app.state.ports = ports
    app.state.pages = Pages(ports.shop, static)
    app.state.navigation = Navigation(ports)
    errors.install(app)
    return ServerTiming(SecurityHeaders(app))


def _routes(modules: Sequence[ModuleType]) -> Sequence[BaseRoute]:
    return [route for module in modules for route in module.ROUTES]


def _health(ports: Ports) -> Sequence[Route]:
    async def live(_request: Request) -> Response:
        return Response(status_code=204)

    async def ready(_request: Request) -> Response:
        if wrong := await ports.health():
            return JSONResponse({"status": "not ready", "wrong": dict(wrong)}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ok"})

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/health", ready)]
