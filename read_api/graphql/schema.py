"""The schema: what can be asked. `python -m read_api.graphql.schema` writes it to `schema.graphql`."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from domain.shared.recorded import Position
from read_api.audit.history import HistoryEvent, read_history
from read_api.carts import Cart, find_cart
from read_api.catalogue_lists import CatalogueConnection, ScheduledPrice, list_catalogue, list_scheduled_prices
from read_api.categories import Category, departments, find_category
from read_api.checkouts import Checkout, find_checkout
from read_api.cockpit import Cockpit, ProjectionBuild, list_builds, open_cockpit
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.operation_checks import OperationChecks, after
from read_api.graphql.relay import Connection, Node, kind_and_key
from read_api.graphql.scalars import DAY, IDENTIFIER, POSITION, TIME, WHOLE, Whole
from read_api.graphql.text import checked_id
from read_api.order_lists import Me, list_orders, the_caller
from read_api.orders import Order, find_order
from read_api.product_lists import ProductConnection, list_products
from read_api.products import Product, find_product
from read_api.sales import BestSeller, Sales, list_best_sellers, sum_sales
from read_api.search import SearchConnection, complete_text, find_products
from read_api.stock import Stock, StockLevel, find_stock
from read_api.stock_lists import Warehouse, list_stock, list_warehouses
from read_api.subscriptions import Subscription

COMMITTED = Path(__file__).with_name("schema.graphql")

NODES: dict[str, Callable[[Info, strawberry.ID], Awaitable[Node | None]]] = {
    "Product": find_product,
    "Category": find_category,
    "Cart": find_cart,
    "Order": find_order,
    "Checkout": find_checkout,
}


async def find_node(info: Info, id: strawberry.ID) -> Node | None:
    kind, key = kind_and_key(id) or ("", "")
    if kind not in NODES:
        raise BadUserInput(f"{id[:100]!r} is no global id. Take it from an `id` field.")
    return await NODES[kind](info, strawberry.ID(checked_id(key)))


@strawberry.type
class Query:
    """Each field may be null, so that one that is refused leaves the others their answers."""

    node: Node | None = strawberry.field(resolver=find_node, description="Anything by its global id.")

    product: Product | None = strawberry.field(resolver=find_product, description="By id or by SKU.")
    products: ProductConnection | None = strawberry.field(resolver=list_products, description="What is on sale.")
    search: SearchConnection | None = strawberry.field(
        resolver=find_products,
        description="What is on sale and matches, the most likely first, with numbers beside it.",
    )
    autocomplete: list[str] | None = strawberry.field(
        resolver=complete_text, description="Names of goods and categories that a typed beginning may become."
    )
    category: Category | None = strawberry.field(resolver=find_category)
    categories: list[Category] | None = strawberry.field(resolver=departments, description="The departments.")

    me: Me | None = strawberry.field(resolver=the_caller, description="The caller; None for those without token.")
    cart: Cart | None = strawberry.field(resolver=find_cart, description="One's own; staff see all.")
    checkout: Checkout | None = strawberry.field(resolver=find_checkout, description="One's own; staff see all.")
    order: Order | None = strawberry.field(
        resolver=find_order, description="One's own; staff see all. `asOf`: as it was then, and what had happened."
    )

    orders: Connection[Order] | None = strawberry.field(
        resolver=list_orders, description="Everybody's, the newest first. For staff."
    )
    catalogue: CatalogueConnection | None = strawberry.field(
        resolver=list_catalogue, description="Products on sale or not, the latest change first. For the back office."
    )
    scheduled_prices: Connection[ScheduledPrice] | None = strawberry.field(
        resolver=list_scheduled_prices, description="Prices that begin later, the soonest first. For the back office."
    )
    stock_levels: Connection[StockLevel] | None = strawberry.field(
        resolver=list_stock, description="By SKU and warehouse. For staff."
    )
    warehouses: list[Warehouse] | None = strawberry.field(
        resolver=list_warehouses, description="Where there is or was something. For staff."
    )
    stock: Stock | None = strawberry.field(resolver=find_stock, description="For staff.")
    sales: list[Sales] | None = strawberry.field(resolver=sum_sales, description="For the back office and analysts.")
    best_sellers: list[BestSeller] | None = strawberry.field(
        resolver=list_best_sellers, description="For the back office and analysts."
    )
    cockpit: Cockpit | None = strawberry.field(resolver=open_cockpit, description="For the back office.")
    projections: list[ProjectionBuild] | None = strawberry.field(
        resolver=list_builds, description="How far the read models are. For staff."
    )
    history: Connection[HistoryEvent] | None = strawberry.field(
        resolver=read_history, description="A stream as stored, event by event. For auditors."
    )


class Schema(strawberry.Schema):
    """One extension does everything. `@after` belongs to the operation, so no field is wrapped for directives."""

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:  # noqa: ARG002
        return [OperationChecks()]

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Errors are logged where they are made presentable."""


def make() -> Schema:
    scalars: dict[object, Any] = {Position: POSITION, Whole: WHOLE, datetime: TIME, date: DAY, UUID: IDENTIFIER}
    return Schema(
        query=Query,
        subscription=Subscription,
        types=[Product, Category, Cart, Order, Checkout],
        directives=[after],
        config=StrawberryConfig(scalar_map=scalars),
    )


schema = make()

if __name__ == "__main__":
    COMMITTED.write_text(schema.as_str() + "\n")
