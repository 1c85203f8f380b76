"""The one command handler: read the story, decide, append. Nothing else decides."""

from asyncio import Lock
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5
from weakref import WeakValueDictionary

from commands.ports import (
    Appended,
    Codec,
    ConcurrentChange,
    Done,
    EventIdTaken,
    EventStore,
    NewEvent,
    Snapshot,
    Snapshots,
)
from commands.routes import Route
from domain.shared.errors import DomainError, Invalid
from domain.shared.messages import name_of
from domain.shared.recorded import START, Metadata

TRIES = 5
SNAPSHOT_EVERY = 500
COMMANDS_KEPT = 1000
NOWHERE = Appended(START, -1)


class CommandIdReused(Invalid):
    """The command id was used before, for another request."""


@dataclass(slots=True)
class Story:
    """What is known of one stream: its fold, how far it was read, and which commands it answered."""

    state: Any
    revision: int = -1
    snapshot_at: int = -1
    last: Appended = NOWHERE
    done: dict[UUID, Done] = field(default_factory=dict)

    def remember(self, command_id: UUID, at: Appended, fingerprint: str | None) -> None:
        self.done[command_id] = Done(Appended(at.position, at.revision, repeated=True), fingerprint)
        if len(self.done) > COMMANDS_KEPT:
            del self.done[next(iter(self.done))]


@dataclass(slots=True)
class CommandHandler:
    """Carries out any command of `routes`, many at once on different streams, one by one on the same stream.

    A command may come several times: a stream that holds its events answers with where they stand. Raises
    DomainError (refused, nothing appended), CommandIdReused, ConcurrentChange (others were faster `TRIES` times),
    StoreUnavailable.
    """

    store: EventStore
    codec: Codec
    snapshots: Snapshots
    routes: Mapping[type[Any], Route]
    stories_kept: int = 50_000
    _stories: OrderedDict[str, Story] = field(default_factory=OrderedDict)
    _queues: WeakValueDictionary[str, Lock] = field(default_factory=WeakValueDictionary)

    async def __call__(self, command: object, metadata: Metadata) -> Appended:
        """Carry out one command."""
        return await self.all_of([command], metadata)

    async def all_of(self, commands: Sequence[object], metadata: Metadata) -> Appended:
        """Carry out commands on one stream in one append: all of them or none."""
        route = self.routes[type(commands[0])]
        (stream,) = {route.stream_of(command) for command in commands}
        queue = self._queues.setdefault(stream, Lock())
        async with queue:
            return await self._with_retries(route, stream, commands, metadata)

    async def state_of(self, route: Route, stream: str) -> Any:
        """The present fold of a stream, for commands that need facts of another aggregate first."""
        queue = self._queues.setdefault(stream, Lock())
        async with queue:
            return (await self._caught_up(route, stream)).state

    async def _with_retries(
        self, route: Route, stream: str, commands: Sequence[object], metadata: Metadata
    ) -> Appended:
        # A kept story may be behind. Only an append proves it current, so any other outcome is asked again below.
        if (kept := self._stories.get(stream)) is not None:
            with suppress(ConcurrentChange, DomainError):
                if (at := await self._once(route, stream, kept, commands, metadata)) is not None:
                    return at
        for attempt in range(TRIES):
            story = await self._caught_up(route, stream)
            try:
                return await self._once(route, stream, story, commands, metadata) or story.last
            except ConcurrentChange:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    async def _once(
        self, route: Route, stream: str, story: Story, commands: Sequence[object], metadata: Metadata
    ) -> Appended | None:
        if (done := story.done.get(metadata.command_id)) is not None:
            if done.fingerprint != metadata.fingerprint:
                raise CommandIdReused("This key was used for another request. Use a new key.")
            return done.at
        state, facts = story.state, list[Any]()
        for command in commands:
            new = route.decider.decide(state, command)
            state = route.decider.replay(new, since=state)
            facts += new
        if not facts:
            return None
        events = [
            NewEvent(uuid5(metadata.command_id, str(n)), name_of(fact), self.codec.encode(fact), metadata)
            for n, fact in enumerate(facts)
        ]
        try:
            at = await self.store.append(stream, events, expected=story.revision)
        except EventIdTaken:
            raise CommandIdReused("This key was used for another request. Use a new key.") from None
        if at.repeated:
            self._stories.pop(stream, None)
            return at
        story.state, story.revision, story.last = state, at.revision, at
        story.remember(metadata.command_id, at, metadata.fingerprint)
        self._keep(stream, story)
        await self._snapshot_if_long(route, stream, story)
        return at

    async def _caught_up(self, route: Route, stream: str) -> Story:
        story = self._stories.get(stream) or await self._from_snapshot(route, stream)
        for record in await self.store.read(stream, after=story.revision):
            recorded = self.codec.understand(record)
            story.state = route.decider.evolve(story.state, recorded.fact)
            story.revision = recorded.revision
            story.last = Appended(recorded.position, recorded.revision)
            story.remember(recorded.metadata.command_id, story.last, recorded.metadata.fingerprint)
        self._keep(stream, story)
        await self._snapshot_if_long(route, stream, story)
        return story

    async def _from_snapshot(self, route: Route, stream: str) -> Story:
        if not route.long or (snapshot := await self.snapshots.load(stream, route.version)) is None:
            return Story(route.decider.initial)
        state = self.codec.decode(snapshot.state, route.state)
        at = Appended(snapshot.position, snapshot.revision)
        return Story(state, snapshot.revision, snapshot.revision, at, dict(snapshot.done))

    async def _snapshot_if_long(self, route: Route, stream: str, story: Story) -> None:
        if not route.long or story.revision - story.snapshot_at < SNAPSHOT_EVERY:
            return
        kept = Snapshot(story.revision, story.last.position, self.codec.encode(story.state), dict(story.done))
        await self.snapshots.save(stream, route.version, kept)
        story.snapshot_at = story.revision

    def _keep(self, stream: str, story: Story) -> None:
        self._stories[stream] = story
        self._stories.move_to_end(stream)
        if len(self._stories) > self.stories_kept:
            self._stories.popitem(last=False)
