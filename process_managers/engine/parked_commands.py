"""A command that could not be delivered waits in a stream of its own until somebody sends it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from commands.routes import Route
from domain.shared.decider import Decider
from domain.shared.derived import derived_id
from domain.shared.errors import NotFound
from domain.shared.journal import CommandParked, CommandResent, Envelope
from domain.shared.messages import command
from process_managers.engine.inputs import OutgoingCommand
from process_managers.engine.journal import parked_command_stream

ParkedCommandEvent = CommandParked | CommandResent


class NotParked(NotFound):
    """Nothing of that id waits to be sent again."""


@command("process.resend_parked.v1")
class ResendParked:
    """Send a parked command again, under its old id."""

    command_id: UUID


@dataclass(frozen=True, slots=True)
class ParkedCommands:
    """The last that is known of one command."""

    last: ParkedCommandEvent | None = None


def decide(parked_commands: ParkedCommands, command: ResendParked) -> Sequence[ParkedCommandEvent]:
    """Answer a command with the facts that follow from it."""
    match parked_commands.last:
        case None:
            raise NotParked(f"No command {command.command_id} is parked.")
        case CommandResent():
            return []
        case CommandParked() as parked:
            return [
                CommandResent(
                    process=parked.process,
                    instance=parked.instance,
                    command_id=parked.command_id,
                    command=parked.command,
                )
            ]
        case _:
            assert_never(parked_commands.last)


def evolve(_: ParkedCommands, event: ParkedCommandEvent) -> ParkedCommands:
    """Only the last word counts."""
    return ParkedCommands(event)


parking_decider = Decider(initial=ParkedCommands(), decide=decide, evolve=evolve)

PARKING = Route(parking_decider, lambda c: parked_command_stream(c.command_id), ParkedCommands, "parking.1")


def parked(outgoing: OutgoingCommand, error: Exception, attempts: int) -> CommandParked:
    """What is to be known of an errand that is given up."""
    return CommandParked(
        process=outgoing.process,
        instance=outgoing.instance,
        command_id=outgoing.metadata.command_id,
        command=Envelope(outgoing.command),
        error=type(error).__name__,
        attempts=attempts,
    )


def parked_command_id(outgoing: OutgoingCommand) -> UUID:
    """One parking for each time the command was sent, however often that is told."""
    return derived_id(outgoing.metadata.command_id, f"parked:{outgoing.metadata.causation_id}")
