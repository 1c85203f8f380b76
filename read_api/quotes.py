"""What a cart costs now, from read models: its quote. The checkout decides on streams, and by the same function."""

from asyncio import gather
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import strawberry

from domain.pricing import quote as pricing
from domain.pricing.promotions import ScheduledPromotion, Traits
from domain.pricing.quote import Charge, Item, Quote
from domain.shared.ids import CategoryId, ProductId, Sku
from projections.carts import CartPage
from read_api.graphql.context import Info
from read_api.graphql.values import Money, shown
from read_api.price_steps import RuleSource


@strawberry.type(description="What one promotion takes off lines and delivery together.")
class Discount:
    reason: str
    amount: Money = strawberry.field(description="Negative.")
    rule: RuleSource


@dataclass(frozen=True, slots=True)
class PricedCart:
    """All that a quote of a cart is made of, for any delivery."""

    items: tuple[Item, ...]
    promotions: tuple[ScheduledPromotion, ...]
    at: datetime
    currency: str

    def quote(self, delivery: Charge | None = None) -> Quote:
        return pricing.quote(self.items, self.promotions, self.at, self.currency, delivery)


async def priced_cart(info: Info, page: CartPage, *more: ScheduledPromotion) -> PricedCart:
    """The cart at the promotions of now, or of the moment at which it was checked out, and perhaps `more`."""
    cart = page.cart
    at = cart.touched_at if cart.checkout_id is not None and cart.touched_at is not None else info.context.now
    promotions = (*(await info.context.promotions()).in_force(at), *more)
    traits = await traits_of(info, {page.goods[line.sku].product_id for line in cart.lines}, promotions)
    items = tuple(
        Item(
            sku=line.sku,
            quantity=line.quantity,
            unit_price=line.seen,
            traits=traits.get(it := _product(page, line.sku)) or Traits(product_id=it),
            agreed=line.agreed,
        )
        for line in cart.lines
    )
    return PricedCart(items, promotions, at, cart.currency)


async def traits_of(
    info: Info, ids: Iterable[ProductId], promotions: Iterable[ScheduledPromotion]
) -> Mapping[ProductId, Traits]:
    """What the promotions look at in these products; nothing if they are for all goods."""
    if all(target.is_everything for rule in promotions for target in rule.promotion.targets):
        return {}
    return {it.product_id: it for it in await gather(*(_traits(info, it) for it in ids))}


def _product(page: CartPage, sku: Sku) -> ProductId:
    return page.goods[sku].product_id


async def _traits(info: Info, it: ProductId) -> Traits:
    entry = await info.context.loaders.products.load(it)
    if entry is None:
        return Traits(product_id=it)
    path: tuple[CategoryId, ...] = ()
    if entry.product.category_id is not None:
        category = await info.context.loaders.categories.load(entry.product.category_id)
        path = category.path if category is not None else ()
    return Traits(product_id=it, brand=entry.product.brand, categories=path)


def discounts(quoted: Quote) -> list[Discount]:
    return [
        Discount(
            reason=it.reason,
            amount=shown(it.amount),
            rule=RuleSource(stream=it.rule.stream, revision=it.rule.revision),
        )
        for it in quoted.discounts()
    ]
