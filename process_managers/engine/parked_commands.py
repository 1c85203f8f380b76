"""The event that parks a command which could not be delivered."""

from uuid import UUID

from domain.shared.derived import derived_id
from domain.shared.journal import CommandParked, Envelope
from process_managers.engine.inputs import OutgoingCommand


def parked(outgoing: OutgoingCommand, error: Exception, attempts: int) -> CommandParked:
    """The event for a command that is given up."""
    return CommandParked(
        process=outgoing.process,
        instance=outgoing.instance,
        command_id=outgoing.metadata.command_id,
        command=Envelope(outgoing.command),
        error=type(error).__name__,
        attempts=attempts,
    )


def parked_command_id(outgoing: OutgoingCommand) -> UUID:
    """The id of that event: one for each time the command was sent, however often it is stored."""
    return derived_id(outgoing.metadata.command_id, f"parked:{outgoing.metadata.causation_id}")
