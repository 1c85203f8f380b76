"""The product file as a shop's catalogue: a tree of categories, and what to ask for each product."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from domain.category.commands import CreateCategory
from domain.product.commands import AddVariant, Categorise, DraftProduct, PriceVariant, Publish
from domain.shared.ids import CategoryId, ProductId, Sku, Warehouse
from domain.shared.money import Money
from domain.sku.commands import ClaimSku
from domain.stock.commands import ReceiveStock
from infra.demo.dataset import UNKNOWN, DataSet, Product
from infra.demo.prices import ListPrice, list_prices, units_sold
from infra.demo.titles import readable, title

CURRENCY = "USD"
WAREHOUSE = Warehouse("MAIN")
OPENING = datetime(2017, 1, 1, tzinfo=UTC)
SPARE_UNITS = 24
LONGEST_SLUG = 50

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A product, and all that has to be known to sell it."""

    product: Product
    price: ListPrice
    units: int

    @property
    def key(self) -> str:
        return str(self.product.product_id)

    @property
    def path(self) -> tuple[str, ...]:
        """Names of categories, from the department down."""
        return _path(self.product)

    def on_product(self) -> Sequence[object]:
        """Put it in the range, as one append."""
        product_id, sku, category = ProductId(self.key), Sku(self.key), self.path
        return [
            DraftProduct(
                product_id=product_id,
                title=_title(self.product),
                description=_description(self.product),
                brand="Private label" if self.product.brand == "Private" else "National brand",
            ),
            AddVariant(product_id=product_id, sku=sku, base_quantity=self.price.base_quantity),
            PriceVariant(product_id=product_id, sku=sku, price=Money(self.price.cents, CURRENCY), valid_from=OPENING),
            Categorise(product_id=product_id, category_id=category_id(category)),
            Publish(product_id=product_id, at=OPENING),
        ]

    def on_sku(self) -> ClaimSku:
        return ClaimSku(sku=Sku(self.key), product_id=ProductId(self.key))

    def on_stock(self) -> ReceiveStock:
        """Enough for every basket of the year."""
        return ReceiveStock(sku=Sku(self.key), warehouse=WAREHOUSE, quantity=self.units)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the shop sells."""

    entries: Sequence[Entry]
    categories: Sequence[CreateCategory]

    def prices(self) -> dict[int, ListPrice]:
        return {entry.product.product_id: entry.price for entry in self.entries}


def catalogue(data: DataSet) -> Catalogue:
    """Every product of the file, and a placeholder for each that was sold without being in it."""
    units = units_sold(data)
    products = [*data.all_products()]
    products += _placeholders(data, products)
    prices = list_prices(data, products)
    entries = [
        Entry(p, price := prices[p.product_id], units.get(p.product_id, 0) + SPARE_UNITS * price.base_quantity)
        for p in products
    ]
    return Catalogue(entries, categories_of(products))


def department_id(department: str) -> CategoryId:
    return category_id([readable(department)])


def category_id(path: Sequence[str]) -> CategoryId:
    """A readable id of a place in the tree; equal last names at different places differ by a few hex digits."""
    slug = _NOT_IN_SLUGS.sub("-", path[-1].lower()).strip("-")[:LONGEST_SLUG]
    if len(path) == 1:
        return CategoryId(slug)
    return CategoryId(f"{slug}-{sha256('>'.join(path).encode()).hexdigest()[:8]}")


def _placeholders(data: DataSet, products: Sequence[Product]) -> Iterator[Product]:
    for product_id in data.sold_but_unknown({product.product_id for product in products}):
        yield Product(product_id, 0, UNKNOWN, "National", None, None, None)


def categories_of(products: Iterable[Product]) -> Sequence[CreateCategory]:
    """The tree of the products' places, parents first."""
    paths = {_path(product) for product in products}
    nodes = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    return [
        CreateCategory(
            category_id=category_id(node), name=node[-1], parent_id=category_id(node[:-1]) if len(node) > 1 else None
        )
        for node in sorted(nodes)
    ]


def _path(product: Product) -> tuple[str, ...]:
    """Department, category, type; what the file leaves out is left out here."""
    named = (product.department, product.product_category, product.product_type)
    return tuple(readable(name) for name in named if name)


def _description(product: Product) -> str:
    if product.department == UNKNOWN:
        return "Sold in 2017, though the product file does not know it."
    return f"{' > '.join(_path(product))}. Made by manufacturer {product.manufacturer_id}."


def _title(product: Product) -> str:
    if product.product_category or product.product_type:
        known = [name for name in (product.product_category, product.product_type) if name]
        return title(known[0], known[1] if len(known) > 1 else None, product.package_size)
    return title(product.department, f"no. {product.product_id}", product.package_size)
