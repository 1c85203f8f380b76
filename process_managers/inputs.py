"""What a process takes in, and what goes out of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.shared.journal import CommandResent
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata, Recorded
from process_managers.journal import refusal_id, timer_id
from process_managers.ports import Timer
from process_managers.process import CommandRefused, TimerFired
from process_managers.watermark import Ticket


@dataclass(frozen=True, slots=True)
class Input:
    """A message for one instance of a process. `ticket` is open until all that follows from it is done."""

    message: Any
    id: UUID
    at: datetime
    correlation_id: UUID
    ticket: Ticket | None = None
    stream: str = ""
    revision: int = -1


@dataclass(frozen=True, slots=True)
class Errand:
    """A command on its way, and on whose behalf."""

    process: str
    instance: str
    command: Any
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Refusal:
    """An errand that came back with a no."""

    errand: Errand
    error: str
    detail: str


def of_event(recorded: Recorded[Any], ticket: Ticket) -> Input:
    """An event of the log as an input."""
    return Input(
        recorded.fact,
        recorded.event_id,
        recorded.recorded_at,
        recorded.metadata.correlation_id,
        ticket,
        recorded.stream,
        recorded.revision,
    )


def of_timer(timer: Timer, now: datetime, ticket: Ticket) -> Input:
    """A timer that is due as an input."""
    fired = TimerFired(process=timer.process, instance=timer.instance, name=timer.name, due=timer.due)
    input_id = timer_id(timer.process, timer.instance, timer.name, timer.due)
    return Input(fired, input_id, now, timer.correlation_id, ticket)


def of_refusal(refusal: Refusal, now: datetime) -> Input:
    """A refusal as an input of the process that had asked."""
    errand = refusal.errand
    refused = CommandRefused(
        process=errand.process,
        instance=errand.instance,
        command_id=errand.metadata.command_id,
        command=name_of(errand.command),
        error=refusal.error,
        detail=refusal.detail,
    )
    return Input(refused, refusal_id(errand.metadata.command_id), now, errand.metadata.correlation_id)


def resent(given: Input) -> list[Errand]:
    """The errand of a parked command that somebody sent again, if the input is that."""
    if not isinstance(given.message, CommandResent):
        return []
    again = given.message
    return [
        Errand(
            again.process,
            again.instance,
            again.command.message,
            Metadata(
                command_id=again.command_id,
                correlation_id=given.correlation_id,
                causation_id=given.id,
                actor=actor(again.process),
            ),
        )
    ]


def actor(process: str) -> str:
    """How a process signs what it does."""
    return f"process:{process}"
