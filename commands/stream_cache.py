"""What is known of streams: read once, kept for a while, and only ever read further."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cachetools import LRUCache

from commands.ports import Appended, Codec, Done, EventStore, Snapshot, Snapshots, StoreUnavailable
from commands.routes import Route
from domain.shared.recorded import START, Metadata, Position

SNAPSHOT_EVERY = 500
LOOK = 100
"""Events that are read of a stream before a snapshot is looked for: most streams end before, and have none."""

COMMANDS_KEPT = 1000


@dataclass(slots=True)
class CachedStream:
    """What is known of one stream: its fold, how far it was read, and which commands it answered."""

    state: Any
    revision: int = -1
    snapshot_at: int = -1
    position: Position = START
    done: dict[UUID, Done] = field(default_factory=dict)

    @property
    def last(self) -> Appended:
        """Where the stream's last event stands."""
        return Appended(self.position, self.revision)

    @property
    def remembers_all(self) -> bool:
        """Whether a command that is not among those that are `done` was not carried out."""
        return len(self.done) < COMMANDS_KEPT

    def advance(self, state: Any, position: Position, revision: int, metadata: Metadata) -> None:
        """Take in what was appended or read, up to there."""
        self.state, self.position, self.revision = state, position, revision
        self.done[metadata.command_id] = Done(Appended(position, revision, repeated=True), metadata.fingerprint)
        if len(self.done) > COMMANDS_KEPT:
            del self.done[next(iter(self.done))]


@dataclass(slots=True)
class StreamCache:
    """The streams used last, at most `most` of them. A caller that changes one holds the stream's queue."""

    store: EventStore
    codec: Codec
    snapshots: Snapshots
    most: int
    _kept: LRUCache[str, CachedStream] = field(init=False)

    def __post_init__(self) -> None:
        self._kept = LRUCache(self.most)

    def get(self, stream: str) -> CachedStream | None:
        """What is kept of a stream; others may have appended since."""
        return self._kept.get(stream)

    def likely(self, route: Route, stream: str, command: object) -> CachedStream | None:
        """What is kept of a stream; nothing yet, where the command is one that opens streams."""
        if (kept := self._kept.get(stream)) is None and type(command) in route.begins:
            return CachedStream(route.decider.initial)
        return kept

    async def caught_up(self, route: Route, stream: str) -> CachedStream:
        """The stream up to its present end."""
        cached = self._kept.get(stream)
        if cached is None:
            cached = CachedStream(route.decider.initial)
            if route.long:
                await self._read_on(route, stream, cached, LOOK)
                if cached.revision + 1 < LOOK:
                    await self.keep(route, stream, cached)
                    return cached
                cached = await self._from_snapshot(route, stream) or cached
        await self._read_on(route, stream, cached)
        await self.keep(route, stream, cached)
        return cached

    async def _read_on(self, route: Route, stream: str, cached: CachedStream, limit: int | None = None) -> None:
        for record in await self.store.read(stream, after=cached.revision, limit=limit):
            recorded = self.codec.decode_event(record)
            state = route.decider.evolve(cached.state, recorded.fact)
            cached.advance(state, recorded.position, recorded.revision, recorded.metadata)

    async def keep(self, route: Route, stream: str, cached: CachedStream) -> None:
        """Keep the stream, and a snapshot of it when a long one has grown. A missing stream is not kept."""
        if cached.revision < 0:
            return
        if self.most:
            self._kept[stream] = cached
        if route.long and cached.revision - cached.snapshot_at >= SNAPSHOT_EVERY:
            snapshot = Snapshot(cached.revision, cached.position, self.codec.encode(cached.state), dict(cached.done))
            cached.snapshot_at = cached.revision
            with suppress(StoreUnavailable):
                await self.snapshots.save(stream, route.version, snapshot)

    async def _from_snapshot(self, route: Route, stream: str) -> CachedStream | None:
        """The stream as its snapshot has it, or None: an unusable snapshot is passed over."""
        with suppress(StoreUnavailable, ValueError):
            if (snapshot := await self.snapshots.load(stream, route.version)) is not None:
                state = self.codec.decode(snapshot.state, route.state)
                at = snapshot.revision
                return CachedStream(state, at, at, snapshot.position, dict(snapshot.done))
        return None
