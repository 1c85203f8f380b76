"""What can be asked of a product."""

from datetime import datetime

from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.messages import command
from domain.shared.money import Money


@command("product.draft.v1")
class DraftProduct:
    product_id: ProductId
    title: str
    description: str = ""
    brand: str = ""


@command("product.describe.v1")
class DescribeProduct:
    """Change what is said of a product; what is None stays as it is."""

    product_id: ProductId
    title: str | None = None
    description: str | None = None
    brand: str | None = None


@command("product.add_variant.v1")
class AddVariant:
    """`options` distinguish variants, as (name, value) pairs; `base_quantity` is how many units a price is for."""

    product_id: ProductId
    sku: Sku
    options: tuple[tuple[str, str], ...] = ()
    base_quantity: int = 1


@command("product.price_variant.v1")
class PriceVariant:
    """Set the price from `valid_from` on; the latest price whose time has come is the one in force."""

    product_id: ProductId
    sku: Sku
    price: Money
    valid_from: datetime


@command("product.categorise.v1")
class Categorise:
    product_id: ProductId
    category_id: CategoryId


@command("product.attach_media.v1")
class AttachMedia:
    product_id: ProductId
    url: str
    alt: str


@command("product.remove_variant.v1")
class RemoveVariant:
    """Its SKU stays claimed by the product, so that no other product uses it."""

    product_id: ProductId
    sku: Sku
    at: datetime


@command("product.withdraw_price.v1")
class WithdrawPrice:
    """Take back a price that has not begun at `at`."""

    product_id: ProductId
    sku: Sku
    valid_from: datetime
    at: datetime


@command("product.remove_media.v1")
class RemoveMedia:
    product_id: ProductId
    url: str


@command("product.publish.v1")
class Publish:
    product_id: ProductId
    at: datetime


@command("product.unpublish.v1")
class Unpublish:
    product_id: ProductId
    reason: str


@command("product.discontinue.v1")
class Discontinue:
    """Take it out of the range for good."""

    product_id: ProductId
    reason: str


ProductCommand = (
    DraftProduct
    | DescribeProduct
    | AddVariant
    | RemoveVariant
    | PriceVariant
    | WithdrawPrice
    | Categorise
    | AttachMedia
    | RemoveMedia
    | Publish
    | Unpublish
    | Discontinue
)
