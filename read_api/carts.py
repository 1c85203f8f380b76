"""Carts, for their owners and for staff."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from domain.cart.state import Line
from domain.pricing.promotions import ScheduledPromotion
from domain.pricing.quote import Quote, QuotedLine
from domain.shared.ids import CartId, Sku
from projections.carts import CartPage
from read_api.graphql.access import ALL_CARTS
from read_api.graphql.context import Info
from read_api.graphql.relay import Node, global_id, key_of
from read_api.graphql.values import Money, described, shown
from read_api.price_steps import PriceStep, price_steps
from read_api.products import Product
from read_api.quotes import Discount, PricedCart, discounts, priced_cart


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
    price_steps: list[PriceStep] = strawberry.field(description="They add up to the total.")
    total: Money = strawberry.field(description="With the promotions of now.")

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
    async def lines(self, info: Info) -> list[CartLine]:
        quoted = await self.quote(info)
        return [_line(line, priced, self.page) for line, priced in zip(self.page.cart.lines, quoted.lines, strict=True)]

    @described("With the promotions of now, without delivery.")
    async def total(self, info: Info) -> Money:
        return shown((await self.quote(info)).goods)

    @described("One for each promotion that takes something off the goods.")
    async def discounts(self, info: Info) -> list[Discount]:
        return discounts(await self.quote(info))

    @described("The moment of these prices: `quoted_at` of a checkout.")
    async def quoted_at(self, info: Info) -> datetime:
        return (await self.quote(info)).at

    async def quote(self, info: Info) -> Quote:
        """Without delivery."""
        if self.quoted is None:
            self.quoted = (await self.priced(info)).quote()
        return self.quoted

    async def priced(self, info: Info) -> PricedCart:
        """What its quotes are made of, for any delivery."""
        return await priced_cart(info, self.page, *self.preview)

    @described("For `If-Match`.")
    def revision(self) -> int:
        return self.page.revision

    checkout_id: strawberry.ID | None = strawberry.field(description="The checkout that is under way or done.")
    page: strawberry.Private[CartPage]
    preview: strawberry.Private[tuple[ScheduledPromotion, ...]]
    quoted: strawberry.Private[Quote | None] = None

    @classmethod
    def visible(cls, cart_id: CartId, page: CartPage | None, info: Info) -> Self | None:
        """A foreign cart is answered like a missing one."""
        if page is None or page.cart.handed_to is not None or not ALL_CARTS.sees(info.context.caller, page.cart.owner):
            return None
        return cls.of(cart_id, page)

    @classmethod
    def of(cls, cart_id: CartId, page: CartPage, *preview: ScheduledPromotion) -> Self:
        """`preview`: promotions that are not in force, as if they were."""
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
            preview=preview,
        )


def _line(line: Line, priced: QuotedLine, page: CartPage) -> CartLine:
    return CartLine(
        sku=strawberry.ID(line.sku),
        title=page.goods[line.sku].title,
        quantity=line.quantity,
        unit_price=shown(line.seen.amount),
        base_quantity=line.seen.base_quantity,
        agreed=line.agreed.reason if line.agreed else None,
        price_steps=price_steps(priced.steps),
        total=shown(priced.total),
    )


async def find_cart(info: Info, id: strawberry.ID) -> Cart | None:
    cart_id = CartId(key_of("Cart", id))
    return Cart.visible(cart_id, await info.context.cart(cart_id), info)
