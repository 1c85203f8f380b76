"""A fact together with where, when and why it was recorded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NewType, TypeVar
from uuid import UUID

E_co = TypeVar("E_co", covariant=True)

Position = NewType("Position", int)
"""A place in the one global order of all events. Opaque, ordered, printable."""

START = Position(0)
"""Before everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Who caused an event, on whose behalf, and by which command."""

    command_id: UUID
    correlation_id: UUID
    causation_id: UUID
    actor: str
    reason: str | None = None
    traceparent: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """A fact as the log holds it."""

    fact: E_co
    position: Position
    stream: str
    revision: int
    event_id: UUID
    recorded_at: datetime
    metadata: Metadata
