"""Products and their variants, at the prices of now."""

from typing import Self

import strawberry

from domain.product.state import Variant as VariantState
from domain.shared.ids import CategoryId, ProductId, Sku
from projections.dated_prices import lowest_price
from projections.product_catalogue import Entry
from read_api.categories import Category
from read_api.context import Info
from read_api.errors import BadUserInput
from read_api.relay import Node, global_id, key_of
from read_api.values import Money, described, shown


@strawberry.type(description="A name and a value that tell variants apart.")
class Option:
    name: str
    value: str


@strawberry.type(description="One thing that can be put into a cart.")
class Variant:
    sku: strawberry.ID
    options: list[Option]
    base_quantity: int = strawberry.field(description="How many units the price is for.")
    price: Money | None = strawberry.field(description="In force now.")

    @described("Whether a unit can be promised.")
    async def in_stock(self, info: Info) -> bool:
        levels = await info.context.loaders.stock.load(Sku(self.sku))
        return any(level.available > 0 for level in levels or [])


@strawberry.type(description="A picture or the like.")
class Media:
    url: str
    alt: str


@strawberry.type(description="What the shop sells, in one or more variants.")
class Product(Node):
    product_id: strawberry.ID
    title: str
    description: str
    brand: str
    on_sale: bool = strawberry.field(description="Whether shoppers see it.")
    price: Money | None = strawberry.field(description="The lowest price among the variants, in force now.")
    media: list[Media]
    variants: list[Variant]
    category_id: strawberry.Private[CategoryId | None]

    @classmethod
    def visible(cls, entry: Entry | None, info: Info) -> Self | None:
        """What is not on sale is for the back office only."""
        if entry is None or not (entry.product.is_sellable or info.context.is_staff()):
            return None
        return cls.of(entry, info)

    @classmethod
    def of(cls, entry: Entry, info: Info) -> Self:
        product, now = entry.product, info.context.now
        lowest = lowest_price(product, now)
        variants = ((sku, variant, variant.price_at(now)) for sku, variant in sorted(product.variants.items()))
        return cls(
            id=global_id("Product", entry.product_id),
            product_id=strawberry.ID(entry.product_id),
            title=product.title,
            description=product.description,
            brand=product.brand,
            on_sale=product.is_sellable,
            price=shown(lowest) if lowest else None,
            media=[Media(url=media.url, alt=media.alt) for media in product.media],
            variants=[_variant(sku, variant, shown(price) if price else None) for sku, variant, price in variants],
            category_id=product.category_id,
        )

    @strawberry.field
    async def category(self, info: Info) -> Category | None:
        if self.category_id is None:
            return None
        state = await info.context.loaders.categories.load(self.category_id)
        return Category.of(state) if state else None


def _variant(sku: Sku, variant: VariantState, price: Money | None) -> Variant:
    options = [Option(name=name, value=value) for name, value in variant.options]
    return Variant(sku=strawberry.ID(sku), options=options, base_quantity=variant.base_quantity, price=price)


async def find_product(info: Info, id: strawberry.ID | None = None, sku: strawberry.ID | None = None) -> Product | None:
    loaders = info.context.loaders
    match id, sku:
        case str(), None:
            return Product.visible(await loaders.products.load(ProductId(key_of("Product", id))), info)
        case None, str():
            return Product.visible(await loaders.products_by_sku.load(Sku(sku)), info)
    raise BadUserInput("Name the product by its id or by a SKU.")
