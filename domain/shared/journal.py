"""The journal of a process: each entry holds an input with the commands and timers that follow from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.shared.messages import event, name_of


class Envelope:
    """A message inside another one, kept under its stored name: `{"type": ..., "data": ...}`."""

    __slots__ = ("_message",)

    def __init__(self, message: Any) -> None:
        self._message = message

    @property
    def message(self) -> Any:
        return self._message

    @property
    def name(self) -> str:
        """The stored name of the message."""
        return name_of(self._message)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Envelope) and self.message == other.message

    def __hash__(self) -> int:
        return hash(self.message)

    def __repr__(self) -> str:
        return f"Envelope({self.message!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCommand:
    """A command that the process requested; its id makes a second delivery harmless."""

    command_id: UUID
    command: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerChange:
    """A timer that was set (`due`) or cancelled (None)."""

    name: str
    due: datetime | None


@event("process.heard.v1")
class JournalEntry:
    """One input and all that follows from it, appended together or not at all.

    All commands requested up to revision `settled` were delivered, refused or parked before this entry.
    """

    process: str
    instance: str
    input_id: UUID
    input: Envelope
    input_at: datetime
    asked: tuple[RequestedCommand, ...]
    alarms: tuple[TimerChange, ...]
    phase: str
    attention: str | None
    settled: int = -1


@event("process.command_parked.v1")
class CommandParked:
    """A command failed for technical reasons until it was given up; it can be sent again."""

    process: str
    instance: str
    command_id: UUID
    command: Envelope
    error: str
    attempts: int


@event("process.command_resent.v1")
class CommandResent:
    """A parked command was sent again, by hand or because the payment gateway may answer again."""

    process: str
    instance: str
    command_id: UUID
    command: Envelope


@event("process.command_skipped.v1")
class CommandSkipped:
    """A parked command is not to be carried out: it was settled by other means, or is not wanted any more."""

    process: str
    instance: str
    command_id: UUID
    command: Envelope
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded:
    """An input that is no event of the log (a timer that was due, a refusal), and all it takes to give it again."""

    message: Envelope
    at: datetime
    correlation_id: UUID


@event("process.input_parked.v2")
class InputParked:
    """An input that could not be taken in: unreadable, or a fault in the process. It can be sent again by hand.

    `entry_id` is the id of the journal entry that it would have made. The log holds the input, at `stream` and
    `revision`, or else `unrecorded` does. `instance` is None if it could not be determined.
    """

    process: str
    instance: str | None
    entry_id: UUID
    input_id: UUID
    input: str
    stream: str
    revision: int
    unrecorded: Unrecorded | None
    error: str


@event("process.input_resent.v1")
class InputResent:
    """A parked input was sent again by hand, to the process that could not take it in."""

    process: str
    instance: str | None
    entry_id: UUID
    input_id: UUID
    input: str
    stream: str
    revision: int
    unrecorded: Unrecorded | None


@event("process.input_skipped.v1")
class InputSkipped:
    """A parked input is not to be given to its process any more."""

    process: str
    instance: str | None
    entry_id: UUID
    input: str
    stream: str
    revision: int
    reason: str
