"""Product pictures at /art/."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.drawing.pictures import draw
from web.http.caching import IMMUTABLE, shared

POLICY = "default-src 'none'; style-src 'none'; frame-ancestors 'none'"


async def _picture(request: Request) -> Response:
    try:
        told = request.query_params
        drawn = draw(
            request.path_params["shape"], request.path_params["palette"], told.get("label", ""), told.get("size", "")
        )
    except LookupError:
        raise HTTPException(404) from None
    response = Response(drawn, media_type="image/svg+xml", headers={"Content-Security-Policy": POLICY})
    return shared(request, response, IMMUTABLE)


ROUTES = [Route("/art/{shape}-{palette:int}.svg", _picture)]
