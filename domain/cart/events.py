"""What can happen to a cart."""

from dataclasses import dataclass
from datetime import datetime

from domain.cart.commands import Delivery, Offer
from domain.shared.holding import HoldLimits
from domain.shared.ids import CartId, CheckoutId, CustomerId, Sku
from domain.shared.messages import event
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import PricedLine, PriceStep, UnitPrice


@event("cart.opened.v1")
class CartOpened:
    cart_id: CartId
    owner: CustomerId
    currency: str
    at: datetime


@event("cart.item_added.v1")
class ItemAdded:
    cart_id: CartId
    offer: Offer
    quantity: int
    at: datetime


@event("cart.quantity_changed.v1")
class QuantityChanged:
    cart_id: CartId
    sku: Sku
    quantity: int
    at: datetime


@event("cart.item_removed.v1")
class ItemRemoved:
    cart_id: CartId
    sku: Sku
    at: datetime


@event("cart.price_agreed.v1")
class PriceAgreed:
    cart_id: CartId
    sku: Sku
    total: Money
    reason: str
    at: datetime


@event("cart.price_change_accepted.v1")
class PriceChangeAccepted:
    cart_id: CartId
    sku: Sku
    unit_price: UnitPrice
    at: datetime


@event("cart.checked_out.v4")
class CartCheckedOut:
    """The shopper's word: these lines, at these explained prices, delivered so. `total` includes delivery.

    `delivery_steps` add up to the price of the delivery.
    `client` is a pseudonym of the network address; `limits` say how much of the stock may be held for it unpaid.
    `contact` is the e-mail address for mails about the order.
    """

    cart_id: CartId
    checkout_id: CheckoutId
    owner: CustomerId
    lines: tuple[PricedLine, ...]
    delivery: Delivery
    delivery_steps: tuple[PriceStep, ...]
    total: Money
    payment_method: str
    at: datetime
    client: str | None = None
    limits: HoldLimits | None = None
    contact: Sealed | None = None


@event("cart.cancellation_requested.v1")
class CancellationRequested:
    """The checkout is to come to nothing; the cart stays closed until it has."""

    cart_id: CartId
    checkout_id: CheckoutId


@event("cart.reopened.v1")
class CartReopened:
    cart_id: CartId
    checkout_id: CheckoutId
    reason: str


@event("cart.abandoned.v1")
class CartAbandoned:
    cart_id: CartId


@event("cart.handed_over.v1")
class CartHandedOver:
    """The guest has logged in; for them this cart is not there any more."""

    cart_id: CartId
    to_owner: CustomerId
    to_cart: CartId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedLine:
    """A line after the merge: `asked` is the sum of both carts, `quantity` what it came to; 0: it was left out."""

    sku: Sku
    offer: Offer | None
    asked: int
    quantity: int


@event("cart.merged.v1")
class CartMerged:
    cart_id: CartId
    from_cart: CartId
    lines: tuple[MergedLine, ...]
    at: datetime


CartEvent = (
    CartOpened
    | ItemAdded
    | QuantityChanged
    | ItemRemoved
    | PriceAgreed
    | PriceChangeAccepted
    | CartCheckedOut
    | CancellationRequested
    | CartReopened
    | CartAbandoned
    | CartHandedOver
    | CartMerged
)
