"""Products on sale. Each message holds all there is to know, so that the last one of a product is enough."""

from dataclasses import dataclass
from datetime import datetime

from domain.product.events import ProductDiscontinued, ProductEvent, ProductPublished, ProductUnpublished
from domain.product.state import Product, Variant
from domain.shared.ids import ProductId, Sku
from published.message import message
from published.values import Money, money_of

TOPIC = "products"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What tells a variant from its siblings: a colour, a size."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedPrice:
    """The price from a time on, until the next one begins."""

    valid_from: datetime
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing that can be bought; prices are for `base_quantity` units, oldest first."""

    sku: str
    options: tuple[Option, ...]
    base_quantity: int
    prices: tuple[DatedPrice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture or the like, and the words for those who cannot see it."""

    url: str
    alt: str


@message("product.published.v1", topic=TOPIC, key="product_id")
class Published:
    """The product is on sale now, or still is and reads otherwise."""

    product_id: str
    title: str
    description: str
    brand: str
    category_id: str | None
    offers: tuple[Offer, ...]
    media: tuple[Picture, ...]


@message("product.withdrawn.v1", topic=TOPIC, key="product_id")
class Withdrawn:
    """The product is no longer on sale; `for_good` if it will not come back."""

    product_id: str
    for_good: bool


def translate(fact: ProductEvent, product: Product) -> Published | Withdrawn | None:
    """What a fact means to other systems; `product` is the state after it. Products not on sale are left out."""
    match fact:
        case ProductUnpublished(product_id=it):
            return Withdrawn(product_id=it, for_good=False)
        case ProductDiscontinued(product_id=it):
            return Withdrawn(product_id=it, for_good=True)
        case ProductPublished(product_id=it):
            return _published(it, product)
        case _ if product.is_sellable:
            return _published(fact.product_id, product)
        case _:
            return None


def _published(product_id: ProductId, product: Product) -> Published:
    return Published(
        product_id=product_id,
        title=product.title,
        description=product.description,
        brand=product.brand,
        category_id=product.category_id,
        offers=tuple(_offer(sku, variant) for sku, variant in sorted(product.variants.items())),
        media=tuple(Picture(url=one.url, alt=one.alt) for one in product.media),
    )


def _offer(sku: Sku, variant: Variant) -> Offer:
    return Offer(
        sku=sku,
        options=tuple(Option(name=name, value=value) for name, value in variant.options),
        base_quantity=variant.base_quantity,
        prices=tuple(DatedPrice(valid_from=one.valid_from, price=money_of(one.price)) for one in variant.prices),
    )
