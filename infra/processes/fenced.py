"""What processes write with beside their checkpoint, held back when the term of their lease has ended.

Journals and commands need no token in the log: an append names the revision it expects and ids that follow from its
input, so one that comes late either conflicts or repeats. These wrappers keep a runner that was frozen from trying.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from commands.ports import NO_STREAM, Appended, EventStore, Expected, NewEvent, Page, Record, StoreUnavailable
from domain.shared.recorded import Metadata, Position
from infra.postgres.partition_assignment import Fence
from process_managers.engine.ports import Commands


def check(fence: Fence) -> None:
    """Raise StoreUnavailable when the term has ended: the outcome of the call is unknown."""
    if not fence.valid:
        raise StoreUnavailable("The lease on these partitions has ended.")


@dataclass(frozen=True, slots=True)
class FencedStore:
    """Implements commands.ports.EventStore."""

    store: EventStore
    fence: Fence

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        check(self.fence)
        return await self.store.append(stream, events, expected=expected)

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        return await self.store.find(stream, event_id)

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        return await self.store.read(stream, after=after, limit=limit)

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        return await self.store.read_all(after=after, limit=limit, types=types)

    def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        return self.store.subscribe(after=after, types=types, batch=batch)

    async def head(self) -> Position:
        return await self.store.head()

    async def event_at(self, position: Position) -> UUID | None:
        return await self.store.event_at(position)


@dataclass(frozen=True, slots=True)
class FencedCommands:
    """Implements process_managers.engine.ports.Commands."""

    commands: Commands
    fence: Fence

    async def __call__(self, command: object, metadata: Metadata, /) -> Appended | None:
        check(self.fence)
        return await self.commands(command, metadata)
