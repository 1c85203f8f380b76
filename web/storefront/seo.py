"""What search engines ask for first: robots.txt."""

from starlette.responses import Response

from web.http.routes import public
from web.http.visit import Visit
from web.storefront.sitemaps import HOURLY, INDEX

CLOSED = ("/_/", "/account", "/cart", "/checkout", "/o/", "/orders", "/search")
"""Of every market; the back office has none."""


async def robots(visit: Visit) -> Response:
    shop = visit.ports.shop
    closed = "".join(f"Disallow: {market.prefix}{path}\n" for market in shop.markets for path in CLOSED)
    sitemaps = "".join(f"Sitemap: {shop.address}{market.prefix}{INDEX}\n" for market in shop.markets)
    return Response(f"User-agent: *\n{closed}Disallow: /desk\n{sitemaps}", media_type="text/plain")


ROUTES = [public("/robots.txt", robots, HOURLY)]
