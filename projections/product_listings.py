"""Lists of products: what to leave out, in which order, and which part of it; asked of the shelves of the catalogue.

A row of a shelf has all that a list shows of a product. What else there is of it stands in the catalogue.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from operator import itemgetter

import msgspec

from domain.product.state import Media
from domain.shared.ids import CategoryId, ProductId
from projections.engine.paging import Ordering, Page, Place, Window, page_of
from projections.engine.ports import Row, Tables
from projections.product_catalogue import EVERYTHING

COUNTED_TO = 1_000


class Sort(Enum):
    """An order of listings, and the columns that make it."""

    TITLE = Ordering(columns=("l.title_key", "l.product_id"))
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
    media_as_json: str | msgspec.Raw

    @property
    def media(self) -> tuple[Media, ...]:
        return _MEDIA.decode(self.media_as_json) if self.media_as_json != NO_MEDIA else ()


NO_MEDIA = "[]"
_MEDIA = msgspec.json.Decoder(tuple[Media, ...])
CARD = "l.product_id, l.title, l.brand, l.category_id, l.amount, l.currency, l.media, l.published, l.title_key"


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
    found = f"select {CARD} from {{s}}.listings l where {' and '.join(conditions)} {sort.value.clause(window)}"
    return page_of(await tables.fetch(found, *values), window, place_in(sort), card)


async def count(tables: Tables, wanted: Filter, at: datetime) -> int:
    """How many products are wanted; beyond COUNTED_TO it is only known that there are more."""
    values: list[object] = []
    conditions = " and ".join(_wanted(wanted, at, values))
    row = await tables.fetchrow(
        f"select count(*) from (select from {{s}}.listings l where {conditions} limit {COUNTED_TO + 1}) l", *values
    )
    return int(row[0]) if row else 0


def place_in(sort: Sort) -> Callable[[Row], Place]:
    """From a row of columns CARD to its place in an order."""
    return _PLACES[sort]


def card(row: Row) -> Card:
    """What is shown of a row of columns CARD."""
    return Card(*row[:_WIDTH])


_WIDTH = len(Card.__struct_fields__)
_COLUMNS = (*Card.__struct_fields__, "published", "title_key")
_PLACES: Mapping[Sort, Callable[[Row], Place]] = {
    sort: itemgetter(*[_COLUMNS.index(column.removeprefix("l.")) for column in sort.value.columns]) for sort in Sort
}
