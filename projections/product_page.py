"""What the page of a product shows, in one query: the product, the way down to its category, which SKUs are in stock.

It reads two read models; `{stock_levels}` in a statement stands for the schema of that one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from domain.shared.ids import CategoryId, ProductId, Sku
from projections import product_catalogue, stock_levels
from projections.category_tree import Category
from projections.engine.ports import Tables
from projections.product_catalogue import Entry, entry_of

MODELS = (product_catalogue.PROJECTION.name, stock_levels.PROJECTION.name)

_PAGES = """
select p.product_id, p.published, p.changed, p.changed_at, p.revision, p.product,
    (select json_agg(json_build_array(a.category_id, a.name, a.parent_id) order by cardinality(a.path))
       from {s}.categories c join {s}.categories a on a.category_id = any(c.path)
      where c.category_id = p.category_id and not c.deleted) as way,
    array(select l.sku from {s}.skus k join {stock_levels}.stock_levels l on l.sku = k.sku
           where k.product_id = p.product_id and ($2::text[] is null or l.warehouse = any($2))
             and l.on_hand + l.backorder_limit - l.reserved > 0) as in_stock
from {s}.products p where p.product_id = any($1)
"""

_WAY = msgspec.json.Decoder(list[tuple[CategoryId, str, CategoryId | None]])


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product; the categories from the department down to its own; those of its SKUs that can be bought."""

    entry: Entry
    way: tuple[Category, ...]
    in_stock: frozenset[Sku]


async def pages(
    tables: Tables, ids: Sequence[ProductId], warehouses: Sequence[str] | None = None
) -> Sequence[ProductPage | None]:
    """The pages of products, published or not, in the order of the ids. Only `warehouses` sell (None: all of them)."""
    rows = await tables.fetch(_PAGES, ids, None if warehouses is None else list(warehouses))
    found = {
        row["product_id"]: ProductPage(entry_of(row), _way(row["way"]), frozenset(row["in_stock"])) for row in rows
    }
    return [found.get(it) for it in ids]


def _way(text: str | None) -> tuple[Category, ...]:
    if text is None:
        return ()
    steps = _WAY.decode(text)
    path = tuple(it for it, _, _ in steps)
    return tuple(
        Category(category_id=it, name=name, parent_id=parent, path=path[: number + 1])
        for number, (it, name, parent) in enumerate(steps)
    )
