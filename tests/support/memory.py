"""An event store in a dictionary, with places where tests may stop it or make it fail."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from commands.ports import (
    ANY,
    Appended,
    ConcurrentChange,
    EventIdTaken,
    Expected,
    NewEvent,
    Page,
    Record,
    Snapshot,
    StoreUnavailable,
)
from domain.shared.recorded import Metadata, Position
from infra.serialization.codec import StoredMetadata

RECORDED_AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


async def _at_once() -> None:
    """Nothing to wait for."""


@dataclass(slots=True)
class MemoryStore:
    """The semantics of the port, without a subscription. `turn` is awaited after each look and before each append.

    `unavailable` is how many of the next appends fail; `stored_anyway` says whether their events were stored.
    """

    turn: Callable[[], Awaitable[None]] = _at_once
    unavailable: int = 0
    stored_anyway: bool = False
    log: list[Record] = field(default_factory=list)
    reads: list[tuple[str, int]] = field(default_factory=list)
    _streams: dict[str, list[Record]] = field(default_factory=dict)
    _ids: dict[UUID, str] = field(default_factory=dict)

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        await self.turn()
        if self.unavailable:
            self.unavailable -= 1
            if self.stored_anyway:
                self._append(stream, events, expected)
            raise StoreUnavailable("The store went away.")
        return self._append(stream, events, expected)

    def _append(self, stream: str, events: Sequence[NewEvent], expected: Expected) -> Appended:
        records = self._streams.get(stream, [])
        ids = [event.event_id for event in events]
        held = [record.event_id for record in records]
        if ids[0] in held and held[(first := held.index(ids[0])) : first + len(ids)] == ids:
            last = records[first + len(ids) - 1]
            return Appended(last.position, last.revision, repeated=True)
        if any(event_id in self._ids for event_id in ids):
            raise EventIdTaken(f"{ids} are not new.")
        if expected is not ANY and expected != len(records) - 1:
            raise ConcurrentChange(stream, expected, len(records) - 1)
        for event in events:
            record = Record(
                Position(len(self.log) + 1),
                stream,
                len(records),
                event.event_id,
                event.type,
                event.data,
                _stored(event.metadata),
            )
            self._ids[event.event_id] = stream
            self.log.append(record)
            records.append(record)
        self._streams[stream] = records
        return Appended(self.log[-1].position, len(records) - 1)

    async def read(self, stream: str, *, after: int = -1, limit: int | None = None) -> Sequence[Record]:
        self.reads.append((stream, after))
        records = self._streams.get(stream, [])[after + 1 :]
        await self.turn()
        return records if limit is None else records[:limit]

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        records = [record for record in self.log[after:] if types is None or record.type in types][:limit]
        full = len(records) == limit
        return Page(records, records[-1].position if full else Position(len(self.log)), more=full)

    def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        raise NotImplementedError

    async def head(self) -> Position:
        return Position(len(self.log))


def _stored(metadata: Metadata) -> bytes:
    return msgspec.json.encode(
        StoredMetadata(
            correlation_id=metadata.correlation_id,
            causation_id=metadata.causation_id,
            command_id=metadata.command_id,
            actor=metadata.actor,
            recorded_at=RECORDED_AT,
            reason=metadata.reason,
            traceparent=metadata.traceparent,
            fingerprint=metadata.fingerprint,
        )
    )


@dataclass(slots=True)
class MemorySnapshots:
    """Snapshots in a dictionary; `unavailable` while their store is down."""

    kept: dict[tuple[str, str], Snapshot] = field(default_factory=dict)
    unavailable: bool = False

    async def load(self, stream: str, version: str) -> Snapshot | None:
        self._reach()
        return self.kept.get((stream, version))

    async def save(self, stream: str, version: str, snapshot: Snapshot) -> None:
        self._reach()
        self.kept[stream, version] = snapshot

    def _reach(self) -> None:
        if self.unavailable:
            raise StoreUnavailable("The snapshots went away.")
