"""How a cart can be delivered, and what that costs."""

import strawberry

from domain.shared.ids import CartId
from read_api.carts import Cart
from read_api.graphql.context import Info
from read_api.graphql.relay import key_of
from read_api.graphql.values import Money, shown


@strawberry.type(description="A way to deliver a cart.")
class DeliveryMethod:
    method: str = strawberry.field(description="What `delivery_method` of a checkout takes.")
    price: Money
    total: Money = strawberry.field(description="Of the cart with this delivery: the checkout's `total_seen`.")
    to_address: bool = strawberry.field(description="Whether the checkout needs an address.")


async def list_delivery_methods(info: Info, cart: strawberry.ID) -> list[DeliveryMethod] | None:
    cart_id = CartId(key_of("Cart", cart))
    found = Cart.visible(cart_id, await info.context.cart(cart_id), info)
    if found is None:
        return None
    total = found.page.total
    return [
        DeliveryMethod(method=name, price=shown(it.price), total=shown(total + it.price), to_address=it.to_address)
        for name, it in info.context.ports.delivery.methods.items()
        if it.price.currency == total.currency
    ]
