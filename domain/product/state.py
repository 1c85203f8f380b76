"""What is known of a product."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from immutables import Map

from domain.shared.ids import CategoryId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice


class Phase(StrEnum):
    """Where a product stands."""

    ABSENT = "absent"
    DRAFT = "draft"
    PUBLISHED = "published"
    DISCONTINUED = "discontinued"


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """A price and when it begins."""

    valid_from: datetime
    price: Money


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that can be bought: what tells it from the others, and its prices, oldest first."""

    options: tuple[tuple[str, str], ...]
    base_quantity: int
    prices: tuple[DatedPrice, ...] = ()

    def price_at(self, at: datetime) -> Money | None:
        """The price in force: the latest one that has begun."""
        begun = bisect_right(self.prices, at, key=lambda dated: dated.valid_from)
        return self.prices[begun - 1].price if begun else None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or the like, and the words for those who cannot see it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Product:
    """What we say of a product, the variants it comes in, and whether it is on sale."""

    phase: Phase = Phase.ABSENT
    title: str = ""
    description: str = ""
    brand: str = ""
    category_id: CategoryId | None = None
    currency: str | None = None
    variants: Map[Sku, Variant] = field(default_factory=Map)
    media: tuple[Media, ...] = ()

    @property
    def is_sellable(self) -> bool:
        """Whether shoppers can buy it."""
        return self.phase is Phase.PUBLISHED

    def price_of(self, sku: Sku, at: datetime) -> UnitPrice | None:
        """The list price of a variant at a time; None when it has none, or there is no such variant."""
        if (variant := self.variants.get(sku)) is None or (price := variant.price_at(at)) is None:
            return None
        return UnitPrice(amount=price, base_quantity=variant.base_quantity)
