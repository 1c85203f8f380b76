"""Short words for what happens to a product."""

from datetime import datetime, timedelta

from domain.product.commands import (
    AddVariant,
    AttachMedia,
    Categorise,
    DescribeProduct,
    Discontinue,
    DraftProduct,
    PriceVariant,
    Publish,
    Unpublish,
)
from domain.product.decider import product_decider
from domain.product.events import (
    MediaAttached,
    ProductCategorised,
    ProductDiscontinued,
    ProductDrafted,
    ProductPublished,
    ProductUnpublished,
    VariantAdded,
    VariantPriced,
)
from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.money import Money
from tests.support.builders.strategies import NOON
from tests.support.harness.spec import Spec

given = Spec(product_decider).given
TEACUP = ProductId("teacup")
TEA = CategoryId("tea")
RED, BIG, SMALL = ("colour", "red"), ("size", "big"), ("size", "small")
ONE, TWO = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
IMAGE = "https://img.example/teacup.jpg"


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def draft(title: str = "Teacup", description: str = "For tea.", brand: str = "Potter") -> DraftProduct:
    return DraftProduct(product_id=TEACUP, title=title, description=description, brand=brand)


def describe(title: str = "Teacup", description: str = "For tea.", brand: str = "Potter") -> DescribeProduct:
    return DescribeProduct(product_id=TEACUP, title=title, description=description, brand=brand)


def add(sku: Sku, *options: tuple[str, str], base_quantity: int = 1) -> AddVariant:
    return AddVariant(product_id=TEACUP, sku=sku, options=options, base_quantity=base_quantity)


def price(sku: Sku, money: Money, valid_from: datetime = NOON) -> PriceVariant:
    return PriceVariant(product_id=TEACUP, sku=sku, price=money, valid_from=valid_from)


def categorise(category: CategoryId) -> Categorise:
    return Categorise(product_id=TEACUP, category_id=category)


def attach(url: str = IMAGE, alt: str = "A teacup") -> AttachMedia:
    return AttachMedia(product_id=TEACUP, url=url, alt=alt)


def publish(at: datetime = NOON) -> Publish:
    return Publish(product_id=TEACUP, at=at)


def unpublish(reason: str = "recalled") -> Unpublish:
    return Unpublish(product_id=TEACUP, reason=reason)


def discontinue(reason: str = "broken mould") -> Discontinue:
    return Discontinue(product_id=TEACUP, reason=reason)


def added(sku: Sku, *options: tuple[str, str], base_quantity: int = 1) -> VariantAdded:
    return VariantAdded(product_id=TEACUP, sku=sku, options=options, base_quantity=base_quantity)


def priced(sku: Sku, money: Money, valid_from: datetime = NOON) -> VariantPriced:
    return VariantPriced(product_id=TEACUP, sku=sku, price=money, valid_from=valid_from)


def attached(url: str = IMAGE, alt: str = "A teacup") -> MediaAttached:
    return MediaAttached(product_id=TEACUP, url=url, alt=alt)


drafted = ProductDrafted(product_id=TEACUP, title="Teacup", description="For tea.", brand="Potter")
published = ProductPublished(product_id=TEACUP)
unpublished = ProductUnpublished(product_id=TEACUP, reason="recalled")
discontinued = ProductDiscontinued(product_id=TEACUP, reason="broken mould")
categorised = ProductCategorised(product_id=TEACUP, category_id=TEA)
