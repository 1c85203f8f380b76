"""What the header of cached pages fetches for a visitor with a session: the number of things in the cart."""

from starlette.responses import Response

from web.http.routes import personal
from web.http.visit import Visit
from web.storefront.cart import count


async def me(visit: Visit) -> Response:
    return visit.page("parts/me.html", lines=await count(visit))


ROUTES = [personal("/_/me", me)]
