"""What read models, and the runner that feeds them, need from the outside."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from domain.shared.recorded import EventView, Position

Kind = type[Any]
"""A class of facts."""


class StorageUnavailable(Exception):
    """The tables cannot be reached, or did not answer in time; whether a batch was stored is not known."""


class TookTooLong(StorageUnavailable):
    """The statement was stopped, as it took longer than statements may."""


class AnotherLog(Exception):
    """The log is not the one that was read: it was cut back or replaced."""


class BeingRebuilt(StorageUnavailable):
    """What there is of a read model was made by another version and cannot be read by this one, which makes its own.

    `share` of the log is in it already; None when it is not being made.
    """

    def __init__(self, model: str, share: float | None) -> None:
        super().__init__(f"{model} is of another version.")
        self.model = model
        self.share = share


class Row(Protocol):
    """A row, by column name or position; a slice is a tuple of values."""

    def __getitem__(self, key: str | int | slice) -> Any: ...


class Tables(Protocol):
    """The tables of one build of one read model.

    `{s}` in a statement stands for the schema of the build, so that two builds live side by side.
    """

    async def execute(self, statement: str, *values: object) -> str: ...

    async def fetch(self, statement: str, *values: object) -> Sequence[Row]: ...

    async def fetchrow(self, statement: str, *values: object) -> Row | None: ...


class SharedTables(Tables, Protocol):
    """Tables for which readers wait in a queue."""

    def in_turn(self) -> AbstractAsyncContextManager[Tables]:
        """For statements of which each needs the answer of the one before: the queue is stood in once for all."""


class FedTables(Tables, Protocol):
    """The tables of a build that is being fed."""

    async def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Write rows of which none is there. Half the price of an insert, and for few rows no more."""


class Unread(NamedTuple):
    """A stored event that could not be read, and why.

    `kind` is its class, `object` where the name does not tell it, None for a name that this version does not know.
    """

    position: Position
    stream: str
    type: str
    kind: Kind | None
    fault: Exception


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts in global order: all that were asked for up to `position` are in this batch or before it.

    `unread` are those among them that could not be read. `event_id` is of the last event of the log up to there; None:
    not known.
    """

    facts: Sequence[EventView[Any]]
    position: Position
    unread: Sequence[Unread] = ()
    event_id: UUID | None = None

    def until(self, position: Position, event_id: UUID | None = None) -> "Batch":
        """The part of the batch up to `position`."""
        if self.position <= position:
            return self
        facts = [recorded for recorded in self.facts if recorded.position <= position]
        return Batch(facts, position, [it for it in self.unread if it.position <= position], event_id)


class Log(Protocol):
    """All facts in their one order, understood."""

    def follow(self, after: Position) -> AsyncGenerator[Batch]:
        """Batches without an end: first what is there, then what comes; no gap, no repeat. Survives lost connections.

        Raises AnotherLog.
        """

    async def recognise(self, position: Position, event_id: UUID | None) -> UUID | None:
        """The id of the last event up to a position that was read earlier, with that event there if it was known.

        Raises AnotherLog. Survives lost connections.
        """
