"""What sells most, for everybody: the products, and no figures."""

from datetime import timedelta

import strawberry

from domain.shared.ids import CategoryId, ProductId
from projections import best_sellers
from projections.best_sellers import By
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import LARGEST, key_of
from read_api.products import Product
from read_api.sales import SELLERS

PERIOD = timedelta(days=30)
USUAL = 12
SPARE = 2
"""Times as many are looked up as are asked for: some are not on sale any more."""


async def list_popular(info: Info, first: int = USUAL, category: strawberry.ID | None = None) -> list[Product]:
    if not 1 <= first <= LARGEST:
        raise BadUserInput(f"Ask for 1 to {LARGEST} at once, not for {first}.")
    within = None if category is None else CategoryId(key_of("Category", category))
    await info.context.tables(SELLERS)
    tables = info.context.ports.models.apart(SELLERS)
    since = (info.context.now - PERIOD).date()
    async with info.context.turn():
        top = await best_sellers.top(tables, SPARE * first, By.UNITS, since, None, within)
    entries = await info.context.loaders.products.load_many([ProductId(row.product_id) for row in top])
    on_sale = [entry for entry in entries if entry is not None and entry.product.is_sellable]
    return [Product.of(entry, info) for entry in on_sale[:first]]
