"""What becomes of an event that a read model cannot take in: it is parked, and its stream stands still there.

Later events of that stream are held back, so that its rows stay what they were after the last event that was good. A
read model that cannot take in many streams is at fault itself and stops.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from domain.shared.messages import name_of
from domain.shared.recorded import EventView, Position
from projections.engine.ports import Unread
from projections.engine.projection import Projection

MOST = 100
"""Streams that may stand still in a build before it stops as a whole."""


class ParkedEvent(NamedTuple):
    """The event at which a stream stands still, and why."""

    stream: str
    position: Position
    type: str
    fault: Exception

    @property
    def error(self) -> str:
        return f"{type(self.fault).__name__}: {self.fault}"


class TooManyParked(Exception):
    """So many events could not be taken in that the read model is at fault, not the events."""


def concerns(unread: Unread, projection: Projection) -> bool:
    """Whether the read model handles the event, as far as its name shows."""
    return unread.kind is object or unread.kind in projection.handles or (unread.kind is None and projection.watches)


@dataclass(slots=True)
class Intake:
    """The part of a batch that one build takes in. `held` are the streams that stood still before it.

    `parked` are the events at which streams came to stand still in this batch, by stream; `behind` counts the later
    events that each stream holds back.
    """

    held: Collection[str] = ()
    parked: dict[str, ParkedEvent] = field(default_factory=dict)
    behind: Counter[str] = field(default_factory=Counter)

    def read(self, unread: Sequence[Unread]) -> None:
        """Park what could not be read."""
        for it in unread:
            if it.stream in self.held:
                self.behind[it.stream] += 1
            else:
                self.park(ParkedEvent(it.stream, it.position, it.type, it.fault))

    def fail(self, recorded: EventView[Any], fault: Exception) -> None:
        """Park what could be read and not be taken in."""
        self.park(ParkedEvent(recorded.stream, recorded.position, name_of(recorded.fact), fault))

    def park(self, event: ParkedEvent) -> None:
        """Let the stream stand still from this event on, which may be before the one that was known. Raises
        TooManyParked."""
        known = self.parked.get(event.stream)
        if known is not None:
            self.behind[event.stream] += 1
        if known is None or event.position < known.position:
            self.parked[event.stream] = event
        if len(self.held) + len(self.parked) > MOST:
            raise TooManyParked(f"More than {MOST} events could not be taken in; the last: {event.error}") from (
                event.fault
            )

    def going(self, facts: Sequence[EventView[Any]]) -> Sequence[EventView[Any]]:
        """The facts of streams that do not stand still."""
        going = list[EventView[Any]]()
        for it in facts:
            parked = self.parked.get(it.stream)
            if it.stream in self.held or (parked is not None and parked.position < it.position):
                self.behind[it.stream] += 1
            else:
                going.append(it)
        return going
