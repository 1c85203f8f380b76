"""A command or an input that failed for technical reasons waits in its own stream until it is resent or skipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from commands.routes import Route
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.errors import Conflict, NotFound
from domain.shared.journal import (
    CommandParked,
    CommandResent,
    CommandSkipped,
    InputParked,
    InputResent,
    InputSkipped,
)
from domain.shared.messages import command
from process_managers.engine.journal import parked_command_stream, parked_input_stream

LONGEST_REASON = 200


class NotParked(NotFound):
    """Nothing of that id waits to be sent again."""


class AlreadyResent(Conflict):
    """It was sent again and waits no more."""


class InputNotKept(Conflict):
    """The input was a timer or a refusal, and was parked by a version that did not keep those."""


@command("process.resend_parked.v1")
class ResendParked:
    """Send a parked command again, under its old id."""

    command_id: UUID


@command("process.resend_input.v1")
class ResendInput:
    """Give a parked input once more to the process that could not take it in."""

    entry_id: UUID


@command("process.skip_parked.v1")
class SkipParked:
    """Do not carry out a parked command."""

    command_id: UUID
    reason: str


@command("process.skip_input.v1")
class SkipInput:
    """Do not give a parked input to its process."""

    entry_id: UUID
    reason: str


Resend = ResendParked | ResendInput
Skip = SkipParked | SkipInput
ParkingCommand = Resend | Skip
ParkingEvent = CommandParked | CommandResent | CommandSkipped | InputParked | InputResent | InputSkipped


@dataclass(frozen=True, slots=True)
class Parked:
    """The last event of one command or input."""

    last: ParkingEvent | None = None


def decide(parked: Parked, command: ParkingCommand) -> Sequence[ParkingEvent]:
    """Answer a command with the facts that follow from it."""
    if isinstance(command, SkipParked | SkipInput):
        return _skip(parked, command)
    match parked.last:
        case None:
            raise NotParked(f"No {_subject(command)} is parked.")
        case CommandSkipped() | InputSkipped() as last:
            raise NotParked(f"The {_subject(command)} was skipped: {last.reason}")
        case CommandResent() | InputResent():
            return []
        case CommandParked() as last:
            return [_command_resent(last)]
        case InputParked(stream="", unrecorded=None) as last:
            raise InputNotKept(f"The input {last.input} was parked without its content. See to {last.process} by hand.")
        case InputParked() as last:
            return [_input_resent(last)]
        case _:
            assert_never(parked.last)


def _skip(parked: Parked, command: Skip) -> Sequence[ParkingEvent]:
    require.reason(command.reason, LONGEST_REASON)
    match parked.last:
        case None:
            raise NotParked(f"No {_subject(command)} is parked.")
        case CommandSkipped() | InputSkipped():
            return []
        case CommandResent() | InputResent():
            raise AlreadyResent(f"The {_subject(command)} was sent again. It can be skipped if it is parked again.")
        case CommandParked() as last:
            return [_command_skipped(last, command.reason)]
        case InputParked() as last:
            return [_input_skipped(last, command.reason)]
        case _:
            assert_never(parked.last)


def evolve(_: Parked, event: ParkingEvent) -> Parked:
    """Only the last event counts."""
    return Parked(event)


def stream_of(command: ParkingCommand) -> str:
    """The stream in which a command or an input waits."""
    if isinstance(command, ResendParked | SkipParked):
        return parked_command_stream(command.command_id)
    return parked_input_stream(command.entry_id)


parking_decider = Decider(initial=Parked(), decide=decide, evolve=evolve)

PARKING = Route(parking_decider, stream_of, Parked, "parking.3")


ROUTES = dict.fromkeys((ResendParked, ResendInput, SkipParked, SkipInput), PARKING)


def _subject(command: ParkingCommand) -> str:
    if isinstance(command, ResendParked | SkipParked):
        return f"command {command.command_id}"
    return f"input {command.entry_id}"


def _command_resent(parked: CommandParked) -> CommandResent:
    return CommandResent(
        process=parked.process, instance=parked.instance, command_id=parked.command_id, command=parked.command
    )


def _input_resent(parked: InputParked) -> InputResent:
    return InputResent(
        process=parked.process,
        instance=parked.instance,
        entry_id=parked.entry_id,
        input_id=parked.input_id,
        input=parked.input,
        stream=parked.stream,
        revision=parked.revision,
        unrecorded=parked.unrecorded,
    )


def _command_skipped(parked: CommandParked, reason: str) -> CommandSkipped:
    return CommandSkipped(
        process=parked.process,
        instance=parked.instance,
        command_id=parked.command_id,
        command=parked.command,
        reason=reason,
    )


def _input_skipped(parked: InputParked, reason: str) -> InputSkipped:
    return InputSkipped(
        process=parked.process,
        instance=parked.instance,
        entry_id=parked.entry_id,
        input=parked.input,
        stream=parked.stream,
        revision=parked.revision,
        reason=reason,
    )
