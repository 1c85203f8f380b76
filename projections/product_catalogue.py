"""The pages of products, and the lists that shoppers leaf through.

A price begins at a time of its own, so a list by price has to know the time. A published product has one row in
`listings` for each stretch of time in which its lowest price stays the same: nearly always one, two while a price
change lies ahead. A query picks the rows whose stretch holds its `at`, and the order still comes from an index.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, get_args

from domain.category.events import CategoryEvent
from domain.product.decider import product_decider
from domain.product.events import ProductEvent, ProductPublished
from domain.product.state import Product
from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.recorded import Recorded
from projections import category_tree
from projections.dated_prices import ALWAYS, stretches
from projections.documents import Document
from projections.paging import Ordering, Page, Window, page_of
from projections.ports import Row, Tables
from projections.projection import Projection

DDL = """
create table {s}.products (
    product_id text primary key,
    published bigint not null,
    product json not null
);
create table {s}.skus (
    sku text primary key,
    product_id text not null
);
create table {s}.listings (
    product_id text not null,
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    title text not null,
    brand text not null,
    category_id text,
    published bigint not null,
    amount bigint not null,
    currency text not null,
    words tsvector not null generated always as (to_tsvector('simple', title)) stored,
    primary key (product_id, valid_from)
);
create index on {s}.listings (title, product_id);
create index on {s}.listings (amount, product_id);
create index on {s}.listings (published, product_id);
create index on {s}.listings (category_id);
create index on {s}.listings (brand);
create index on {s}.listings using gin (words);
"""

COUNTED_TO = 1_000

_PRODUCTS: Document[Product] = Document(Product)
_COLUMNS = "product_id, published, product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A product, the position at which it was last published, and when it was last heard of."""

    product_id: ProductId
    product: Product = field(default_factory=Product)
    published: int = 0
    heard_at: datetime = ALWAYS


def evolve(entry: Entry, recorded: Recorded[ProductEvent]) -> Entry:
    """The entry after one more fact."""
    return Entry(
        product_id=entry.product_id,
        product=product_decider.evolve(entry.product, recorded.fact),
        published=recorded.position if isinstance(recorded.fact, ProductPublished) else entry.published,
        heard_at=recorded.recorded_at,
    )


async def project(batch: Sequence[Recorded[Any]], tables: Tables) -> None:
    """Load the products of the batch, take its facts in, store them again."""
    moves = [recorded for recorded in batch if isinstance(recorded.fact, CategoryEvent)]
    if moves:
        await category_tree.project(moves, tables)
    facts = [recorded for recorded in batch if not isinstance(recorded.fact, CategoryEvent)]
    entries = {it: Entry(product_id=it) for it in dict.fromkeys(recorded.fact.product_id for recorded in facts)}
    for row in await tables.fetch(f"select {_COLUMNS} from {{s}}.products where product_id = any($1)", list(entries)):
        entries[row["product_id"]] = _entry(row)
    for recorded in facts:
        entries[recorded.fact.product_id] = evolve(entries[recorded.fact.product_id], recorded)
    await _store(list(entries.values()), tables)


async def _store(entries: Sequence[Entry], tables: Tables) -> None:
    await tables.execute(
        """
        insert into {s}.products (product_id, published, product)
        select * from unnest($1::text[], $2::bigint[], $3::json[])
        on conflict (product_id) do update set published = excluded.published, product = excluded.product
        """,
        [entry.product_id for entry in entries],
        [entry.published for entry in entries],
        [_PRODUCTS.write(entry.product) for entry in entries],
    )
    skus = [(sku, entry.product_id) for entry in entries for sku in entry.product.variants]
    await tables.execute(
        "insert into {s}.skus (sku, product_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        [sku for sku, _ in skus],
        [product_id for _, product_id in skus],
    )
    listed = [
        (entry, stretch)
        for entry in entries
        if entry.product.is_sellable
        for stretch in stretches(entry.product, entry.heard_at)
    ]
    await tables.execute("delete from {s}.listings where product_id = any($1)", [entry.product_id for entry in entries])
    await tables.execute(
        """
        insert into {s}.listings
            (product_id, valid_from, valid_until, title, brand, category_id, published, amount, currency)
        select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
            $7::bigint[], $8::bigint[], $9::text[])
        """,
        [entry.product_id for entry, _ in listed],
        [stretch.valid_from for _, stretch in listed],
        [stretch.valid_until for _, stretch in listed],
        [entry.product.title for entry, _ in listed],
        [entry.product.brand for entry, _ in listed],
        [entry.product.category_id for entry, _ in listed],
        [entry.published for entry, _ in listed],
        [stretch.lowest.amount for _, stretch in listed],
        [stretch.lowest.currency for _, stretch in listed],
    )


PROJECTION = Projection(
    name="product_catalogue",
    version=1,
    hears=(*get_args(ProductEvent), *get_args(CategoryEvent)),
    tables=("products", "skus", "listings", "categories"),
    ddl=DDL + category_tree.DDL,
    project=project,
)


class Sort(Enum):
    """An order of listings, and the columns that make it."""

    TITLE = Ordering(columns=("l.title", "l.product_id"))
    CHEAPEST = Ordering(columns=("l.amount", "l.product_id"))
    DEAREST = Ordering(columns=("l.amount", "l.product_id"), descending=True)
    NEWEST = Ordering(columns=("l.published", "l.product_id"), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which products are wanted: in the category or below it, of the brand, in the range of prices (minor units).

    Every word of `text` begins a word of the title; the search proper is a read model of its own.
    """

    category_id: CategoryId | None = None
    brand: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    text: str | None = None


def _entry(row: Row) -> Entry:
    return Entry(product_id=row["product_id"], published=row["published"], product=_PRODUCTS.read(row["product"]))


def _wanted(wanted: Filter, at: datetime, values: list[object]) -> tuple[str, list[str]]:
    """The rows of `listings` that a filter leaves, as a from clause and conditions."""
    values.append(at)
    source, conditions = "{s}.listings l", ["l.valid_from <= $1", "l.valid_until > $1"]
    if wanted.category_id is not None:
        values.append([wanted.category_id])
        source += f" join {{s}}.categories c on c.category_id = l.category_id and c.path @> ${len(values)}"
    for condition, value in (
        ("l.brand = {}", wanted.brand),
        ("l.amount >= {}", wanted.price_from),
        ("l.amount <= {}", wanted.price_to),
        ("l.words @@ to_tsquery('simple', {})", _beginnings(wanted.text)),
    ):
        if value is not None:
            values.append(value)
            conditions.append(condition.format(f"${len(values)}"))
    return source, conditions


def _beginnings(text: str | None) -> str | None:
    """Words as a query for words that begin so."""
    words = re.findall(r"\w+", text or "")
    return " & ".join(f"{word}:*" for word in words) if words else None


async def listed(tables: Tables, wanted: Filter, sort: Sort, window: Window, at: datetime) -> Page[Entry]:
    """A page of the published products that are wanted and have a price at the time."""
    values: list[object] = []
    source, conditions = _wanted(wanted, at, values)
    conditions += sort.value.conditions(window, values)
    columns, order = ", ".join(sort.value.columns), sort.value.clause(window)
    rows = await tables.fetch(
        f"""
        select {columns}, p.published, p.product
        from (select {columns} from {source} where {" and ".join(conditions)} {order}) l
        join {{s}}.products p on p.product_id = l.product_id {order}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row[0], row[1]), _entry)


async def count(tables: Tables, wanted: Filter, at: datetime) -> int:
    """How many products are wanted; beyond COUNTED_TO it is only known that there are more."""
    values: list[object] = []
    source, conditions = _wanted(wanted, at, values)
    row = await tables.fetchrow(
        f"select count(*) from (select from {source} where {' and '.join(conditions)} limit {COUNTED_TO + 1}) l",
        *values,
    )
    return int(row[0]) if row else 0


async def by_ids(tables: Tables, ids: Iterable[ProductId]) -> dict[ProductId, Entry]:
    """Products by id, published or not."""
    rows = await tables.fetch(f"select {_COLUMNS} from {{s}}.products where product_id = any($1)", list(ids))
    return {row["product_id"]: _entry(row) for row in rows}


async def by_skus(tables: Tables, skus: Iterable[Sku]) -> dict[Sku, Entry]:
    """Products by the SKU of one of their variants, published or not."""
    rows = await tables.fetch(
        f"select sku, {_COLUMNS} from {{s}}.skus join {{s}}.products using (product_id) where sku = any($1)", list(skus)
    )
    return {row["sku"]: _entry(row) for row in rows}
