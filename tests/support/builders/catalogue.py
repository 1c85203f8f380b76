"""Facts of a small catalogue."""

from datetime import datetime, timedelta

from domain.category.events import CategoryCreated
from domain.product.events import ProductCategorised, ProductDrafted, ProductPublished, VariantAdded, VariantPriced
from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.money import Money
from tests.support.builders.event_log_builder import NOON, Log

LONG_AGO = NOON - timedelta(days=9)


def category(log: Log, name: str, parent: str | None = None) -> None:
    log.tell(
        CategoryCreated(
            category_id=CategoryId(name.upper()), name=name, parent_id=CategoryId(parent.upper()) if parent else None
        ),
        stream="category-tree",
    )


def price(log: Log, product: str, sku: str, cents: int, since: datetime = LONG_AGO) -> None:
    log.tell(
        VariantPriced(product_id=ProductId(product), sku=Sku(sku), price=Money(cents, "USD"), valid_from=since),
        stream=f"product-{product}",
    )


def on_sale(log: Log, name: str, cents: int, *, title: str, brand: str = "", category: str | None = None) -> None:
    """A published product of one variant, whose SKU is the product's id with `-1`."""
    it, sku = ProductId(name), Sku(f"{name}-1")
    log.tell(
        ProductDrafted(product_id=it, title=title, description=f"All about {title}.", brand=brand),
        VariantAdded(product_id=it, sku=sku, options=(("size", "one"),), base_quantity=1),
        stream=f"product-{name}",
    )
    price(log, name, sku, cents)
    if category:
        log.tell(ProductCategorised(product_id=it, category_id=CategoryId(category)), stream=f"product-{name}")
    log.tell(ProductPublished(product_id=it), stream=f"product-{name}")
