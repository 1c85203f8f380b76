"""What can be found: a row for each product on sale and each stretch of time in which its lowest price stays the same.

Everything a search looks at stands in the row: words, the way down the category tree, price, whether a unit can be
promised. `changes` has the position at which a row was last written or removed, so that a copy in another engine can
follow; it depends on where batches end, and is therefore no part of what is proven.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from domain.product.state import Product
from domain.shared.ids import ProductId
from domain.shared.recorded import Position
from projections.dated_prices import stretches
from projections.engine.documents import Document
from projections.engine.ports import Row, Tables
from projections.search import vocabulary
from projections.search.words import code, heading

DDL = """
create text search dictionary {s}.stems (template = snowball, language = english);
create text search configuration {s}.words (copy = simple);
alter text search configuration {s}.words alter mapping for asciiword, word, numword with {s}.stems;
create table {s}.entries (
    product_id text not null,
    stretch int not null,
    size int not null,
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    amount bigint not null,
    published bigint not null,
    available bool not null,
    heading text not null,
    brand text not null,
    path text[] not null,
    skus text[] not null,
    words tsvector not null generated always as (
        setweight(to_tsvector('{s}.words', heading), 'A') || setweight(to_tsvector('{s}.words', about), 'B')
        || setweight(to_tsvector('{s}.words', more), 'D')
    ) stored,
    currency text not null,
    about text not null,
    more text not null,
    phrases text[] not null,
    primary key (product_id, stretch)
);
create index on {s}.entries using gin (words) with (gin_pending_list_limit = 64);
create index on {s}.entries using gin (skus) with (gin_pending_list_limit = 64);
create index on {s}.entries using gin (path) with (gin_pending_list_limit = 64);
create index on {s}.entries (published, product_id);
create table {s}.changes (
    product_id text not null,
    stretch int not null,
    position bigint not null,
    primary key (product_id, stretch)
);
create index on {s}.changes (position);
"""

LONGEST_TEXT = 4_000
"""So many characters of a description are searched."""

PRODUCTS: Document[Product] = Document(Product)

_SOURCES = """
select p.product_id, p.published, p.heard_at, p.product, coalesce(c.path, '{}') as path,
    array(select n.name from unnest(c.path) with ordinality way (id, at)
          join {s}.categories n on n.category_id = way.id and not n.deleted
          order by way.at) as names,
    exists (select from {s}.skus k join {s}.stock_levels l on l.sku = k.sku
            where k.product_id = p.product_id and l.on_hand + l.backorder_limit > l.reserved) as available
from {s}.products p left join {s}.categories c on c.category_id = p.category_id
where p.product_id = any($1)
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of `entries`, column by column; `stretch` counts from 0, and what is read for each match stands first."""

    product_id: ProductId
    stretch: int
    size: int
    valid_from: datetime
    valid_until: datetime
    amount: int
    published: int
    available: bool
    heading: str
    brand: str
    path: tuple[str, ...]
    skus: tuple[str, ...]
    currency: str
    about: str
    more: str
    phrases: tuple[str, ...]


COLUMNS = tuple(field.name for field in fields(Listed))
LISTS = ("phrases", "path", "skus")
_KEY = attrgetter("product_id", "stretch")
_SHELF = attrgetter("path", "product_id", "stretch")
"""What is found together is written side by side: a search has to open a page for each match that stands alone."""

_VALUES = attrgetter(*COLUMNS)
_TYPES = {
    **dict.fromkeys(("valid_from", "valid_until"), "timestamptz"),
    **dict.fromkeys(("stretch", "size"), "int"),
    **dict.fromkeys(("amount", "published"), "bigint"),
    "available": "bool",
}

_STORE = f"""
insert into {{s}}.entries ({", ".join(COLUMNS)})
select {", ".join(f"string_to_array({name}, chr(31))" if name in LISTS else name for name in COLUMNS)}
from unnest({", ".join(f"${n}::{_TYPES.get(name, 'text')}[]" for n, name in enumerate(COLUMNS, 1))})
    as t ({", ".join(COLUMNS)})
on conflict (product_id, stretch) do update
set {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[2:])}
"""


async def refresh(touched: Iterable[ProductId], position: Position, tables: Tables) -> None:
    """Make the rows of these products anew, and write down which of them came out different."""
    ids = list(touched)
    known = await tables.fetch(f"select {', '.join(COLUMNS)} from {{s}}.entries where product_id = any($1)", ids)
    before = {_KEY(row): row for row in map(listed_of, known)}
    after = {_KEY(row): row for source in await tables.fetch(_SOURCES, ids) for row in _listed(source)}
    changed = [row for key, row in after.items() if before.get(key) != row]
    gone = [key for key in before if key not in after]
    await _write(changed, gone, position, tables)
    await vocabulary.recount(
        lost=(before[key] for key in before if key[1] == 0 and before[key] != after.get(key)),
        won=(row for row in changed if row.stretch == 0),
        tables=tables,
    )


def listed_of(row: Row) -> Listed:
    values: dict[str, Any] = {name: tuple(row[name]) if name in LISTS else row[name] for name in COLUMNS}
    for bound in ("valid_from", "valid_until"):
        values[bound] = values[bound].replace(tzinfo=UTC)  # infinity comes without a zone, all else in UTC
    return Listed(**values)


def _listed(source: Row) -> Iterator[Listed]:
    """None for what shoppers cannot see."""
    product = PRODUCTS.read(source["product"])
    if not product.is_sellable:
        return
    title, names = heading(product.title), source["names"]
    options = (value for variant in product.variants.values() for _, value in variant.options)
    for number, stretch in enumerate(stretches(product, source["heard_at"])):
        yield Listed(
            product_id=source["product_id"],
            stretch=number,
            valid_from=stretch.valid_from,
            valid_until=stretch.valid_until,
            heading=title,
            size=len(title.split()),
            about=heading(" ".join((product.brand, *names))),
            more=heading(" ".join((*sorted(set(options)), product.description[:LONGEST_TEXT]))),
            phrases=tuple(dict.fromkeys(filter(None, (product.title, *names[-1:], product.brand)))),
            path=tuple(source["path"]),
            skus=tuple(sorted(map(code, product.variants))),
            brand=product.brand,
            amount=stretch.lowest.amount,
            currency=stretch.lowest.currency,
            available=source["available"],
            published=source["published"],
        )


async def _write(
    changed: Sequence[Listed], gone: Sequence[tuple[ProductId, int]], position: Position, tables: Tables
) -> None:
    if changed:
        together = sorted(changed, key=_SHELF)
        rows = [
            [chr(31).join(value) if isinstance(value, tuple) else value for value in _VALUES(row)] for row in together
        ]
        await tables.execute(_STORE, *map(list, zip(*rows, strict=True)))
    if gone:
        await tables.execute(
            """
            delete from {s}.entries e using unnest($1::text[], $2::int[]) as gone (product_id, stretch)
            where (e.product_id, e.stretch) = (gone.product_id, gone.stretch)
            """,
            *map(list, zip(*gone, strict=True)),
        )
    if moved := [*map(_KEY, changed), *gone]:
        await tables.execute(
            """
            insert into {s}.changes (product_id, stretch, position) select *, $3 from unnest($1::text[], $2::int[])
            on conflict (product_id, stretch) do update set position = excluded.position
            """,
            *map(list, zip(*moved, strict=True)),
            position,
        )
