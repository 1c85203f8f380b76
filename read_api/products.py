"""Products and their variants, at the prices of now."""

from datetime import datetime
from enum import Enum
from typing import Self, cast

import strawberry

from domain.product.state import Phase
from domain.product.state import Product as State
from domain.product.state import Variant as VariantState
from domain.shared.ids import ProductId, Sku
from projections.dated_prices import lowest_price
from projections.product_catalogue import Entry
from projections.product_listings import Card
from projections.product_page import ProductPage
from projections.search.question import Hit
from read_api.categories import Category
from read_api.graphql.access import DRAFTS, PLANNED_PRICES
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import Node, id_from, key_of
from read_api.graphql.values import Eventually, Money, amount_of, described, shown


@strawberry.enum(description="Where a product stands. One that was unpublished is a draft again.")
class ProductStatus(Enum):
    DRAFT = Phase.DRAFT.value
    PUBLISHED = Phase.PUBLISHED.value
    DISCONTINUED = Phase.DISCONTINUED.value


@strawberry.type(description="A name and a value that tell variants apart.")
class Option:
    name: str
    value: str


@strawberry.type(description="A price of a variant, and when it began or begins.")
class DatedPrice:
    valid_from: datetime
    price: Money


@strawberry.type(description="One thing that can be put into a cart.")
class Variant:
    sku: strawberry.ID
    options: list[Option]
    base_quantity: int = strawberry.field(description="How many units the price is for.")
    price: Money | None = strawberry.field(description="In force now.")
    known: strawberry.Private[bool | None]
    state: strawberry.Private[VariantState]

    @described("Every price so far, the oldest first. With the permission `prices`, those that begin later as well.")
    def prices(self, info: Info) -> list[DatedPrice]:
        now = None if PLANNED_PRICES.permits(info.context.caller) else info.context.now
        return [
            DatedPrice(valid_from=dated.valid_from, price=shown(dated.price))
            for dated in self.state.prices
            if now is None or dated.valid_from <= now
        ]

    @described("Whether a unit can be bought: a warehouse that the shop sells from has one.", bool)
    def in_stock(self, info: Info) -> Eventually[bool]:
        return self._counted(info) if self.known is None else self.known

    async def _counted(self, info: Info) -> bool:
        levels = await info.context.loaders.stock.load(Sku(self.sku))
        sells = info.context.ports.warehouses
        return any(level.available > 0 for level in levels or [] if sells is None or level.warehouse in sells)


@strawberry.type(description="A picture or the like.")
class Media:
    url: str
    alt: str


@strawberry.type(description="What the shop sells, in one or more variants.")
class Product(Node):
    id: strawberry.ID = strawberry.field(resolver=id_from("Product", "product_id"))
    product_id: strawberry.ID
    title: str
    brand: str
    on_sale: bool = strawberry.field(description="Whether shoppers see it.")

    @described(None, str)
    def description(self, info: Info) -> Eventually[str]:
        return self._described(info) if isinstance(self.known, Card) else self.known.description

    @described("The lowest price among the variants, in force now.")
    def price(self) -> Money | None:
        if isinstance(known := self.known, Card):
            return amount_of(known.amount, known.currency)
        lowest = lowest_price(known, self.now)
        return shown(lowest) if lowest else None

    @strawberry.field
    def media(self) -> list[Media]:
        return cast(list[Media], self.known.media)

    @described(None, list[Variant])
    def variants(self, info: Info) -> Eventually[list[Variant]]:
        return self._in_variants(info) if isinstance(self.known, Card) else self._variants(self.known)

    @described(None, Category | None)
    def category(self, info: Info) -> Eventually[Category | None]:
        it = self.known.category_id
        if it is None:
            return None
        return Category.at_the_end_of(self.page.way) if self.page and self.page.way else Category.found(it, info)

    @described("When it was last changed: described, priced, published or the like.", datetime)
    def changed_at(self, info: Info) -> Eventually[datetime]:
        return self.entry.changed_at if self.entry else self._changed_at(info)

    @described("For `If-Match`.", int)
    def revision(self, info: Info) -> Eventually[int]:
        return self.entry.revision if self.entry else self._revision(info)

    @described(None)
    def status(self) -> ProductStatus:
        if isinstance(self.known, Card):
            return ProductStatus.PUBLISHED
        return ProductStatus(self.known.phase.value)

    known: strawberry.Private[State | Card]
    entry: strawberry.Private[Entry | None]
    now: strawberry.Private[datetime]
    page: strawberry.Private[ProductPage | None]

    def _variants(self, state: State) -> list[Variant]:
        in_stock = self.page.in_stock if self.page else None
        return [_variant(sku, it, self.now, in_stock) for sku, it in sorted(state.variants.items())]

    async def _described(self, info: Info) -> str:
        return (await self._whole(info)).description

    async def _changed_at(self, info: Info) -> datetime:
        return (await self._entry(info)).changed_at

    async def _revision(self, info: Info) -> int:
        return (await self._entry(info)).revision

    async def _entry(self, info: Info) -> Entry:
        it = ProductId(self.product_id)
        return await info.context.loaders.products.load(it) or Entry(product_id=it)

    async def _in_variants(self, info: Info) -> list[Variant]:
        return self._variants(await self._whole(info))

    async def _whole(self, info: Info) -> State:
        """What a card lacks; read with all other products of the list, unless it was found with the card."""
        if isinstance(self.known, Hit):
            return self.known.product
        return (await self._entry(info)).product

    @classmethod
    def visible(cls, entry: Entry | None, info: Info, page: ProductPage | None = None) -> Self | None:
        """What is not on sale is for those who may read drafts."""
        if entry is None or not (entry.product.is_sellable or DRAFTS.permits(info.context.caller)):
            return None
        return cls.of(entry, info, page)

    @classmethod
    def of(cls, entry: Entry, info: Info, page: ProductPage | None = None) -> Self:
        """Fields that cost something are made when they are asked for; a page knows more than its product."""
        product = entry.product
        return cls(
            product_id=strawberry.ID(entry.product_id),
            title=product.title,
            brand=product.brand,
            on_sale=product.is_sellable,
            known=product,
            entry=entry,
            now=info.context.now,
            page=page,
        )

    @classmethod
    def on_shelf(cls, card: Card, now: datetime) -> Self:
        """A product of a list or of a search: on sale. `__init__` would take three times as long."""
        it = cls.__new__(cls)
        it.product_id, it.title, it.brand = card.product_id, card.title, card.brand  # type: ignore[assignment]
        it.on_sale, it.known, it.entry, it.now, it.page = True, card, None, now, None
        return it


def _variant(sku: Sku, variant: VariantState, now: datetime, in_stock: frozenset[Sku] | None) -> Variant:
    price = variant.price_at(now)
    return Variant(
        sku=strawberry.ID(sku),
        options=[Option(name=name, value=value) for name, value in variant.options],
        base_quantity=variant.base_quantity,
        price=shown(price) if price else None,
        known=None if in_stock is None else sku in in_stock,
        state=variant,
    )


async def find_product(info: Info, id: strawberry.ID | None = None, sku: strawberry.ID | None = None) -> Product | None:
    match id, sku:
        case str(), None:
            page = await info.context.product_page(ProductId(key_of("Product", id)))
            return Product.visible(page.entry, info, page) if page else None
        case None, str():
            return Product.visible(await info.context.loaders.products_by_sku.load(Sku(sku)), info)
    raise BadUserInput("Name the product by its id or by a SKU.")
