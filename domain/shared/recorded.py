"""A fact together with where, when and why it was recorded.

Tuples, for logs are read by the million: a frozen dataclass takes three times as long to make.
"""

from datetime import datetime
from typing import Generic, NamedTuple, NewType, Protocol, TypeVar
from uuid import UUID

E_co = TypeVar("E_co", covariant=True)

Position = NewType("Position", int)
"""A place in the one global order of all events. Opaque, ordered, printable."""

START = Position(0)
"""Before everything."""


class Metadata(NamedTuple):
    """Who caused an event, on whose behalf, and by which command."""

    command_id: UUID
    correlation_id: UUID
    causation_id: UUID
    actor: str
    reason: str | None = None
    traceparent: str | None = None
    fingerprint: str | None = None


class Recorded(NamedTuple, Generic[E_co]):
    """A fact as the log holds it."""

    fact: E_co
    position: Position
    stream: str
    revision: int
    event_id: UUID
    recorded_at: datetime
    metadata: Metadata

    @property
    def actor(self) -> str:
        return self.metadata.actor

    @property
    def reason(self) -> str | None:
        return self.metadata.reason


class EventView(Protocol[E_co]):
    """What read models look at of a fact that was recorded: what, where, when, by whom and why.

    `stream` is for those who feed them: the events of a stream reach a read model in their order or not at all.

    Of a journal entry only `process`, `instance`, `input.name`, `phase` and `attention` are present: the content of
    the input and the requested commands are not.
    """

    @property
    def fact(self) -> E_co: ...

    @property
    def position(self) -> Position: ...

    @property
    def stream(self) -> str: ...

    @property
    def revision(self) -> int: ...

    @property
    def recorded_at(self) -> datetime: ...

    @property
    def actor(self) -> str: ...

    @property
    def reason(self) -> str | None: ...
