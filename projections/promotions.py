"""The promotion book: one row that has all of it, so that a cart is priced from one look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_args

import msgspec

from domain.promotion.decider import promotion_decider
from domain.promotion.events import PromotionEvent
from domain.promotion.state import BookEntry, PromotionBook
from domain.shared.ids import PromotionId
from domain.shared.recorded import EventView
from projections.engine.documents import Document
from projections.engine.ports import Tables
from projections.engine.projection import Projection

DDL = "create table {s}.promotion_book (one bool primary key default true check (one), book json not null);"

_BOOK: Document[PromotionBook] = Document(PromotionBook)


@dataclass(frozen=True, slots=True)
class Shown(PromotionBook):
    """A book to be looked at: its map is a dict, which is read faster."""

    entries: dict[PromotionId, BookEntry] = field(default_factory=dict)  # type: ignore[assignment]


_SHOWN = msgspec.json.Decoder(Shown)


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Take the facts of the batch into the book."""
    rows = await tables.fetch("select book from {s}.promotion_book")
    book = _BOOK.read(rows[0]["book"]) if rows else promotion_decider.initial
    book = promotion_decider.replay((recorded.fact for recorded in batch), since=book)
    await tables.execute(
        "insert into {s}.promotion_book (book) values ($1::json) on conflict (one) do update set book = excluded.book",
        _BOOK.write(book),
    )


PROJECTION = Projection(
    name="promotions",
    version=1,
    handles=get_args(PromotionEvent),
    tables=("promotion_book",),
    ddl=DDL,
    project=project,
)


async def book_of(tables: Tables) -> PromotionBook:
    """All promotions, for readers."""
    rows = await tables.fetch("select book from {s}.promotion_book")
    return _shown(rows[0]["book"]) if rows else promotion_decider.initial


@lru_cache(maxsize=8)
def _shown(document: str) -> PromotionBook:
    """A book that was read before is known again by its document, which cannot be out of date."""
    return _SHOWN.decode(document)
