"""What search engines ask for: robots.txt, and sitemaps of the categories with their products (sitemaps.org)."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.http.routes import public
from web.http.visit import Visit
from web.texts.links import category_link, product_link

HOURLY = "public, max-age=3600, stale-while-revalidate=86400"
CLOSED = ("/_/", "/account", "/cart", "/checkout", "/desk", "/o/", "/orders", "/search")
MOST_PAGES = 100
"""Of a hundred products each, in one sitemap; the protocol allows 50,000 addresses."""

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


async def robots(visit: Visit) -> Response:
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED)
    text = f"User-agent: *\n{closed}Sitemap: {visit.ports.shop.address}/sitemap.xml\n"
    return Response(text, media_type="text/plain")


async def sitemap(visit: Visit) -> Response:
    """A sitemap for each category below a department, and for each department without any."""
    departments = (await visit.ask("sitemap"))["categories"]
    ids = [it["categoryId"] for department in departments for it in department["children"] or [department]]
    return _xml("sitemapindex", "sitemap", (f"{visit.ports.shop.address}/sitemap/{it}.xml" for it in ids))


async def of_category(visit: Visit) -> Response:
    category_id, cursor = segment(visit.path["id"]), None
    if (await visit.ask("category", id=category_id))["category"] is None:
        raise NotFound
    paths = [category_link({"categoryId": category_id})]
    for _ in range(MOST_PAGES):
        found = (await visit.ask("sitemap_products", category=category_id, cursor=cursor))["products"]
        paths += [product_link(edge["node"]) for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        cursor = found["pageInfo"]["endCursor"]
    return _xml("urlset", "url", (visit.ports.shop.address + path for path in paths))


def _xml(root: str, item: str, addresses: Iterable[str]) -> Response:
    items = "".join(f"<{item}><loc>{escape(it)}</loc></{item}>\n" for it in addresses)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Response(f'{head}<{root} xmlns="{NAMESPACE}">\n{items}</{root}>\n', media_type="application/xml")


ROUTES = [
    public("/robots.txt", robots, HOURLY),
    public("/sitemap.xml", sitemap, HOURLY),
    public("/sitemap/{id}.xml", of_category, HOURLY),
]
