"""Lists of products: what to leave out, in which order, and which part of it; asked of the shelves of the catalogue.

A row of a shelf has all that a list shows of a product. What else there is of it stands in the catalogue.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import msgspec

from domain.product.state import Media
from domain.shared.ids import CategoryId, ProductId
from projections.paging import Ordering, Page, Place, Window, page_of
from projections.ports import Row, Tables
from projections.product_catalogue import EVERYTHING

COUNTED_TO = 1_000
LEAST, MOST = -(2**63), 2**63 - 1
LAST_OF_TEXTS = "\U0010ffff"


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


class Card(msgspec.Struct, frozen=True, gc=False):
    """What a list shows of a product that is on sale; `amount` is its lowest price at the time, in minor units."""

    product_id: ProductId
    title: str
    brand: str
    category_id: CategoryId | None
    amount: int
    currency: str
    media_as_json: str

    @property
    def media(self) -> tuple[Media, ...]:
        return _MEDIA.decode(self.media_as_json)


_MEDIA = msgspec.json.Decoder(tuple[Media, ...])
_CARD = "l.product_id, l.title, l.brand, l.category_id, l.amount, l.currency, l.media"


def _wanted(wanted: Filter, at: datetime, values: list[object]) -> list[str]:
    """Conditions that leave the wanted rows of `listings l`.

    Words are indexed once, on the shelf of everything; without words a category is a shelf.
    """
    words = _beginnings(wanted.text)
    values += [at, EVERYTHING if wanted.category_id is None or words else wanted.category_id]
    found = ["l.valid_from <= $1", "l.valid_until > $1", "l.shelf = $2"]
    if words:
        found.append("l.shelf = ''")
    below = "l.category_id in (select category_id from {{s}}.categories where path @> {})"
    for condition, value in (
        ("l.words @@ to_tsquery('simple', {})", words),
        (below, [wanted.category_id] if words and wanted.category_id is not None else None),
        ("l.brand = {}", wanted.brand),
        ("l.amount >= {}", wanted.price_from),
        ("l.amount <= {}", wanted.price_to),
    ):
        if value is not None:
            values.append(value)
            found.append(condition.format(f"${len(values)}"))
    return found


def _beginnings(text: str | None) -> str | None:
    """Words as a query for words that begin so."""
    words = re.findall(r"\w+", text or "")
    return " & ".join(f"{word}:*" for word in words) if words else None


async def listed(tables: Tables, wanted: Filter, sort: Sort, window: Window, at: datetime) -> Page[Card]:
    """A page of the published products that are wanted and have a price at the time."""
    values: list[object] = []
    conditions = [*_wanted(wanted, at, values), *sort.value.conditions(window, values)]
    place, order = sort.value.columns[0], sort.value.clause(window)
    rows = await tables.fetch(
        f"select {place}, {_CARD} from {{s}}.listings l where {' and '.join(conditions)} {order}", *values
    )
    return page_of(rows, window, _place, _card)


async def count(tables: Tables, wanted: Filter, at: datetime) -> int:
    """How many products are wanted; beyond COUNTED_TO it is only known that there are more."""
    values: list[object] = []
    conditions = " and ".join(_wanted(wanted, at, values))
    row = await tables.fetchrow(
        f"select count(*) from (select from {{s}}.listings l where {conditions} limit {COUNTED_TO + 1}) l", *values
    )
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """The next `size` products of a shelf, from a place on, in a range of prices."""

    shelf: str
    at: datetime
    size: int
    after: Place
    price_from: int
    price_to: int


FRONT: Mapping[Sort, Place] = {
    Sort.TITLE: ("", ""),
    Sort.CHEAPEST: (LEAST, ""),
    Sort.DEAREST: (MOST, LAST_OF_TEXTS),
    Sort.NEWEST: (MOST, LAST_OF_TEXTS),
}
"""Places before all rows, so that all questions of an order are one statement, whether they begin or go on."""


def leaf_of(wanted: Filter, sort: Sort, window: Window, at: datetime) -> Leaf | None:
    """A question that many can ask in one query; None when it is not as plain as that."""
    if wanted.brand is not None or wanted.text is not None or window.backwards or window.before is not None:
        return None
    return Leaf(
        shelf=EVERYTHING if wanted.category_id is None else wanted.category_id,
        at=at,
        size=window.size,
        after=FRONT[sort] if window.after is None else window.after,
        price_from=LEAST if wanted.price_from is None else wanted.price_from,
        price_to=MOST if wanted.price_to is None else wanted.price_to,
    )


async def leaves(tables: Tables, sort: Sort, asked: Sequence[Leaf]) -> Sequence[Page[Card]]:
    """The answers to several questions of one order, in one query.

    Each stretch of the index is read in its order, and sorting all rows once more would cost as much as reading them.
    """
    values: list[object] = [
        [leaf.shelf for leaf in asked],
        [leaf.at for leaf in asked],
        [leaf.size + 1 for leaf in asked],
        [leaf.price_from for leaf in asked],
        [leaf.price_to for leaf in asked],
        *zip(*[leaf.after for leaf in asked], strict=True),
    ]
    found: list[list[Row]] = [[] for _ in asked]
    for row in await tables.fetch(LEAVES[sort], *values):
        found[row[-1] - 1].append(row)
    windows = [Window(size=leaf.size, after=None if leaf.after == FRONT[sort] else leaf.after) for leaf in asked]
    return [page_of(rows, window, _place, _card) for rows, window in zip(found, windows, strict=True)]


def _leaves(sort: Sort) -> str:
    place, it = sort.value.columns
    direction, sign = ("desc", "<") if sort.value.descending else ("asc", ">")
    kind = "text" if sort is Sort.TITLE else "bigint"
    return f"""
        select l.*, a.n
        from unnest(
            $1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::{kind}[], $7::text[]
        ) with ordinality as a (shelf, at, size, price_from, price_to, place, product_id, n)
        cross join lateral (
            select {place} as place, {_CARD}
            from {{s}}.listings l
            where l.shelf = a.shelf and l.valid_from <= a.at and l.valid_until > a.at
                and l.amount >= a.price_from and l.amount <= a.price_to
                and ({place}, {it}) {sign} (a.place, a.product_id)
            order by {place} {direction}, {it} {direction} limit a.size
        ) l
    """


LEAVES = {sort: _leaves(sort) for sort in Sort}


def _place(row: Row) -> Place:
    return row[0], row[1]


def _card(row: Row) -> Card:
    return Card(row[1], row[2], row[3], row[4], row[5], row[6], row[7])
