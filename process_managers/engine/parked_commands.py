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
from process_managers.engine.inputs import Errand
from process_managers.engine.journal import parking_stream

ParkingEvent = CommandParked | CommandResent


class NotParked(NotFound):
    """Nothing of that id waits to be sent again."""


@command("process.resend_parked.v1")
class ResendParked:
    """Send a parked command again, under its old id."""

    command_id: UUID


@dataclass(frozen=True, slots=True)
class Parking:
    """The last that is known of one command."""

    last: ParkingEvent | None = None


def decide(parking: Parking, command: ResendParked) -> Sequence[ParkingEvent]:
    """Answer a command with the facts that follow from it."""
    match parking.last:
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
            assert_never(parking.last)


def evolve(_: Parking, event: ParkingEvent) -> Parking:
    """Only the last word counts."""
    return Parking(event)


parking_decider = Decider(initial=Parking(), decide=decide, evolve=evolve)

PARKING = Route(parking_decider, lambda c: parking_stream(c.command_id), Parking, "parking.1")


def parked(errand: Errand, error: Exception, attempts: int) -> CommandParked:
    """What is to be known of an errand that is given up."""
    return CommandParked(
        process=errand.process,
        instance=errand.instance,
        command_id=errand.metadata.command_id,
        command=Envelope(errand.command),
        error=type(error).__name__,
        attempts=attempts,
    )


def parking_id(errand: Errand) -> UUID:
    """One parking for each time the command was sent, however often that is told."""
    return derived_id(errand.metadata.command_id, f"parked:{errand.metadata.causation_id}")
