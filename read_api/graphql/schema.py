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
from domain.staff.permissions import Permission
from read_api.audit.history import HistoryEvent, find_event, read_history
from read_api.audit.states import Change, StreamState, Verification, find_changes, find_state, verify_chain
from read_api.carts import Cart, find_cart
from read_api.catalogue_lists import CatalogueConnection, ScheduledPrice, list_catalogue, list_scheduled_prices
from read_api.categories import Category, departments, find_category
from read_api.checkouts import Checkout, find_checkout
from read_api.cockpit import Cockpit, ProjectionBuild, list_builds, open_cockpit
from read_api.delivery import DeliveryMethod, list_delivery_methods
from read_api.graphql.access import ALL_CARTS, ALL_ORDERS, DRAFTS, PLANNED_PRICES, PUBLIC, Access, needs
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.operation_checks import OperationChecks, after
from read_api.graphql.relay import Connection, Node, kind_and_key
from read_api.graphql.scalars import DAY, IDENTIFIER, POSITION, TIME, WHOLE, Whole
from read_api.graphql.text import checked_id
from read_api.order_lists import Me, OrderConnection, list_orders, the_caller
from read_api.orders import Order, find_order, find_order_by_link
from read_api.people import Person, list_people
from read_api.popular import list_popular
from read_api.product_lists import ProductConnection, list_products
from read_api.products import Product, find_product
from read_api.promotions import Promotion, find_promotion, list_promotions
from read_api.sales import BestSeller, Sales, list_best_sellers, sum_sales
from read_api.search import SearchConnection, complete_text, find_products
from read_api.shipments import ShipmentCount, ShipmentTask, count_shipments, list_shipments
from read_api.staff import ApiKey, Role, StaffMember, find_actor_name, list_api_keys, list_roles, list_staff
from read_api.stock import Stock, StockLevel, find_stock
from read_api.stock_lists import Warehouse, list_stock, list_warehouses
from read_api.subscriptions import Subscription

COMMITTED = Path(__file__).with_name("schema.graphql")

NODES: dict[str, tuple[Access, Callable[[Info, strawberry.ID], Awaitable[Node | None]]]] = {
    "Product": (PUBLIC, find_product),
    "Category": (PUBLIC, find_category),
    "Cart": (ALL_CARTS, find_cart),
    "Order": (ALL_ORDERS, find_order),
    "Checkout": (ALL_ORDERS, find_checkout),
}


async def find_node(info: Info, id: strawberry.ID) -> Node | None:
    kind, key = kind_and_key(id) or ("", "")
    if kind not in NODES:
        raise BadUserInput(f"{id[:100]!r} is no global id. Take it from an `id` field.")
    access, find = NODES[kind]
    access.admit(info.context.caller)
    return await find(info, strawberry.ID(checked_id(key)))


@strawberry.type
class Query:
    """Each field may be null, so that one that is refused leaves the others their answers."""

    node: Node | None = PUBLIC.field(find_node, "Anything by its global id, for callers who may read its own field.")

    product: Product | None = PUBLIC.field(find_product, "By id or by SKU.")
    products: ProductConnection | None = PUBLIC.field(list_products, "What is on sale.")
    search: SearchConnection | None = PUBLIC.field(
        find_products, "What is on sale and matches, the most likely first, with numbers beside it."
    )
    autocomplete: list[str] | None = PUBLIC.field(
        complete_text, "Names of goods and categories that a typed beginning may become."
    )
    popular: list[Product] | None = PUBLIC.field(
        list_popular,
        "What is on sale and sold most units in the last 30 days, the most first; `first` is 100 at most.",
    )
    category: Category | None = PUBLIC.field(find_category)
    categories: list[Category] | None = PUBLIC.field(departments, "The departments.")

    me: Me | None = PUBLIC.field(the_caller, "The caller; null without a token.")
    cart: Cart | None = ALL_CARTS.field(find_cart)
    delivery_methods: list[DeliveryMethod] | None = ALL_CARTS.field(
        list_delivery_methods, "How a cart can be delivered."
    )
    checkout: Checkout | None = ALL_ORDERS.field(find_checkout)
    order: Order | None = ALL_ORDERS.field(find_order, "`asOf`: as it was then, and what had happened.")

    order_by_link: Order | None = PUBLIC.field(
        find_order_by_link, "The order that an `Order.link` shows. The link is the permission."
    )

    orders: OrderConnection | None = needs(Permission.ORDERS, Permission.FULFILMENT, Permission.AUDIT).field(
        list_orders, "Everybody's, the newest first."
    )
    catalogue: CatalogueConnection | None = DRAFTS.field(
        list_catalogue, "Products on sale or not, the latest change first."
    )
    scheduled_prices: Connection[ScheduledPrice] | None = PLANNED_PRICES.field(
        list_scheduled_prices, "Prices that begin later, the soonest first."
    )
    promotion: Promotion | None = needs(Permission.PRICES).field(find_promotion)
    promotions: Connection[Promotion] | None = needs(Permission.PRICES).field(
        list_promotions, "Those that were set last first."
    )
    stock_levels: Connection[StockLevel] | None = needs(Permission.STOCK).field(list_stock, "By SKU and warehouse.")
    warehouses: list[Warehouse] | None = needs(Permission.STOCK).field(
        list_warehouses, "Where there is or was something."
    )
    stock: Stock | None = needs(Permission.STOCK).field(find_stock)
    shipments: Connection[ShipmentTask] | None = needs(Permission.FULFILMENT).field(
        list_shipments, "Parcels, those that wait longest first."
    )
    shipment_counts: list[ShipmentCount] | None = needs(Permission.FULFILMENT).field(
        count_shipments, "How many parcels wait for each of the steps."
    )
    people: Connection[Person] | None = needs(Permission.CUSTOMERS).field(
        list_people, "Those who ordered, the latest first."
    )
    sales: list[Sales] | None = needs(Permission.ANALYTICS).field(sum_sales)
    best_sellers: list[BestSeller] | None = needs(Permission.ANALYTICS).field(list_best_sellers)
    cockpit: Cockpit | None = needs(Permission.OPERATIONS).field(open_cockpit)
    projections: list[ProjectionBuild] | None = needs(
        Permission.OPERATIONS, Permission.ANALYTICS, Permission.AUDIT
    ).field(list_builds, "How far the read models are.")
    staff: Connection[StaffMember] | None = needs(Permission.ADMIN).field(list_staff, "By subject.")
    actor_name: str | None = needs(Permission.ADMIN).field(
        find_actor_name,
        "What a member of staff or an API key is called that is named in events and refusals, such as `staff:ada`.",
    )
    roles: list[Role] | None = needs(Permission.ADMIN).field(list_roles, "The roles of staff, by name.")
    api_keys: Connection[ApiKey] | None = needs(Permission.ADMIN).field(
        list_api_keys, "Also those that are over, the latest first."
    )
    history: Connection[HistoryEvent] | None = needs(Permission.AUDIT).field(
        read_history,
        "A stream as stored, event by event. With a filter a page may hold less than was asked for although more "
        "follows: go on from its cursors.",
    )
    event: HistoryEvent | None = needs(Permission.AUDIT).field(
        find_event, "One event of a stream; null when there is no such revision."
    )
    stream_state: StreamState | None = needs(Permission.AUDIT).field(
        find_state,
        "What a product, an order, a cart, a stock item or any other stream with a state was after a revision, at a "
        "time or a position; without these, what it is. None when nothing had happened by then.",
    )
    stream_changes: list[Change] | None = needs(Permission.AUDIT).field(
        find_changes, "What differs between two revisions of a stream."
    )
    verify: Verification | None = needs(Permission.AUDIT).field(
        verify_chain, "The hash chain of a stream, verified now."
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
