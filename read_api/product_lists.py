"""Lists of products: filtered, sorted, page by page."""

from functools import partial

import strawberry

from domain.shared.ids import CategoryId
from projections import product_catalogue, product_listings
from projections.category_listings import listing_request
from projections.engine.ports import SharedTables
from projections.product_listings import COUNTED_TO, Filter, Sort
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import (
    After,
    Before,
    Connection,
    Cursors,
    First,
    Last,
    Number,
    edges,
    key_of,
    page_info,
    window,
)
from read_api.graphql.values import described
from read_api.products import Product

CATALOGUE = product_catalogue.PROJECTION.name
LONGEST_TEXT = 100

strawberry.enum(Sort, name="ProductSort", description="The order of a list of products.")

CURSORS = {
    Sort.TITLE: Cursors("products by title and id", str, str),
    Sort.CHEAPEST: Cursors("products by price", Number, str),
    Sort.DEAREST: Cursors("products by falling price", Number, str),
    Sort.NEWEST: Cursors("products by age", Number, str),
}


@strawberry.input(description="All that is given has to hold.")
class ProductFilter:
    category: strawberry.ID | None = strawberry.field(default=None, description="Or below it.")
    brand: str | None = None
    min_price: int | None = strawberry.field(default=None, description="In minor units.")
    max_price: int | None = strawberry.field(default=None, description="In minor units.")
    text: str | None = strawberry.field(default=None, description="Each word begins a word of the title.")


@strawberry.type(description="How many there are, counted up to a limit.")
class Total:
    at_least: int
    exact: bool = strawberry.field(description="False: there are more.")


@strawberry.type(description="A page of products.")
class ProductConnection(Connection[Product]):
    wanted: strawberry.Private[Filter]

    @described(f"Counted up to {COUNTED_TO}.")
    async def total(self, info: Info) -> Total:
        await info.context.tables(CATALOGUE)
        async with info.context.turn():
            counted = await product_listings.count(_apart(info), self.wanted, info.context.now)
        return Total(at_least=min(counted, COUNTED_TO), exact=counted <= COUNTED_TO)


async def list_products(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    filter: ProductFilter | None = None,
    sort: Sort = Sort.TITLE,
) -> ProductConnection:
    cursors = CURSORS[sort]
    asked, wanted = window(cursors, first, after, last, before), _wanted(filter)
    await info.context.tables(CATALOGUE)
    now = info.context.now
    if request := listing_request(wanted, sort, asked, now):
        page = await info.context.together.leaves.ask(request)
    else:
        async with info.context.turn():
            page = await product_listings.listed(_apart(info), wanted, sort, asked, now)
    found = edges(page, cursors, partial(Product.on_shelf, now=now))
    return ProductConnection(edges=found, page_info=page_info(page, found), wanted=wanted)


def _apart(info: Info) -> SharedTables:
    """Filters may go through all there is."""
    return info.context.ports.models.apart(CATALOGUE, filtered=True)


def _wanted(asked: ProductFilter | None) -> Filter:
    if asked is None:
        return Filter()
    if asked.text is not None and len(asked.text) > LONGEST_TEXT:
        raise BadUserInput(f"Search for at most {LONGEST_TEXT} characters.")
    return Filter(
        category_id=CategoryId(key_of("Category", asked.category)) if asked.category is not None else None,
        brand=asked.brand,
        price_from=asked.min_price,
        price_to=asked.max_price,
        text=asked.text,
    )
