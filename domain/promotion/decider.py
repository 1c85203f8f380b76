"""One book of all promotions: each has its own place, and none is edited once it is scheduled."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.pricing.promotions import Promotion
from domain.promotion.commands import (
    DraftPromotion,
    EndPromotion,
    PromotionCommand,
    ReplacePromotion,
    SchedulePromotion,
)
from domain.promotion.errors import (
    PriorityTaken,
    PromotionExists,
    PromotionIsNotScheduled,
    PromotionIsOver,
    PromotionIsScheduled,
    PromotionNotFound,
    TooManyPromotions,
    UnusableTimes,
)
from domain.promotion.events import (
    PromotionDrafted,
    PromotionEnded,
    PromotionEvent,
    PromotionReplaced,
    PromotionScheduled,
)
from domain.promotion.rules import check
from domain.promotion.state import BookEntry, PromotionBook, evolve
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.ids import PromotionId

__all__ = ["PromotionBook", "promotion_decider"]

MOST_PROMOTIONS = 10_000
LONGEST_ZONE, LONGEST_REASON = 100, 200


def decide(book: PromotionBook, command: PromotionCommand) -> Sequence[PromotionEvent]:
    """What follows from a command; raises the errors of this folder."""
    match command:
        case DraftPromotion(promotion=promotion):
            return _draft(book, promotion)
        case SchedulePromotion():
            return _schedule(book, command)
        case EndPromotion(promotion_id=it, reason=reason, at=at):
            require.reason(reason, LONGEST_REASON)
            entry = book.entries.get(it)
            return [] if entry is None or entry.is_over(at) else [PromotionEnded(promotion_id=it, reason=reason, at=at)]
        case ReplacePromotion():
            return _replace(book, command)
        case _:
            assert_never(command)


def _draft(book: PromotionBook, promotion: Promotion) -> Sequence[PromotionEvent]:
    check(promotion)
    entry = book.entries.get(promotion.promotion_id)
    if entry is None:
        _has_room(book)
    elif not entry.is_draft:
        raise PromotionIsScheduled(
            f"Promotion {promotion.promotion_id} is scheduled and cannot be edited. Replace it, or end it."
        )
    elif entry.promotion == promotion:
        return []
    return [PromotionDrafted(promotion=promotion)]


def _schedule(book: PromotionBook, command: SchedulePromotion) -> Sequence[PromotionEvent]:
    entry = _known(book, command.promotion_id)
    if not entry.is_draft:
        if (entry.zone, entry.starts, entry.ends) == (command.zone, command.starts, command.ends):
            return []
        raise PromotionIsScheduled(
            f"Promotion {command.promotion_id} is scheduled and cannot be edited. Replace it, or end it."
        )
    require.text(command.zone, "zone", LONGEST_ZONE)
    if command.starts < command.at:
        raise UnusableTimes("A promotion cannot begin in the past. Choose a later time, or leave it out.", "starts")
    if command.ends is not None and command.ends <= command.starts:
        raise UnusableTimes("A promotion ends after it has begun. Choose a later end.", "ends")
    _has_own_place(book, entry.promotion, command.at)
    return [
        PromotionScheduled(
            promotion_id=command.promotion_id,
            zone=command.zone,
            starts=command.starts,
            ends=command.ends,
            at=command.at,
        )
    ]


def _replace(book: PromotionBook, command: ReplacePromotion) -> Sequence[PromotionEvent]:
    old, new = _known(book, command.promotion_id), command.promotion
    if old.replaced_by == new.promotion_id and book.entries[new.promotion_id].promotion == new:
        return []
    if old.is_draft:
        raise PromotionIsNotScheduled(f"Promotion {command.promotion_id} is a draft. Edit it.")
    if old.is_over(command.at):
        raise PromotionIsOver(f"Promotion {command.promotion_id} has ended. Draft a new one.")
    check(new)
    if new.promotion_id in book.entries:
        raise PromotionExists(f"Promotion {new.promotion_id} exists. Choose another id.", "promotion_id")
    _has_room(book)
    _has_own_place(book, new, command.at, but=command.promotion_id)
    return [PromotionReplaced(promotion_id=command.promotion_id, promotion=new, at=command.at)]


def _known(book: PromotionBook, it: PromotionId) -> BookEntry:
    if (entry := book.entries.get(it)) is None:
        raise PromotionNotFound(f"There is no promotion {it}. Draft it first.", "promotion_id")
    return entry


def _has_room(book: PromotionBook) -> None:
    if len(book.entries) >= MOST_PROMOTIONS:
        raise TooManyPromotions(f"A shop has at most {MOST_PROMOTIONS:,} promotions, old ones included.")


def _has_own_place(book: PromotionBook, promotion: Promotion, at: datetime, but: PromotionId | None = None) -> None:
    for it, entry in book.entries.items():
        if it == but or entry.is_draft or entry.is_over(at):
            continue
        if (entry.promotion.phase, entry.promotion.priority) == (promotion.phase, promotion.priority):
            raise PriorityTaken(
                f"{entry.promotion.title} ({it}) has priority {promotion.priority} among promotions of the "
                f"{promotion.phase}. Choose another one.",
                "priority",
            )


promotion_decider = Decider(initial=PromotionBook(), decide=decide, evolve=evolve)
