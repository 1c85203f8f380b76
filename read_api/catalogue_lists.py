"""Lists of the catalogue for the back office: products in any state, and prices that begin later."""

from datetime import datetime
from functools import partial

import strawberry

from domain.product.state import Phase
from domain.shared.ids import ProductId
from projections import catalogue_lists
from projections.catalogue_lists import PlannedPrice
from read_api.graphql.context import Info
from read_api.graphql.relay import (
    After,
    Before,
    Connection,
    Cursors,
    First,
    Last,
    Number,
    connection,
    edges,
    page_info,
    window,
)
from read_api.graphql.values import Money, described, shown
from read_api.product_lists import CATALOGUE
from read_api.products import Product, ProductStatus

PRODUCTS = Cursors("products by change", Number, str)
PRICES = Cursors("scheduled prices", datetime, str, str)


@strawberry.type(description="A page of products, on sale or not.")
class CatalogueConnection(Connection[Product]):
    pass


@strawberry.type(description="A price of a variant that begins later.")
class ScheduledPrice:
    sku: strawberry.ID
    product_id: strawberry.ID
    valid_from: datetime
    price: Money

    @described(None)
    async def product(self, info: Info) -> Product | None:
        return Product.visible(await info.context.loaders.products.load(ProductId(self.product_id)), info)


async def list_catalogue(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    status: ProductStatus | None = None,
) -> CatalogueConnection:
    asked = window(PRODUCTS, first, after, last, before)
    phase = None if status is None else Phase(status.value)
    page = await catalogue_lists.products(await info.context.tables(CATALOGUE), asked, phase)
    found = edges(page, PRODUCTS, partial(Product.of, info=info))
    return CatalogueConnection(edges=found, page_info=page_info(page, found))


async def list_scheduled_prices(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Connection[ScheduledPrice]:
    asked = window(PRICES, first, after, last, before)
    page = await catalogue_lists.planned_prices(await info.context.tables(CATALOGUE), asked, info.context.now)
    return connection(page, PRICES, _scheduled)


def _scheduled(planned: PlannedPrice) -> ScheduledPrice:
    return ScheduledPrice(
        sku=strawberry.ID(planned.sku),
        product_id=strawberry.ID(planned.product_id),
        valid_from=planned.valid_from,
        price=shown(planned.price),
    )
