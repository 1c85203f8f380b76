"""The pages as an ASGI application."""

from collections.abc import Sequence
from types import ModuleType

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from web.api.navigation import Navigation
from web.back_office.pages import MODULES as DESK
from web.drawing import art
from web.http import errors, live
from web.http.headers import SecurityHeaders
from web.http.rendering import Pages
from web.http.static import Static
from web.ports import Ports
from web.storefront import cart, checkout, header, home, orders, product, search, seo
from web.storefront.account.pages import MODULES as ACCOUNT

SHOP: Sequence[ModuleType] = (home, search, product, cart, checkout, orders, header, seo, art, live)
MODULES: Sequence[ModuleType] = (*SHOP, *ACCOUNT, *DESK)
"""Each has a list ROUTES. The first route that matches answers."""


def create_app(ports: Ports) -> ASGIApp:
    """The application; everything outside comes with `ports`."""
    static = Static()
    routes = [route for module in MODULES for route in module.ROUTES]
    app = Starlette(routes=[*_health(ports), *static.routes(), *routes])
    app.state.ports = ports
    app.state.pages = Pages(ports.shop, static)
    app.state.navigation = Navigation(ports)
    errors.install(app)
    return SecurityHeaders(app)


def _health(ports: Ports) -> Sequence[Route]:
    async def live(_request: Request) -> Response:
        return Response(status_code=204)

    async def ready(_request: Request) -> Response:
        if wrong := await ports.health():
            return JSONResponse({"status": "not ready", "wrong": dict(wrong)}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ok"})

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/health", ready)]
