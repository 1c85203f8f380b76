"""What is asked of a search engine and what it answers, whichever engine it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

import msgspec

from domain.product.state import Product
from domain.shared.ids import CategoryId, ProductId
from projections.engine.paging import Ordering, Page
from projections.product_catalogue import shown
from projections.product_listings import Card

LONGEST_TERM = 200

PRICE_STEPS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Where price buckets begin, in minor units, besides 0."""

MOST_BUCKETS = 50


class SearchUnavailable(Exception):
    """The engine cannot be reached, is too slow, or has no index."""


class SearchRefused(SearchUnavailable):
    """The engine is well, but does not take this very question."""


class Engine(Enum):
    """What answered."""

    POSTGRESQL = "postgresql"
    OPENSEARCH = "opensearch"


class Sort(Enum):
    """An order of what was found, and the columns that make it.

    `rank` is 0 for an exact SKU, then exact title, title that begins so, all words in the title, all words anywhere;
    what is sold out stands last in its rank. `size` is the number of words in the title.
    """

    RELEVANCE = Ordering(columns=("rank", "size", "product_id"))
    TITLE = Ordering(columns=("heading", "product_id"))
    CHEAPEST = Ordering(columns=("amount", "product_id"))
    DEAREST = Ordering(columns=("amount", "product_id"), descending=True)
    NEWEST = Ordering(columns=("published", "product_id"), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """In the category or below it, of one of the brands, in the range of prices (minor units), to be had now."""

    category_id: CategoryId | None = None
    brands: tuple[str, ...] | None = None
    price_from: int | None = None
    price_to: int | None = None
    available: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A term and how it is to be answered. Without a term everything is found.

    `after` is the place of a hit in this order; `counts` asks for the numbers beside the list.
    """

    term: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    sort: Sort = Sort.RELEVANCE
    size: int = 20
    after: tuple[object, ...] | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much was found, in all and by property.

    A property's own filter does not narrow its own numbers, so that one can choose another value; a chosen category
    is gone into, and its children are counted. Prices are by the beginning of their bucket.
    """

    total: int
    categories: Mapping[CategoryId, int]
    brands: Mapping[str, int]
    prices: Mapping[int, int]
    available: Mapping[bool, int]


class Hit(Card, frozen=True, gc=False):
    """What was found, as lists show it; the rest of its document is decoded when it is asked for."""

    document: str

    @property
    def product(self) -> Product:
        return shown(self.document)


class _Told(msgspec.Struct, gc=False):
    """What hits show of a document; prices are in the row that was found."""

    title: str
    brand: str
    category_id: CategoryId | None
    media: msgspec.Raw


_SHOWN = msgspec.json.Decoder(_Told)


def hit(product_id: ProductId, amount: int, currency: str, document: str) -> Hit:
    """A hit at its lowest price at the time, in minor units; `document` is the state of the product as JSON."""
    shown = _SHOWN.decode(document)
    return Hit(product_id, shown.title, shown.brand, shown.category_id, amount, currency, shown.media, document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of hits with their places.

    `matched` is whether anything matches before it is filtered. `corrected` is the term that was searched for
    because nothing matches the typed one. `instead` says why another engine answered than the one that was set up.
    """

    page: Page[Hit]
    matched: bool
    counts: Counts | None = None
    corrected: str | None = None
    engine: Engine = Engine.POSTGRESQL
    instead: str | None = None


class SearchEngine(Protocol):
    """All methods raise SearchUnavailable, or StorageUnavailable when PostgreSQL answers."""

    async def search(self, question: Question, at: datetime) -> Found:
        """What is on sale at the time and matches."""

    async def complete(self, beginning: str, size: int) -> Sequence[str]:
        """Names of goods and categories that a typed beginning may become, likely ones first."""
