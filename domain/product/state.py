"""What is known of a product."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from immutables import Map

from domain.product.events import (
    MediaAttached,
    MediaRemoved,
    PriceWithdrawn,
    ProductCategorised,
    ProductDescribed,
    ProductDiscontinued,
    ProductDrafted,
    ProductEvent,
    ProductPublished,
    ProductUnpublished,
    VariantAdded,
    VariantPriced,
    VariantRemoved,
)
from domain.shared.frozen import replace
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
    """One thing that can be bought: what distinguishes it from the others, and its prices, oldest first."""

    options: tuple[tuple[str, str], ...]
    base_quantity: int
    prices: tuple[DatedPrice, ...] = ()

    def price_at(self, at: datetime) -> Money | None:
        """The price in force: the latest one that has begun."""
        return next((dated.price for dated in reversed(self.prices) if dated.valid_from <= at), None)


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


def evolve(product: Product, event: ProductEvent) -> Product:
    """The product after the fact."""
    match event:
        case ProductDrafted(title=title, description=description, brand=brand):
            return Product(Phase.DRAFT, title, description, brand)
        case ProductDescribed(title=title, description=description, brand=brand):
            return replace(product, title=title, description=description, brand=brand)
        case VariantAdded(sku=sku, options=options, base_quantity=base_quantity):
            return replace(product, variants=product.variants.set(sku, Variant(options, base_quantity)))
        case VariantPriced():
            return _priced(product, event)
        case VariantRemoved(sku=sku):
            return replace(product, variants=product.variants.delete(sku))
        case PriceWithdrawn(sku=sku, valid_from=valid_from):
            variant = product.variants[sku]
            prices = tuple(dated for dated in variant.prices if dated.valid_from != valid_from)
            return replace(product, variants=product.variants.set(sku, replace(variant, prices=prices)))
        case ProductCategorised(category_id=category_id):
            return replace(product, category_id=category_id)
        case MediaAttached(url=url, alt=alt):
            others = tuple(media for media in product.media if media.url != url)
            return replace(product, media=(*others, Media(url, alt)))
        case MediaRemoved(url=url):
            return replace(product, media=tuple(media for media in product.media if media.url != url))
        case ProductPublished():
            return replace(product, phase=Phase.PUBLISHED)
        case ProductUnpublished():
            return replace(product, phase=Phase.DRAFT)
        case ProductDiscontinued():
            return replace(product, phase=Phase.DISCONTINUED)
        case _:
            assert_never(event)


def _priced(product: Product, event: VariantPriced) -> Product:
    """The price list stays sorted; of two prices that begin at one time the later word counts."""
    variant = product.variants[event.sku]
    others = [dated for dated in variant.prices if dated.valid_from != event.valid_from]
    place = bisect_right(others, event.valid_from, key=lambda dated: dated.valid_from)
    prices = (*others[:place], DatedPrice(event.valid_from, event.price), *others[place:])
    priced = product.variants.set(event.sku, replace(variant, prices=prices))
    return replace(product, currency=event.price.currency, variants=priced)
