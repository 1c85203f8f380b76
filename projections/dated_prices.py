"""Prices that begin at a time of their own, as stretches of time in which the lowest price stays the same.

Stretches that were over at `since` are left out, and the first that is left has no start: a reader whose clock
is a little behind the writer's sees the product all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.product.state import Product
from domain.shared.money import Money

ALWAYS, FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when until when the lowest price of a product stays the same."""

    valid_from: datetime
    valid_until: datetime
    lowest: Money


def lowest_price(product: Product, at: datetime) -> Money | None:
    """The lowest price among the variants."""
    lowest: Money | None = None
    for variant in product.variants.values():
        price = variant.price_at(at)
        if price is not None and (lowest is None or price < lowest):
            lowest = price
    return lowest


def stretches(product: Product, since: datetime) -> Iterator[Stretch]:
    """The price of a product from `since` on, the first stretch without a start if it has begun by then."""
    begins = sorted({dated.valid_from for variant in product.variants.values() for dated in variant.prices})
    for begin, end in zip(begins, [*begins[1:], FOR_EVER], strict=True):
        lowest = lowest_price(product, begin)
        if end > since and lowest is not None:
            yield Stretch(valid_from=ALWAYS if begin <= since else begin, valid_until=end, lowest=lowest)
