"""A product: its variants, what it costs and why, and whether it is in stock."""

from starlette.responses import RedirectResponse, Response

from web.api.faults import NotFound
from web.api.write import segment
from web.http.routes import public
from web.http.visit import Visit
from web.texts.links import product_id_in, product_link

MOST_PRICES = 5
"""How far back the page explains a price."""


async def product(visit: Visit) -> Response:
    found = (await visit.ask("product", id=segment(product_id_in(visit.path["last"]))))["product"]
    if found is None:
        raise NotFound
    if (address := product_link(found)) != visit.here:
        return RedirectResponse(visit.market.prefix + address, 301)
    buyable = [variant for variant in found["variants"] if variant["price"]]
    chosen = next((variant for variant in buyable if variant["inStock"]), buyable[0] if buyable else None)
    history = [] if chosen is None else list(reversed(chosen["prices"]))[:MOST_PRICES]
    return visit.page("storefront/product.html", product=found, variants=buyable, chosen=chosen, history=history)


ROUTES = [public("/p/{last}", product)]
