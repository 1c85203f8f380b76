"""The one command handler: read the stream, decide, append. Nothing else decides."""

from asyncio import Lock, Task, create_task, shield, sleep
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from commands.idempotency import CarriedOut, CommandIdReused, event_id, remembered
from commands.ports import Appended, Codec, ConcurrentChange, EventIdTaken, EventStore, NewEvent, Snapshots
from commands.routes import Route
from commands.stream_cache import CachedStream, StreamCache
from domain.shared.backoff import Backoff
from domain.shared.derived import derived_id
from domain.shared.errors import DomainError
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata

TRIES = 40
BACKOFF = Backoff(0.002, 0.25)
"""Seconds. The process that won the last conflict need not read before its next append, so the others wait until its
queue is empty: four seconds in all, on average."""


class PreconditionFailed(DomainError):
    """The thing is not at the revision that the request is meant for."""

    def __init__(self, revision: int, changed_by: str | None = None, changed_at: datetime | None = None) -> None:
        super().__init__(
            f"It is at revision {revision} by now. Look at what has changed, and send If-Match with that revision.",
            "If-Match",
        )
        self.revision = revision
        if changed_by is not None:
            self.changed_by = changed_by
        if changed_at is not None:
            self.changed_at = changed_at


@dataclass(slots=True)
class CommandHandler:
    """Carries out any command of `routes`, many at once on different streams, one by one on the same stream.

    A command may come several times: a stream that holds its events answers with where they stand. With `only_at` a
    stream must stand at one of these revisions. Raises DomainError (refused, nothing appended), PreconditionFailed,
    CommandIdReused, ConcurrentChange (others were faster `TRIES` times), StoreUnavailable.
    """

    store: EventStore
    codec: Codec
    snapshots: Snapshots
    routes: Mapping[type[Any], Route]
    streams_kept: int = 50_000
    pause: Callable[[float], Awaitable[None]] = sleep
    only_at: Set[int] | None = None
    _streams: StreamCache = field(init=False)
    _carried_out: CarriedOut = field(init=False)
    _queues: WeakValueDictionary[str, Lock] = field(default_factory=WeakValueDictionary)
    _looks: dict[str, Task[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._streams = StreamCache(self.store, self.codec, self.snapshots, self.streams_kept)
        self._carried_out = CarriedOut(self.store, self.codec)

    def at(self, revisions: Set[int] | None) -> "CommandHandler":
        """The same handler for a request that is meant for a stream at one of these revisions (None: at any)."""
        if revisions is self.only_at:
            return self
        it = copy(self)
        it.only_at = revisions
        return it

    async def __call__(self, command: object, metadata: Metadata) -> Appended:
        """Carry out one command."""
        return await self.all_of([command], metadata)

    async def all_of(self, commands: Sequence[object], metadata: Metadata) -> Appended:
        """Carry out commands on one stream in one append: all of them or none."""
        route = self.routes[type(commands[0])]
        (stream,) = {route.stream_of(command) for command in commands}
        async with self._queue(stream):
            return await self._with_retries(route, stream, commands, metadata)

    async def prepared(
        self, route: Route, stream: str, prepare: Callable[[], Awaitable[Sequence[object]]], metadata: Metadata
    ) -> Appended:
        """Carry out commands that need facts from outside first.

        A repeat is answered like the first time, even when those facts would not allow it any more.
        """
        try:
            commands = await prepare()
        except DomainError:
            async with self._queue(stream):
                cached = await self._streams.caught_up(route, stream)
                done = await self._carried_out.find(stream, cached, metadata)
            if done is None:
                raise
            return done
        return await self.all_of(commands, metadata)

    async def state_of(self, route: Route, stream: str) -> Any:
        """The fold of a stream as it stands now. Calls that come before the read begins share it."""
        if (look := self._looks.get(stream)) is None:
            look = self._looks[stream] = create_task(self._look(route, stream))
        return await shield(look)

    async def known(self, route: Route, stream: str) -> Any:
        """A fold that may be behind: enough for what never changes once it is written, such as an owner."""
        kept = self._streams.get(stream)
        return await self.state_of(route, stream) if kept is None else kept.state

    async def _look(self, route: Route, stream: str) -> Any:
        async with self._queue(stream):
            del self._looks[stream]
            return (await self._streams.caught_up(route, stream)).state

    def _queue(self, stream: str) -> Lock:
        return self._queues.setdefault(stream, Lock())

    async def _with_retries(
        self, route: Route, stream: str, commands: Sequence[object], metadata: Metadata
    ) -> Appended:
        # A cached stream may be behind, and an empty one is a guess. Only a successful append proves it current, so
        # every other outcome is decided again below.
        if (likely := self._streams.likely(route, stream, commands[0])) is not None:
            with suppress(ConcurrentChange, EventIdTaken, DomainError):
                if (at := await self._once(route, stream, likely, commands, metadata)) is not None:
                    return at
        taken = False
        for attempt in range(TRIES):
            cached = await self._streams.caught_up(route, stream)
            try:
                return await self._once(route, stream, cached, commands, metadata) or cached.last
            except DomainError:
                if (done := await self._carried_out.find(stream, cached, metadata)) is None:
                    raise
                return done
            except EventIdTaken:
                # The same command may just have been stored by another process; then the next read shows it.
                if taken:
                    if (done := await self._carried_out.find(stream, cached, metadata)) is None:
                        raise CommandIdReused from None
                    return done
                taken = True
            except ConcurrentChange:
                if attempt == TRIES - 1:
                    raise
                await self.pause(_jittered(attempt, metadata))
        raise CommandIdReused

    async def _last_change(self, stream: str, revision: int) -> tuple[str, datetime] | tuple[()]:
        """Who stored the event at this revision, and when; empty when there is none."""
        records = await self.store.read(stream, after=revision - 1, limit=1) if revision >= 0 else ()
        for last in map(self.codec.decode_view, records):
            return last.actor, last.recorded_at
        return ()

    async def _once(
        self, route: Route, stream: str, cached: CachedStream, commands: Sequence[object], metadata: Metadata
    ) -> Appended | None:
        """Carry commands out on a cached stream. None when there was nothing to append."""
        # 1. Was it carried out before? Then that is the answer, at whatever revision the stream is by now.
        if (done := remembered(cached, metadata)) is not None:
            return done
        if self.only_at is not None and cached.revision not in self.only_at:
            raise PreconditionFailed(cached.revision, *await self._last_change(stream, cached.revision))
        # 2. Decide each command on the state that the ones before it lead to.
        state, facts = cached.state, list[Any]()
        for number, command in enumerate(commands):
            try:
                new = route.decider.decide(state, command)
            except DomainError as error:
                error.number = number
                raise
            state = route.decider.replay(new, since=state)
            facts += new
        # 3. Nothing to do.
        if not facts:
            return None
        # 4. Append. An event id that is stored already says that the command was carried out: by another process a
        #    moment ago, or so long ago that the cached stream has forgotten it.
        events = [
            NewEvent(event_id(metadata, n), name_of(fact), self.codec.encode(fact), metadata)
            for n, fact in enumerate(facts)
        ]
        at = await self.store.append(stream, events, expected=cached.revision)
        if at.repeated:
            cached = await self._streams.caught_up(route, stream)
            return remembered(cached, metadata) or await self._carried_out.last_event(stream, at.revision, metadata)
        # 5. Keep the state.
        cached.advance(state, at.position, at.revision, metadata)
        await self._streams.keep(route, stream, cached)
        return at


def _jittered(attempt: int, metadata: Metadata) -> float:
    """Anything up to a bound that doubles. It follows from the command id, so no two commands wait in step."""
    share = derived_id(metadata.command_id, f"pause {attempt}").int / 2**128
    return share * BACKOFF.pause(attempt + 1)
