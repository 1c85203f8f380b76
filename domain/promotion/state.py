"""What is known of all promotions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from immutables import Map

from domain.pricing.promotions import Promotion, ScheduledPromotion
from domain.promotion.events import (
    PromotionDrafted,
    PromotionEnded,
    PromotionEvent,
    PromotionReplaced,
    PromotionScheduled,
)
from domain.shared.frozen import replace
from domain.shared.ids import PromotionId
from domain.shared.pricing import RuleSource

PROMOTION_BOOK = "promotion-book"


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A promotion; when it is in force, in which zone that was said, and the revision of the event that said so.

    `starts` is None for a draft. One that ended before it began has an end that is not after its start.
    """

    promotion: Promotion
    revision: int
    zone: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    ended_because: str | None = None
    replaced_by: PromotionId | None = None

    @property
    def is_draft(self) -> bool:
        return self.starts is None

    def is_over(self, at: datetime) -> bool:
        return self.ends is not None and self.ends <= at


@dataclass(frozen=True, slots=True)
class PromotionBook:
    """All promotions by id, and the revision of the last event."""

    entries: Map[PromotionId, BookEntry] = field(default_factory=Map)
    revision: int = -1

    def scheduled(self) -> Iterator[ScheduledPromotion]:
        """All that are, were or will be in force."""
        for entry in self.entries.values():
            if entry.starts is not None:
                source = RuleSource(stream=PROMOTION_BOOK, revision=entry.revision)
                yield ScheduledPromotion(promotion=entry.promotion, starts=entry.starts, ends=entry.ends, source=source)

    def in_force(self, *moments: datetime) -> tuple[ScheduledPromotion, ...]:
        """Those that are in force at one of the moments."""
        return tuple(rule for rule in self.scheduled() if any(map(rule.in_force, moments)))


def evolve(book: PromotionBook, event: PromotionEvent) -> PromotionBook:
    """The book after the fact."""
    entries, revision = book.entries, book.revision + 1
    match event:
        case PromotionDrafted(promotion=promotion):
            entries = entries.set(promotion.promotion_id, BookEntry(promotion, revision))
        case PromotionScheduled(promotion_id=it, zone=zone, starts=starts, ends=ends):
            entry = replace(entries[it], revision=revision, zone=zone, starts=starts, ends=ends)
            entries = entries.set(it, entry)
        case PromotionEnded(promotion_id=it) if entries[it].is_draft:
            entries = entries.delete(it)
        case PromotionEnded(promotion_id=it, reason=reason, at=at):
            entries = entries.set(it, replace(entries[it], ends=at, ended_because=reason))
        case PromotionReplaced(promotion_id=it, promotion=promotion, at=at):
            old = entries[it]
            starts = at if old.starts is None else max(at, old.starts)
            new = replace(old, promotion=promotion, revision=revision, starts=starts)
            entries = entries.set(it, replace(old, ends=at, replaced_by=promotion.promotion_id))
            entries = entries.set(promotion.promotion_id, new)
        case _:
            assert_never(event)
    return PromotionBook(entries, revision)
