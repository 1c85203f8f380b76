"""Search, its completions, and the pages of categories: lists with facets."""

from starlette.responses import Response

from web.api.faults import NotFound
from web.http.routes import public
from web.http.visit import Visit
from web.storefront.listing import LONGEST_TERM, Wish, listed

SHORTEST = 2


async def search(visit: Visit) -> Response:
    wish = Wish.of(f"{visit.market.prefix}/search", visit.query)
    return visit.page("storefront/search.html", **await listed(visit, wish))


async def category(visit: Visit) -> Response:
    category_id = visit.path["id"]
    found = (await visit.ask("category", id=category_id))["category"]
    if found is None:
        raise NotFound
    wish = Wish.of(visit.request.url.path, visit.query)
    return visit.page("storefront/category.html", category=found, **await listed(visit, wish, category_id))


async def complete(visit: Visit) -> Response:
    """Options for the search field."""
    text = visit.query.get("q", "").strip()[:LONGEST_TERM]
    words = (await visit.ask("complete", "autocomplete", text=text))["autocomplete"] if len(text) >= SHORTEST else []
    return visit.page("parts/completions.html", words=words or [])


ROUTES = [public("/search", search), public("/c/{id}", category), public("/_/complete", complete)]
