"""Where a process keeps its journal, and how it numbers what it asks for."""

from uuid import UUID, uuid5


def command_id(input_id: UUID, number: int) -> UUID:
    """The id of the n-th command that an input asks for."""
    return uuid5(input_id, str(number))


def journal_stream(process: str, instance: str) -> str:
    """A journal is a stream like any other: `checkout-<id>`."""
    return f"{process}-{instance}"
