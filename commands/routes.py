"""Which decider answers a command, and in which stream its facts live."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from domain.api_key import commands as api_key
from domain.api_key.decider import ApiKeys, api_key_decider
from domain.cart import commands as cart
from domain.cart.decider import cart_decider
from domain.cart.state import Cart
from domain.category import commands as category
from domain.category.decider import CategoryTree, category_decider
from domain.customer import commands as customer
from domain.customer.decider import customer_decider
from domain.customer.state import Customer
from domain.order import commands as order
from domain.order.decider import Order, order_decider
from domain.payment import commands as payment
from domain.payment.decider import Payment, payment_decider
from domain.person.commands import ForgetPerson
from domain.person.decider import Person, person_decider
from domain.product import commands as product
from domain.product.decider import product_decider
from domain.product.state import Product
from domain.promotion import commands as promotion
from domain.promotion.decider import promotion_decider
from domain.promotion.state import PROMOTION_BOOK, PromotionBook
from domain.publication.commands import RequestPublication
from domain.publication.decider import Publication, publication_decider
from domain.read_model.commands import RebuildReadModel
from domain.read_model.decider import ReadModel, read_model_decider
from domain.shared.decider import Decider
from domain.shipment import commands as shipment
from domain.shipment.decider import Shipment, shipment_decider
from domain.sku.commands import ClaimSku
from domain.sku.decider import SkuOwner, sku_decider
from domain.staff import commands as staff
from domain.staff.decider import staff_decider
from domain.staff.state import Roster
from domain.stock import commands as stock
from domain.stock.decider import Stock, stock_decider

CATEGORY_TREE = "category-tree"
STAFF_ROSTER = "staff-roster"
API_KEYS = "apikey-registry"


@dataclass(frozen=True, slots=True)
class Route:
    """How one aggregate is reached.

    `version` names the shape of the state; change it with the shape, and old snapshots are left alone. Only `long`
    streams have snapshots: a lookup costs as much as reading a short stream. `begins` are the commands that mostly open
    a stream, so that nothing need be read before the append says otherwise.
    """

    decider: Decider[Any, Any, Any]
    stream_of: Callable[[Any], str]
    state: type[Any]
    version: str
    long: bool = False
    begins: frozenset[type[Any]] = frozenset()


def stock_stream(sku: str, warehouse: str) -> str:
    """One stream per SKU and warehouse, so that a hot SKU is hot in one place only."""
    return f"stock-{sku}@{warehouse}"


PRODUCT = Route(
    product_decider,
    lambda c: f"product-{c.product_id}",
    Product,
    "product.1",
    begins=frozenset({product.DraftProduct}),
)
PROMOTION = Route(promotion_decider, lambda _: PROMOTION_BOOK, PromotionBook, "promotion.1", long=True)
CATEGORY = Route(category_decider, lambda _: CATEGORY_TREE, CategoryTree, "category.1", long=True)
SKU = Route(sku_decider, lambda c: f"sku-{c.sku}", SkuOwner, "sku.1", begins=frozenset({ClaimSku}))
STOCK = Route(stock_decider, lambda c: stock_stream(c.sku, c.warehouse), Stock, "stock.2", long=True)
CART = Route(cart_decider, lambda c: f"cart-{c.cart_id}", Cart, "cart.2", begins=frozenset({cart.OpenCart}))
ORDER = Route(order_decider, lambda c: f"order-{c.order_id}", Order, "order.3", begins=frozenset({order.PlaceOrder}))
CUSTOMER = Route(
    customer_decider,
    lambda c: f"customer-{c.subject}",
    Customer,
    "customer.2",
    begins=frozenset({customer.RegisterCustomer}),
)
PERSON = Route(person_decider, lambda c: f"person-{c.subject}", Person, "person.1")
STAFF = Route(staff_decider, lambda _: STAFF_ROSTER, Roster, "staff.2", long=True)
API_KEY = Route(api_key_decider, lambda _: API_KEYS, ApiKeys, "api_key.1", long=True)
PUBLICATION = Route(publication_decider, lambda c: f"publication-{c.event_id}", Publication, "publication.1")
READ_MODEL = Route(read_model_decider, lambda c: f"read-model-{c.name}", ReadModel, "read_model.1")
PAYMENT = Route(
    payment_decider,
    lambda c: f"payment-{c.payment_id}",
    Payment,
    "payment.2",
    begins=frozenset({payment.RequestPayment}),
)
SHIPMENT = Route(
    shipment_decider,
    lambda c: f"shipment-{c.shipment_id}",
    Shipment,
    "shipment.1",
    begins=frozenset({shipment.PlanShipment}),
)

ROUTES: dict[type[Any], Route] = {
    ClaimSku: SKU,
    ForgetPerson: PERSON,
    RequestPublication: PUBLICATION,
    RebuildReadModel: READ_MODEL,
    **dict.fromkeys(get_args(product.ProductCommand), PRODUCT),
    **dict.fromkeys(get_args(category.CategoryCommand), CATEGORY),
    **dict.fromkeys(get_args(promotion.PromotionCommand), PROMOTION),
    **dict.fromkeys(get_args(stock.StockCommand), STOCK),
    **dict.fromkeys(get_args(cart.CartCommand), CART),
    **dict.fromkeys(get_args(order.OrderCommand), ORDER),
    **dict.fromkeys(get_args(customer.CustomerCommand), CUSTOMER),
    **dict.fromkeys(get_args(payment.PaymentCommand), PAYMENT),
    **dict.fromkeys(get_args(shipment.ShipmentCommand), SHIPMENT),
    **dict.fromkeys(get_args(staff.StaffCommand), STAFF),
    **dict.fromkeys(get_args(api_key.ApiKeyCommand), API_KEY),
}
