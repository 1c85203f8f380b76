"""What can happen to a product."""

from datetime import datetime

from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.messages import event
from domain.shared.money import Money


@event("product.drafted.v1")
class ProductDrafted:
    product_id: ProductId
    title: str
    description: str
    brand: str


@event("product.described.v1")
class ProductDescribed:
    product_id: ProductId
    title: str
    description: str
    brand: str


@event("product.variant_added.v1")
class VariantAdded:
    product_id: ProductId
    sku: Sku
    options: tuple[tuple[str, str], ...]
    base_quantity: int


@event("product.variant_priced.v1")
class VariantPriced:
    product_id: ProductId
    sku: Sku
    price: Money
    valid_from: datetime


@event("product.categorised.v1")
class ProductCategorised:
    product_id: ProductId
    category_id: CategoryId


@event("product.media_attached.v1")
class MediaAttached:
    product_id: ProductId
    url: str
    alt: str


@event("product.variant_removed.v1")
class VariantRemoved:
    product_id: ProductId
    sku: Sku


@event("product.price_withdrawn.v1")
class PriceWithdrawn:
    """A price that had not begun never will."""

    product_id: ProductId
    sku: Sku
    valid_from: datetime


@event("product.media_removed.v1")
class MediaRemoved:
    product_id: ProductId
    url: str


@event("product.published.v1")
class ProductPublished:
    product_id: ProductId


@event("product.unpublished.v1")
class ProductUnpublished:
    product_id: ProductId
    reason: str


@event("product.discontinued.v1")
class ProductDiscontinued:
    product_id: ProductId
    reason: str


ProductEvent = (
    ProductDrafted
    | ProductDescribed
    | VariantAdded
    | VariantPriced
    | VariantRemoved
    | PriceWithdrawn
    | ProductCategorised
    | MediaAttached
    | MediaRemoved
    | ProductPublished
    | ProductUnpublished
    | ProductDiscontinued
)
