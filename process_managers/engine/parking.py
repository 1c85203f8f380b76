"""A command or an input that failed for technical reasons waits in a stream of its own until it is sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from commands.routes import Route
from domain.shared.decider import Decider
from domain.shared.errors import Conflict, NotFound
from domain.shared.journal import CommandParked, CommandResent, InputParked, InputResent
from domain.shared.messages import command
from process_managers.engine.journal import parked_command_stream, parked_input_stream


class NotParked(NotFound):
    """Nothing of that id waits to be sent again."""


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


Resend = ResendParked | ResendInput
ParkingEvent = CommandParked | CommandResent | InputParked | InputResent


@dataclass(frozen=True, slots=True)
class Parked:
    """The last event of one command or input."""

    last: ParkingEvent | None = None


def decide(parked: Parked, command: Resend) -> Sequence[ParkingEvent]:
    """Answer a command with the facts that follow from it."""
    match parked.last:
        case None:
            raise NotParked(f"No {_subject(command)} is parked.")
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


def evolve(_: Parked, event: ParkingEvent) -> Parked:
    """Only the last event counts."""
    return Parked(event)


def stream_of(command: Resend) -> str:
    """The stream in which a command or an input waits."""
    if isinstance(command, ResendParked):
        return parked_command_stream(command.command_id)
    return parked_input_stream(command.entry_id)


parking_decider = Decider(initial=Parked(), decide=decide, evolve=evolve)

PARKING = Route(parking_decider, stream_of, Parked, "parking.2")


def _subject(command: Resend) -> str:
    return f"command {command.command_id}" if isinstance(command, ResendParked) else f"input {command.entry_id}"


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
