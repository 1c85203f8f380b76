"""What a process takes in, and what goes out of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.shared.journal import CommandResent, InputResent, JournalEntry, RequestedCommand, Unrecorded
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata, Recorded
from process_managers.engine.journal import refusal_id, timer_id
from process_managers.engine.ports import Timer
from process_managers.engine.process import CommandRefused, TimerFired
from process_managers.engine.watermark import Ticket


class Input(NamedTuple):
    """A message for one instance of a process. `ticket` is open until all that follows from it is done.

    `attempt` is the event by which it was sent again; None: it comes for the first time, or after a crash.
    """

    message: Any
    id: UUID
    at: datetime
    correlation_id: UUID
    ticket: Ticket | None = None
    stream: str = ""
    revision: int = -1
    attempt: UUID | None = None


class OutgoingCommand(NamedTuple):
    """A command on its way, and on whose behalf."""

    process: str
    instance: str
    command: Any
    metadata: Metadata


class Refusal(NamedTuple):
    """A command that its decider refused."""

    outgoing: OutgoingCommand
    error: str
    detail: str


def of_event(recorded: Recorded[Any], ticket: Ticket, attempt: UUID | None = None) -> Input:
    """An event of the log as an input."""
    return Input(
        recorded.fact,
        recorded.event_id,
        recorded.recorded_at,
        recorded.metadata.correlation_id,
        ticket,
        recorded.stream,
        recorded.revision,
        attempt,
    )


def of_unrecorded(resent: Recorded[InputResent], kept: Unrecorded, ticket: Ticket) -> Input:
    """A timer or a refusal that was sent again, as the input that it was."""
    return Input(
        kept.message.message, resent.fact.input_id, kept.at, kept.correlation_id, ticket, attempt=resent.event_id
    )


def of_timer(timer: Timer, now: datetime, ticket: Ticket) -> Input:
    """A timer that is due as an input."""
    fired = TimerFired(process=timer.process, instance=timer.instance, name=timer.name, due=timer.due)
    input_id = timer_id(timer.process, timer.instance, timer.name, timer.due)
    return Input(fired, input_id, now, timer.correlation_id, ticket)


def of_refusal(refusal: Refusal, now: datetime) -> Input:
    """A refusal as an input of the process that requested the command."""
    outgoing = refusal.outgoing
    refused = CommandRefused(
        process=outgoing.process,
        instance=outgoing.instance,
        command_id=outgoing.metadata.command_id,
        command=name_of(outgoing.command),
        error=refusal.error,
        detail=refusal.detail,
    )
    return Input(refused, refusal_id(outgoing.metadata.command_id), now, outgoing.metadata.correlation_id)


def resent(given: Input) -> list[OutgoingCommand]:
    """What was sent again: a parked command, or all requests of an entry whose instance could not be loaded."""
    again = given.message
    match again:
        case CommandResent():
            commands: Sequence[CommandResent | RequestedCommand] = (again,)
        case JournalEntry() if given.attempt is not None:
            commands = again.asked
        case _:
            return []
    return [
        OutgoingCommand(
            again.process,
            again.instance,
            one.command.message,
            Metadata(
                command_id=one.command_id,
                correlation_id=given.correlation_id,
                causation_id=given.id,
                actor=actor(again.process),
            ),
        )
        for one in commands
    ]


def actor(process: str) -> str:
    """How a process signs what it does."""
    return f"process:{process}"
