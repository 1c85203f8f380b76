"""The read model of search: what it handles, and how a batch of events changes it."""

from collections.abc import Sequence
from typing import Any, get_args

from domain.category.events import CategoryEvent
from domain.product.events import ProductEvent
from domain.shared.ids import CategoryId, ProductId
from domain.shared.recorded import EventView
from domain.stock.events import StockEvent
from projections import category_tree, stock_levels
from projections.engine.dispatch import dispatched
from projections.engine.ports import Tables
from projections.engine.projection import Projection
from projections.product_catalogue import Entry, evolve
from projections.search import entries, spelling, vocabulary

DDL = """
create table {s}.products (
    product_id text primary key,
    category_id text,
    published bigint not null,
    heard_at timestamptz not null,
    product json not null
);
create index on {s}.products (category_id);
create table {s}.skus (
    sku text primary key,
    product_id text not null
);
create index on {s}.skus (product_id);
"""

_IN_CATEGORIES = """
select product_id from {s}.products
where category_id in (select category_id from {s}.categories where path && $1::text[])
"""

_FLIPPED = """
select product_id from {s}.entries e
where product_id in (select product_id from {s}.skus where sku = any($1)) and stretch = 0
    and available <> exists (select from {s}.skus k join {s}.stock_levels l on l.sku = k.sku
        where k.product_id = e.product_id and l.on_hand + l.backorder_limit > l.reserved)
"""

_KINDS = tuple(frozenset(get_args(kind)) for kind in (CategoryEvent, StockEvent, ProductEvent))


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Take the facts into products, categories and stock, then make the rows of whatever they touch."""
    moves, stock, described = dispatched(batch, _KINDS)
    if moves:
        await category_tree.project(moves, tables)
    turned = await stock_levels.project_and_tell(stock, tables) if stock else set()
    touched = set(await _described(described, tables))
    touched |= await _ids(_IN_CATEGORIES, {CategoryId(r.fact.category_id) for r in moves}, tables)
    touched |= await _ids(_FLIPPED, turned, tables)
    if touched:
        await entries.refresh(sorted(touched), batch[-1].position, tables)


async def _ids(query: str, of: set[Any], tables: Tables) -> set[ProductId]:
    return {row[0] for row in await tables.fetch(query, sorted(of))} if of else set()


async def _described(facts: Sequence[EventView[ProductEvent]], tables: Tables) -> Sequence[ProductId]:
    """Store the products that the facts are about; answers which."""
    ids = list(dict.fromkeys(recorded.fact.product_id for recorded in facts))
    if not ids:
        return []
    states = {it: Entry(product_id=it) for it in ids}
    query = "select product_id, published, product from {s}.products where product_id = any($1)"
    for row in await tables.fetch(query, ids):
        states[row["product_id"]] = Entry(
            product_id=row["product_id"], published=row["published"], product=entries.PRODUCTS.read(row["product"])
        )
    for recorded in facts:
        states[recorded.fact.product_id] = evolve(states[recorded.fact.product_id], recorded)
    found = list(states.values())
    await tables.execute(
        """
        insert into {s}.products (product_id, category_id, published, heard_at, product)
        select * from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::json[])
        on conflict (product_id) do update set category_id = excluded.category_id, published = excluded.published,
            heard_at = excluded.heard_at, product = excluded.product
        """,
        ids,
        [entry.product.category_id for entry in found],
        [entry.published for entry in found],
        [entry.changed_at for entry in found],
        [entries.PRODUCTS.write(entry.product) for entry in found],
    )
    await tables.execute("delete from {s}.skus where product_id = any($1)", ids)
    skus = [(sku, entry.product_id) for entry in found for sku in entry.product.variants]
    await tables.execute(
        "insert into {s}.skus (sku, product_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        [sku for sku, _ in skus],
        [product_id for _, product_id in skus],
    )
    return ids


PROJECTION = Projection(
    name="search",
    version=3,
    handles=(*get_args(ProductEvent), *get_args(CategoryEvent), *stock_levels.LEVELS),
    tables=("products", "skus", "categories", "stock_levels", "entries", "words", "cuts", "phrases"),
    unproven=("changes",),
    ddl=DDL + category_tree.DDL + stock_levels.DDL + vocabulary.DDL + spelling.DDL + entries.DDL,
    project=project,
)
