"""Missing positions of a log whose store counts them one by one."""

from collections.abc import Sequence

from commands.ports import Record
from domain.shared.recorded import Position
from infra.eventstore.postgres.restoring import NotRestorable


class MissingPositions(NotRestorable):
    """Positions that the store has given out hold no record any more."""


def without_gap(records: Sequence[Record], last: Position) -> Position:
    """The position of the last record, when all of them follow `last` and each other. Raises MissingPositions."""
    for record in records:
        if record.position != last + 1:
            raise MissingPositions(
                f"The log holds no event between the positions {last} and {record.position}. Events were removed:"
                " see `counterfoil check`, and restore an older backup or compare with a copy."
            )
        last = record.position
    return last
