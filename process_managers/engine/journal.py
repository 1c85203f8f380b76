"""The streams of journals and of parked messages, and the ids that follow from an input."""

from datetime import datetime
from uuid import UUID

from domain.shared.derived import derived_id

NAMESPACE = UUID("0f6dbb52-5d0c-5a0a-8f43-6d1b8f2f0c11")


def entry_id(process: str, input_id: UUID) -> UUID:
    """The id of the entry that an input makes; several processes may take in one event."""
    return derived_id(input_id, process)


def command_id(entry: UUID, number: int) -> UUID:
    """The id of the n-th command that an entry requests."""
    return derived_id(entry, str(number))


def refusal_id(command: UUID) -> UUID:
    """The id of the input for a refusal."""
    return derived_id(command, "refused")


def timer_id(process: str, instance: str, name: str, due: datetime) -> UUID:
    """The id of the input for a timer that was due."""
    return derived_id(NAMESPACE, f"{process}-{instance}:{name}:{due.isoformat()}")


def journal_stream(process: str, instance: str) -> str:
    """A journal is a stream like any other: `checkout-<id>`."""
    return f"{process}-{instance}"


def parked_command_stream(command: UUID) -> str:
    """The stream of a command that could not be delivered, from then on."""
    return f"parked-{command}"


def parked_input_stream(entry: UUID) -> str:
    """The stream of an input that could not be taken in, by the id of the entry that it would have made."""
    return f"unheard-{entry}"
