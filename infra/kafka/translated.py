"""What comes of an event: a message for others, or a reason why there is none."""

from typing import Any, NamedTuple

from commands.ports import Record
from domain.shared.recorded import Recorded


class Translated(NamedTuple):
    """A fact and its message. `message` is None and `error` is set if it cannot be published.

    `asked` counts the requests to publish it again.
    """

    record: Record
    recorded: Recorded[Any] | None
    message: Any
    error: str | None = None
    asked: int = 0


def why(error: Exception) -> str:
    """For the dead letter."""
    return f"{type(error).__name__}: {error}"
