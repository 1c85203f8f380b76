"""The pages of products, and the shelves that shoppers leaf through (`product_listings` asks them).

A price begins at a time of its own, so a list by price has to know the time. A published product has one row in
`listings` for each stretch of time in which its lowest price stays the same: nearly always one, two while a price
change lies ahead. It has them on the shelf of everything, and again on the shelf of each category on the way down to
its own: the first twenty of a department are twenty rows of one index, however much there is below it. Such a row has
all that a list shows, so that its product is not looked up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

import msgspec

from domain.category.events import CategoryEvent
from domain.product.decider import product_decider
from domain.product.events import ProductEvent, ProductPublished
from domain.product.state import Media, Product, Variant
from domain.shared.ids import ProductId, Sku
from domain.shared.recorded import EventView
from projections import category_tree
from projections.dated_prices import ALWAYS, stretches
from projections.engine.documents import Document
from projections.engine.ports import Row, Tables
from projections.engine.projection import Projection
from projections.search.words import heading

DDL = """
create table {s}.products (
    product_id text primary key,
    published bigint not null,
    category_id text,
    phase text not null,
    changed bigint not null,
    changed_at timestamptz not null,
    revision bigint not null,
    product json not null
);
create index on {s}.products (changed, product_id);
create index on {s}.products (phase, changed, product_id);
create table {s}.planned_prices (
    product_id text not null,
    sku text not null,
    valid_from timestamptz not null,
    amount bigint not null,
    currency text not null,
    primary key (product_id, sku, valid_from)
);
create index on {s}.planned_prices (valid_from, sku);
create table {s}.skus (
    sku text primary key,
    product_id text not null
);
create index on {s}.skus (product_id);
create table {s}.listings (
    shelf text not null,
    product_id text not null,
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    title text not null,
    title_key text not null,
    brand text not null,
    category_id text,
    published bigint not null,
    amount bigint not null,
    currency text not null,
    media json not null,
    words tsvector generated always as (case when shelf = '' then to_tsvector('simple', title) end) stored,
    primary key (product_id, shelf, valid_from)
);
create index on {s}.listings (shelf, title_key, product_id);
create index on {s}.listings (shelf, amount, product_id);
create index on {s}.listings (shelf, published, product_id);
create index on {s}.listings (shelf, brand);
create index on {s}.listings (category_id) where shelf = '';
create index on {s}.listings using gin (words) where shelf = '';
"""

EVERYTHING = ""
"""The shelf on which every product stands; the others are called as their categories."""

_UNSHELVE = "delete from {s}.listings where product_id = any($1) and shelf <> ''"

_SHELVE = """
insert into {s}.listings
    (shelf, product_id, valid_from, valid_until, title, title_key, brand, category_id, published, amount, currency,
     media)
select above.category_id, l.product_id, l.valid_from, l.valid_until, l.title, l.title_key, l.brand, l.category_id,
    l.published, l.amount, l.currency, l.media
from {s}.listings l
join {s}.categories c on c.category_id = l.category_id
cross join unnest(c.path) as above (category_id)
where l.product_id = any($1) and l.shelf = ''
"""

_BELOW = """
select distinct l.product_id
from {s}.categories c
join {s}.listings l on l.category_id = c.category_id and l.shelf = ''
where c.path && $1::text[]
"""

_PRODUCTS: Document[Product] = Document(Product)
_MEDIA: Document[tuple[Media, ...]] = Document(tuple[Media, ...])


@dataclass(frozen=True, slots=True)
class Shown(Product):
    """A product to be looked at: its map is a dict, which is there four times as fast."""

    variants: dict[Sku, Variant] = field(default_factory=dict)  # type: ignore[assignment]


_SHOWN = msgspec.json.Decoder(Shown)
COLUMNS = "product_id, published, changed, changed_at, revision, product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A product, where it was last published and changed, when that was, and the revision of its stream."""

    product_id: ProductId
    product: Product = field(default_factory=Product)
    published: int = 0
    changed: int = 0
    changed_at: datetime = ALWAYS
    revision: int = -1


def evolve(entry: Entry, recorded: EventView[ProductEvent]) -> Entry:
    """The entry after one more fact."""
    return Entry(
        product_id=entry.product_id,
        product=product_decider.evolve(entry.product, recorded.fact),
        published=recorded.position if isinstance(recorded.fact, ProductPublished) else entry.published,
        changed=recorded.position,
        changed_at=recorded.recorded_at,
        revision=recorded.revision,
    )


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Load the products of the batch, take its facts in, store them again; what lies below a moved category moves."""
    moves = [recorded for recorded in batch if isinstance(recorded.fact, CategoryEvent)]
    moved = dict[ProductId, None]()
    if moves:
        await category_tree.project(moves, tables)
        rows = await tables.fetch(_BELOW, [recorded.fact.category_id for recorded in moves])
        moved = dict.fromkeys(row["product_id"] for row in rows)
    facts = [recorded for recorded in batch if not isinstance(recorded.fact, CategoryEvent)]
    entries = {it: Entry(product_id=it) for it in dict.fromkeys(recorded.fact.product_id for recorded in facts)}
    for row in await tables.fetch(f"select {COLUMNS} from {{s}}.products where product_id = any($1)", list(entries)):
        entries[row["product_id"]] = _entry(row)
    for recorded in facts:
        entries[recorded.fact.product_id] = evolve(entries[recorded.fact.product_id], recorded)
    await _store(list(entries.values()), tables)
    await tables.execute(_UNSHELVE, list(moved))
    await tables.execute(_SHELVE, list(moved | dict.fromkeys(entries)))


def _entry(row: Row) -> Entry:
    return _entry_with(row, _PRODUCTS.read(row["product"]))


def _entry_with(row: Row, product: Product) -> Entry:
    return Entry(
        product_id=row["product_id"],
        published=row["published"],
        changed=row["changed"],
        changed_at=row["changed_at"],
        revision=row["revision"],
        product=product,
    )


async def _store(entries: Sequence[Entry], tables: Tables) -> None:
    await tables.execute(
        """
        insert into {s}.products (product_id, published, category_id, phase, changed, changed_at, revision, product)
        select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[],
            $7::bigint[], $8::json[])
        on conflict (product_id) do update set published = excluded.published, category_id = excluded.category_id,
            phase = excluded.phase, changed = excluded.changed, changed_at = excluded.changed_at,
            revision = excluded.revision, product = excluded.product
        """,
        [entry.product_id for entry in entries],
        [entry.published for entry in entries],
        [entry.product.category_id for entry in entries],
        [entry.product.phase for entry in entries],
        [entry.changed for entry in entries],
        [entry.changed_at for entry in entries],
        [entry.revision for entry in entries],
        [_PRODUCTS.write(entry.product) for entry in entries],
    )
    await tables.execute("delete from {s}.skus where product_id = any($1)", [entry.product_id for entry in entries])
    skus = [(sku, entry.product_id) for entry in entries for sku in entry.product.variants]
    await tables.execute(
        "insert into {s}.skus (sku, product_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        [sku for sku, _ in skus],
        [product_id for _, product_id in skus],
    )
    await _plan(entries, tables)
    listed = [
        (entry, stretch)
        for entry in entries
        if entry.product.is_sellable
        for stretch in stretches(entry.product, entry.changed_at)
    ]
    await tables.execute("delete from {s}.listings where product_id = any($1)", [entry.product_id for entry in entries])
    await tables.execute(
        """
        insert into {s}.listings
            (shelf, product_id, valid_from, valid_until, title, title_key, brand, category_id, published, amount,
             currency, media)
        select '', * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::json[])
        """,
        [entry.product_id for entry, _ in listed],
        [stretch.valid_from for _, stretch in listed],
        [stretch.valid_until for _, stretch in listed],
        [entry.product.title for entry, _ in listed],
        [heading(entry.product.title) for entry, _ in listed],
        [entry.product.brand for entry, _ in listed],
        [entry.product.category_id for entry, _ in listed],
        [entry.published for entry, _ in listed],
        [stretch.lowest.amount for _, stretch in listed],
        [stretch.lowest.currency for _, stretch in listed],
        [_MEDIA.write(entry.product.media) for entry, _ in listed],
    )


async def _plan(entries: Sequence[Entry], tables: Tables) -> None:
    """Keep the prices that had not begun at the last event of their product."""
    planned = [
        (entry.product_id, sku, dated)
        for entry in entries
        for sku, variant in entry.product.variants.items()
        for dated in variant.prices
        if dated.valid_from > entry.changed_at
    ]
    await tables.execute(
        "delete from {s}.planned_prices where product_id = any($1)", [entry.product_id for entry in entries]
    )
    await tables.execute(
        """
        insert into {s}.planned_prices (product_id, sku, valid_from, amount, currency)
        select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::text[])
        """,
        [product_id for product_id, _, _ in planned],
        [sku for _, sku, _ in planned],
        [dated.valid_from for _, _, dated in planned],
        [dated.price.amount for _, _, dated in planned],
        [dated.price.currency for _, _, dated in planned],
    )


PROJECTION = Projection(
    name="product_catalogue",
    version=5,
    handles=(*get_args(ProductEvent), *get_args(CategoryEvent)),
    tables=("products", "skus", "planned_prices", "listings", "categories"),
    ddl=DDL + category_tree.DDL,
    project=project,
)


def entry_of(row: Row) -> Entry:
    """For readers, whose maps are dicts."""
    return _entry_with(row, shown(row["product"]))


@lru_cache(maxsize=10_000)
def shown(document: str) -> Product:
    """The product of a document, for readers. Products that were read before are known again by their documents, which
    cannot be out of date."""
    return _SHOWN.decode(document)


async def by_ids(tables: Tables, ids: Iterable[ProductId]) -> dict[ProductId, Entry]:
    """Products by id, published or not."""
    rows = await tables.fetch(f"select {COLUMNS} from {{s}}.products where product_id = any($1)", list(ids))
    return {row["product_id"]: entry_of(row) for row in rows}


async def by_skus(tables: Tables, skus: Iterable[Sku]) -> dict[Sku, Entry]:
    """Products by the SKU of one of their variants, published or not."""
    rows = await tables.fetch(
        f"select sku, {COLUMNS} from {{s}}.skus join {{s}}.products using (product_id) where sku = any($1)", list(skus)
    )
    return {row["sku"]: entry_of(row) for row in rows}
