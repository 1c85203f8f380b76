"""Carts, for their owners and for staff."""

from enum import Enum
from typing import Self

import strawberry

from domain.cart.state import Line
from domain.shared.ids import CartId, Sku
from projections.carts import CartPage, line_total
from read_api.graphql.access import ALL_CARTS
from read_api.graphql.context import Info
from read_api.graphql.relay import Node, global_id, key_of
from read_api.graphql.values import Money, described, shown
from read_api.products import Product


@strawberry.enum(description="What can be done with a cart.")
class CartStatus(Enum):
    OPEN = "open"
    CHECKED_OUT = "checked out"
    ABANDONED = "abandoned"


@strawberry.type(description="So many units of a SKU.")
class CartLine:
    sku: strawberry.ID
    title: str
    quantity: int
    unit_price: Money = strawberry.field(description="As the shopper saw it.")
    base_quantity: int = strawberry.field(description="How many units the unit price is for.")
    agreed: str | None = strawberry.field(description="Why a member of staff granted another price for the line.")
    total: Money

    @described("None when it is no longer on sale.")
    async def product(self, info: Info) -> Product | None:
        return Product.visible(await info.context.loaders.products_by_sku.load(Sku(self.sku)), info)

    @described("What the catalogue says now; None when it cannot be bought any more.")
    async def price_now(self, info: Info) -> Money | None:
        entry = await info.context.loaders.products_by_sku.load(Sku(self.sku))
        if entry is None or not entry.product.is_sellable:
            return None
        price = entry.product.price_of(Sku(self.sku), info.context.now)
        return shown(price.amount) if price else None


@strawberry.type(description="What a shopper means to buy.")
class Cart(Node):
    cart_id: strawberry.ID
    owner: strawberry.ID
    status: CartStatus
    currency: str

    @described("In the order of adding.")
    def lines(self) -> list[CartLine]:
        return [_line(line, self.page) for line in self.page.cart.lines]

    @described("Without delivery.")
    def total(self) -> Money:
        return shown(self.page.total)

    @described("For `If-Match`.")
    def revision(self) -> int:
        return self.page.revision

    checkout_id: strawberry.ID | None = strawberry.field(description="The checkout that is under way or done.")
    page: strawberry.Private[CartPage]

    @classmethod
    def visible(cls, cart_id: CartId, page: CartPage | None, info: Info) -> Self | None:
        """A foreign cart is answered like a missing one."""
        if page is None or page.cart.handed_to is not None or not ALL_CARTS.sees(info.context.caller, page.cart.owner):
            return None
        return cls.of(cart_id, page)

    @classmethod
    def of(cls, cart_id: CartId, page: CartPage) -> Self:
        cart = page.cart
        status = CartStatus.ABANDONED if cart.abandoned else CartStatus.OPEN
        return cls(
            id=global_id("Cart", cart_id),
            cart_id=strawberry.ID(cart_id),
            owner=strawberry.ID(cart.owner or ""),
            status=CartStatus.CHECKED_OUT if cart.checkout_id else status,
            currency=cart.currency,
            checkout_id=strawberry.ID(cart.checkout_id) if cart.checkout_id else None,
            page=page,
        )


def _line(line: Line, page: CartPage) -> CartLine:
    return CartLine(
        sku=strawberry.ID(line.sku),
        title=page.goods[line.sku].title,
        quantity=line.quantity,
        unit_price=shown(line.seen.amount),
        base_quantity=line.seen.base_quantity,
        agreed=line.agreed.reason if line.agreed else None,
        total=shown(line_total(line)),
    )


async def find_cart(info: Info, id: strawberry.ID) -> Cart | None:
    cart_id = CartId(key_of("Cart", id))
    return Cart.visible(cart_id, await info.context.cart(cart_id), info)
