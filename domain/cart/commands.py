"""What can be asked of a cart."""

from dataclasses import dataclass
from datetime import datetime

from domain.pricing.promotions import ScheduledPromotion, Traits
from domain.shared.holding import HoldLimits
from domain.shared.ids import CartId, CategoryId, CheckoutId, CustomerId, ProductId, Sku, Warehouse
from domain.shared.messages import command
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import UnitPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the catalogue says of a SKU now, looked up before the cart decides."""

    sku: Sku
    product_id: ProductId
    category_id: CategoryId | None
    title: str
    unit_price: UnitPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the goods travel, at what price, and from which warehouses, best first."""

    method: str
    price: Money
    warehouses: tuple[Warehouse, ...]
    address: Sealed | None = None


@command("cart.open.v1")
class OpenCart:
    cart_id: CartId
    owner: CustomerId
    currency: str
    at: datetime


@command("cart.add_item.v1")
class AddItem:
    """Add units; of a SKU that is there already the quantity grows and the offer's price is taken."""

    cart_id: CartId
    offer: Offer
    quantity: int
    at: datetime


@command("cart.change_quantity.v1")
class ChangeQuantity:
    cart_id: CartId
    sku: Sku
    quantity: int
    at: datetime


@command("cart.remove_item.v1")
class RemoveItem:
    cart_id: CartId
    sku: Sku
    at: datetime


@command("cart.agree_price.v1")
class AgreePrice:
    """A member of staff grants a price for the whole line."""

    cart_id: CartId
    sku: Sku
    total: Money
    reason: str
    at: datetime


@command("cart.accept_price_change.v1")
class AcceptPriceChange:
    """The shopper has seen the new price of the SKU and takes it."""

    cart_id: CartId
    offer: Offer
    at: datetime


@command("cart.check_out.v1")
class CheckOutCart:
    """Buy what is in the cart, if `offers` still are what the shopper saw and make `total_seen` with delivery.

    `promotions` and the `traits` of the products are those of now; `delivery` has its price before promotions.
    `quoted_at` is the moment of the quote that the shopper saw, so that a refusal can say what has changed since.
    `client` is a pseudonym of the network address that the shopper comes from; `limits` are those of the shop.
    `contact` is the e-mail address for mails about the order.
    """

    cart_id: CartId
    checkout_id: CheckoutId
    offers: tuple[Offer, ...]
    total_seen: Money
    delivery: Delivery
    payment_method: str
    at: datetime
    client: str | None = None
    limits: HoldLimits | None = None
    promotions: tuple[ScheduledPromotion, ...] = ()
    traits: tuple[Traits, ...] = ()
    quoted_at: datetime | None = None
    contact: Sealed | None = None


@command("cart.cancel_checkout.v1")
class CancelCheckout:
    """The shopper does not want to buy after all; if the order is placed already, it is cancelled."""

    cart_id: CartId
    checkout_id: CheckoutId


@command("cart.reopen.v1")
class ReopenCart:
    """The checkout came to nothing; the shopper may change the cart again."""

    cart_id: CartId
    checkout_id: CheckoutId
    reason: str


@command("cart.abandon.v1")
class AbandonCart:
    """Close the cart if it was not changed after `idle_since`."""

    cart_id: CartId
    idle_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedItem:
    """A line of a guest's cart. `offer` has the price that the guest saw; None: it is not sold any more.

    `available` are the units in all warehouses together.
    """

    sku: Sku
    quantity: int
    offer: Offer | None
    available: int


@command("cart.hand_over.v1")
class HandOverCart:
    """The guest has logged in: what is in this cart goes into a cart of the account."""

    cart_id: CartId
    to_owner: CustomerId
    to_cart: CartId
    at: datetime


@command("cart.merge.v1")
class MergeCart:
    """Put what was in a guest's cart into this cart of the account."""

    cart_id: CartId
    from_cart: CartId
    items: tuple[MergedItem, ...]
    at: datetime


CartCommand = (
    OpenCart
    | AddItem
    | ChangeQuantity
    | RemoveItem
    | AgreePrice
    | AcceptPriceChange
    | CheckOutCart
    | CancelCheckout
    | ReopenCart
    | AbandonCart
    | HandOverCart
    | MergeCart
)
