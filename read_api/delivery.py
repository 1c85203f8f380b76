"""How a cart can be delivered, and what that costs."""

import strawberry

from domain.pricing.quote import Charge, Quote
from domain.shared.ids import CartId
from read_api.carts import Cart
from read_api.graphql.context import Info
from read_api.graphql.relay import key_of
from read_api.graphql.values import Money, shown
from read_api.price_steps import PriceStep, price_steps
from read_api.quotes import PricedCart


@strawberry.type(description="A way to deliver a cart.")
class DeliveryMethod:
    method: str = strawberry.field(description="What `delivery_method` of a checkout takes.")
    price: Money = strawberry.field(description="With the promotions of now.")
    price_steps: list[PriceStep] = strawberry.field(description="They add up to the price.")
    total: Money = strawberry.field(description="Of the cart with this delivery: the checkout's `total_seen`.")
    to_address: bool = strawberry.field(description="Whether the checkout needs an address.")


async def list_delivery_methods(info: Info, cart: strawberry.ID) -> list[DeliveryMethod] | None:
    cart_id = CartId(key_of("Cart", cart))
    found = Cart.visible(cart_id, await info.context.cart(cart_id), info)
    if found is None:
        return None
    return delivery_methods(info, await found.priced(info))


def delivery_methods(info: Info, priced: PricedCart) -> list[DeliveryMethod]:
    """All ways of delivery, each with what it costs with these goods."""
    return [
        _method(name, priced.quote(Charge(method=name, price=it.price)), to_address=it.to_address)
        for name, it in info.context.ports.delivery.methods.items()
        if it.price.currency == priced.currency
    ]


def _method(name: str, quoted: Quote, *, to_address: bool) -> DeliveryMethod:
    return DeliveryMethod(
        method=name,
        price=shown(quoted.delivery),
        price_steps=price_steps(quoted.delivery_steps),
        total=shown(quoted.total),
        to_address=to_address,
    )
