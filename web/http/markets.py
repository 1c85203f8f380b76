"""Which market a request is for: its address says so, and nothing else."""

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route

from web.ports import Shop
from web.texts.markets import Market

DESK = "/desk"


def in_all_markets(shop: Shop, routes: Sequence[BaseRoute]) -> Sequence[BaseRoute]:
    """The pages of the storefront at the paths of every market."""
    others = [it.prefix for it in shop.markets[1:]]
    mounted = [it for prefix in others for it in (Route(prefix, _to_first_page), Mount(prefix, routes=routes))]
    return [*routes, *mounted]


async def _to_first_page(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/", 301)


def market_of(shop: Shop, request: Request) -> Market:
    if is_desk(request.url.path):
        return shop.desk
    prefix = request.scope.get("root_path", "")
    return next((it for it in shop.markets if it.prefix == prefix), shop.markets[0])


def is_desk(path: str) -> bool:
    """Whether a path is one of the back office, which has no market."""
    return re.match(rf"{DESK}([/?]|$)", path) is not None


def page_of(request: Request, path: str) -> str:
    """The page of a form that was sent: the nearest path at or above the form's that has a page."""
    while path and not _has_page(request, path):
        path = path.rpartition("/")[0]
    return path or "/"


def _has_page(request: Request, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
