"""Whether a log is still the one that was followed."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from commands.ports import LogDiverged, Page, Seen
from domain.shared.recorded import START, Position

ADVICE = (
    "Nothing is followed until log and database fit again: restore the missing events to the log, or restore both from "
    "one backup. See docs/backup.md, A log that was restored."
)

EventAt = Callable[[Position], Awaitable[UUID | None]]


async def recognise(event_at: EventAt, seen: Seen) -> Seen:
    """The same with the event's id, where that was not known. Raises LogDiverged, StoreUnavailable."""
    if seen.position == START:
        return Seen(START, None)
    found = await event_at(seen.position)
    if seen.event_id is not None and found != seen.event_id:
        raise LogDiverged(f"The log holds {found or 'no event'} at position {seen.position}, not {seen.event_id}.")
    return Seen(seen.position, found)


def seen_of(page: Page) -> Seen:
    """The event by which the log is recognised after a page."""
    last = page.records[-1] if page.records else None
    return Seen(page.position, last.event_id if last is not None and last.position == page.position else None)


def ends_before(position: Position, head: Position) -> LogDiverged:
    """The error of a log that is too short."""
    return LogDiverged(f"The log ends at position {head}, before position {position}, which was followed already.")


async def refusal(event_at: EventAt, seen: Seen) -> str | None:
    """Why a log must not be followed from there on, and what to do. Raises StoreUnavailable."""
    try:
        await recognise(event_at, seen)
    except LogDiverged as error:
        return f"{error} {ADVICE}"
    return None
