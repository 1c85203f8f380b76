"""What some goods would cost with a promotion that is not in force yet, for staff who set prices."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import strawberry

from domain.pricing.promotions import ScheduledPromotion, Traits
from domain.pricing.quote import Item
from domain.shared.ids import Sku
from read_api.delivery import DeliveryMethod, delivery_methods
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.text import checked_id
from read_api.graphql.values import Money, shown
from read_api.price_steps import PriceStep, price_steps
from read_api.quotes import Discount, PricedCart, discounts, traits_of

MOST_ITEMS, MOST_OF_A_SKU = 20, 10_000


@strawberry.input(description="So many units of a SKU.")
class TrialItem:
    sku: strawberry.ID
    quantity: int


TrialItems = Annotated[
    list[TrialItem],
    strawberry.argument(description=f"1 to {MOST_ITEMS} SKUs, each with 1 to {MOST_OF_A_SKU:,} units."),
]


@strawberry.type(description="What one SKU of a trial costs.")
class TrialLine:
    sku: strawberry.ID
    title: str
    quantity: int
    price_steps: list[PriceStep] = strawberry.field(description="They add up to the total.")
    total: Money


@strawberry.type(description="What goods would cost in a cart.")
class Trial:
    lines: list[TrialLine]
    total: Money = strawberry.field(description="Of the goods.")
    discounts: list[Discount] = strawberry.field(description="Of the goods, one for each promotion.")
    delivery_methods: list[DeliveryMethod]
    without_price: list[strawberry.ID] = strawberry.field(
        description="SKUs that have no price now in the currency of the others; they were left out."
    )


async def try_promotion(info: Info, wanted: TrialItems, *more: ScheduledPromotion) -> Trial | None:
    """With the promotions of now and perhaps `more`. None when none of the SKUs has a price."""
    quantities, now = _quantities(wanted), info.context.now
    found = await info.context.loaders.products_by_sku.load_many(list(quantities))
    entries = {sku: entry for sku, entry in zip(quantities, found, strict=True) if entry is not None}
    prices = {sku: price for sku, entry in entries.items() if (price := entry.product.price_of(sku, now)) is not None}
    if not prices:
        return None
    currency = next(iter(prices.values())).amount.currency
    prices = {sku: price for sku, price in prices.items() if price.amount.currency == currency}
    ids = {sku: entries[sku].product_id for sku in prices}
    promotions = (*(await info.context.promotions()).in_force(now), *more)
    traits = await traits_of(info, set(ids.values()), promotions)
    items = tuple(
        Item(
            sku=sku,
            quantity=quantities[sku],
            unit_price=price,
            traits=traits.get(ids[sku]) or Traits(product_id=ids[sku]),
        )
        for sku, price in prices.items()
    )
    return _trial(
        info,
        PricedCart(items, promotions, now, currency),
        {sku: entries[sku].product.title for sku in prices},
        [sku for sku in quantities if sku not in prices],
    )


def _quantities(wanted: Sequence[TrialItem]) -> Counter[Sku]:
    if not 1 <= len(wanted) <= MOST_ITEMS:
        raise BadUserInput(f"Try 1 to {MOST_ITEMS} SKUs at once, not {len(wanted)}.")
    found = Counter[Sku]()
    for it in wanted:
        if not 1 <= it.quantity <= MOST_OF_A_SKU:
            raise BadUserInput(f"Try 1 to {MOST_OF_A_SKU:,} units of a SKU, not {it.quantity}.")
        found[Sku(checked_id(it.sku))] += it.quantity
    return found


def _trial(info: Info, priced: PricedCart, titles: dict[Sku, str], without_price: list[Sku]) -> Trial:
    quoted = priced.quote()
    return Trial(
        lines=[
            TrialLine(
                sku=strawberry.ID(line.sku),
                title=titles[line.sku],
                quantity=line.quantity,
                price_steps=price_steps(line.steps),
                total=shown(line.total),
            )
            for line in quoted.lines
        ],
        total=shown(quoted.goods),
        discounts=discounts(quoted),
        delivery_methods=delivery_methods(info, priced),
        without_price=list(map(strawberry.ID, without_price)),
    )
