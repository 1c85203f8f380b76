"""Sitemaps of the categories with their products (sitemaps.org), a set for each market.

With several markets every address names the same page in the others, as search engines want it.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.http.routes import public
from web.http.visit import Visit
from web.texts.links import category_link, product_link

INDEX = "/sitemap.xml"
HOURLY = "public, max-age=3600, stale-while-revalidate=86400"
MOST_PAGES = 100
"""Of a hundred products each, in one sitemap; the protocol allows 50,000 addresses."""

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
OF_LINKS = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


async def index(visit: Visit) -> Response:
    """A sitemap for each category below a department, and for each department without any."""
    departments = (await visit.ask("sitemap"))["categories"]
    ids = [it["categoryId"] for department in departments for it in department["children"] or [department]]
    items = (f"<sitemap>{_place(visit, visit.market.prefix, f'/sitemap/{it}.xml')}</sitemap>\n" for it in ids)
    return _xml("sitemapindex", items)


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
    return _xml("urlset", (f"<url>{_place(visit, visit.market.prefix, it)}{_links(visit, it)}</url>\n" for it in paths))


def _place(visit: Visit, prefix: str, path: str) -> str:
    return f"<loc>{escape(visit.ports.shop.address + prefix + path)}</loc>"


def _links(visit: Visit, path: str) -> str:
    shop = visit.ports.shop
    if len(shop.markets) == 1:
        return ""
    found = [(it.tag, it.prefix) for it in shop.markets] + [("x-default", "")]
    links = ((tag, escape(shop.address + prefix + path, {'"': "&quot;"})) for tag, prefix in found)
    return "".join(f'<xhtml:link rel="alternate" hreflang="{tag}" href="{address}"/>' for tag, address in links)


def _xml(root: str, items: Iterable[str]) -> Response:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}" {OF_LINKS}>\n'
    return Response(f"{head}{''.join(items)}</{root}>\n", media_type="application/xml")


ROUTES = [public(INDEX, index, HOURLY), public("/sitemap/{id}.xml", of_category, HOURLY)]
