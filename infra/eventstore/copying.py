"""Moves a log from one store to another: the bytes, the order and the proof stay; positions are the target's own."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from commands.ports import Page, Record, StoreError
from domain.shared.recorded import START, Position
from infra.eventstore.factory import ClosableEventStore
from infra.eventstore.gaps import without_gap
from infra.eventstore.postgres.append_rules import Head
from infra.eventstore.postgres.restoring import continued

PAGE = 1000
ADVICE = "If it is an older copy of this log, one of them was changed since. Else copy to an empty store."


class Log(Protocol):
    """What is copied from: the reading half of an event store."""

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        """As EventStore.read_all."""

    async def head(self) -> Position:
        """As EventStore.head."""


class DifferentLogs(StoreError):
    """The target holds something that is not the beginning of the source, so nothing is copied to it."""


class LogMoved(StoreError):
    """One of the logs grew while it was copied."""


@dataclass(slots=True)
class Copied:
    """`there` records had been copied before, `new` ones were now (or would be). `source` and `target` are where the
    last of the former stands. `places` maps positions of the source to the target: where the last record up to there
    stands.
    """

    there: int = 0
    new: int = 0
    source: Position = START
    target: Position = START
    places: dict[Position, Position] = field(default_factory=dict)


class Copying:
    """One copy. It can be broken off at any moment; the next one finds out from the target how far this one came.

    `gapless`: the source has a record at every position, so that a position that is missing is a record that is.
    """

    def __init__(
        self,
        source: Log,
        target: ClosableEventStore,
        places: Collection[Position] = (),
        progress: Callable[[int, Position, Position], None] = lambda _done, _at, _head: None,
        *,
        gapless: bool = False,
    ) -> None:
        self._source, self._target = source, target
        self._progress, self._gapless = progress, gapless
        self._end = START
        self._heads, self._proven = dict[str, Head](), START
        self._told = Copied(places=dict.fromkeys(places, START))

    async def run(self) -> Copied:
        """Raises DifferentLogs, LogMoved, NotRestorable (the source was tampered with), StoreUnavailable."""
        self._end = await self._source.head()
        await self._compare(whole=False)
        source, target = self._told.source, self._told.target
        await self._copy()
        self._told.source, self._told.target = source, target
        await self._compare(whole=True)
        if await self._source.head() != self._end:
            raise LogMoved("The source was appended to while it was copied. Stop the shop and copy again: it goes on.")
        return self._told

    async def compare(self) -> Copied:
        """Hold the target against the source, and count what it lacks; nothing is copied. Raises as `run` does."""
        self._end = await self._source.head()
        await self._compare(whole=False)
        async for page in _pages(self._source, self._told.source, self._end):
            self._prove(page)
            self._told.new += len(page)
        return self._told

    async def _compare(self, *, whole: bool) -> None:
        """Walk both logs from where they were last found equal. `whole`: they have to end together."""
        theirs = _records(self._target, self._told.target, await self._target.head())
        count = self._told.there + (self._told.new if whole else 0)
        async for ours in _records(self._source, self._told.source, self._end):
            copy = await anext(theirs, None)
            if copy is None and not whole:
                return
            if copy is None or _bytes(copy) != _bytes(ours):
                raise DifferentLogs(
                    f"The target holds something else where the source holds {ours.stream} at revision"
                    f" {ours.revision} (position {ours.position}). {ADVICE}"
                )
            if not whole:
                self._prove([ours])
                self._told.there = count = count + 1
            self._equal(ours.position, copy.position, count)
        if await anext(theirs, None) is not None:
            raise DifferentLogs(f"The target holds more than the source. {ADVICE}")

    def _equal(self, ours: Position, copy: Position, count: int) -> None:
        self._told.source, self._told.target = ours, copy
        for wanted in self._told.places:
            if ours <= wanted:
                self._told.places[wanted] = copy
        self._progress(count, ours, self._end)

    async def _copy(self) -> None:
        async for page in _pages(self._source, self._told.source, self._end):
            self._prove(page)
            await self._target.restore(page)
            self._told.new += len(page)
            self._progress(self._told.there + self._told.new, page[-1].position, self._end)

    def _prove(self, records: Sequence[Record]) -> None:
        continued(records, self._heads)
        if self._gapless:
            self._proven = without_gap(records, self._proven)


async def _pages(store: Log, after: Position, end: Position) -> AsyncIterator[Sequence[Record]]:
    while after < end:
        page = await store.read_all(after=after, limit=PAGE)
        if records := [record for record in page.records if record.position <= end]:
            yield records
        after = page.position


async def _records(store: Log, after: Position, end: Position) -> AsyncIterator[Record]:
    async for page in _pages(store, after, end):
        for record in page:
            yield record


def _bytes(record: Record) -> tuple[object, ...]:
    return record.stream, record.revision, record.event_id, record.type, record.data, record.metadata
