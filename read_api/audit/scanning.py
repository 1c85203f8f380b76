"""Pages of a stream, in both directions, of all its events or of those that pass a filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec
from strawberry import relay

from projections.engine.paging import Window
from read_api.graphql.relay import Connection, Cursors, Edge
from read_api.ports import Entry, History

N = TypeVar("N")

FROM_THE_FIRST = -1
PART, SCANNED = 500, 5_000
"""Events that are read at once, and by one request with a filter."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events of a stream; None means any."""

    types: frozenset[str] | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def all(self) -> bool:
        return self == Wanted()

    def takes(self, entry: Entry) -> bool:
        if self.types is not None and entry.type not in self.types:
            return False
        if self.actor is None and self.since is None and self.until is None:
            return True
        told = msgspec.json.decode(entry.metadata, type=_Told)
        in_time = (self.since is None or self.since <= told.recorded_at) and (
            self.until is None or told.recorded_at < self.until
        )
        return in_time and self.actor in (None, told.actor)


class _Told(msgspec.Struct):
    actor: str
    recorded_at: datetime


@dataclass(slots=True)
class Scan:
    """Reads a stream in one direction until a page is full, the stream ends, or enough was looked at."""

    history: History
    stream: str
    asked: Window
    wanted: Wanted
    place: int
    """The revision that was looked at last."""
    found: list[Entry] = field(default_factory=list)
    more: bool = True

    async def forward(self) -> None:
        end = self.asked.before[0] if self.asked.before else None
        for _ in range(self._parts):
            entries = await self.history.entries(self.stream, after=self.place, limit=self._part)
            inside = [entry for entry in entries if end is None or entry.revision < end]
            if self._full(inside):
                return
            if len(inside) < self._part:
                self.more = False
                return

    async def backward(self) -> None:
        floor = self.asked.after[0] if self.asked.after else FROM_THE_FIRST
        for _ in range(self._parts):
            start = max(floor, self.place - self._part - 1)
            limit = self.place - 1 - start
            entries = await self.history.entries(self.stream, after=start, limit=limit) if limit > 0 else []
            if self._full(list(reversed(entries))):
                return
            if start == floor:
                self.more = False
                return

    @property
    def _part(self) -> int:
        return self.asked.size + 1 if self.wanted.all else PART

    @property
    def _parts(self) -> int:
        return 1 if self.wanted.all else SCANNED // PART

    def _full(self, entries: Sequence[Entry]) -> bool:
        for entry in entries:
            if self.wanted.takes(entry):
                if len(self.found) == self.asked.size:
                    return True
                self.found.append(entry)
            self.place = entry.revision
        return False


async def scan(history: History, stream: str, asked: Window, wanted: Wanted) -> Scan:
    """The events of a window whose places are revisions."""
    if asked.backwards:
        end = asked.before[0] if asked.before else await history.last_revision(stream) + 1
        found = Scan(history, stream, asked, wanted, place=end)
        await found.backward()
    else:
        found = Scan(history, stream, asked, wanted, place=asked.after[0] if asked.after else FROM_THE_FIRST)
        await found.forward()
    return found


def scanned(scan: Scan, cursors: Cursors, shape: Callable[[Entry], N]) -> Connection[N]:
    """The page. Where a filter stopped half way, its cursor is where the search goes on."""
    asked, found = scan.asked, scan.found
    if asked.backwards:
        found = list(reversed(found))
    edges = [Edge(cursor=cursors.write((entry.revision,)), node=shape(entry)) for entry in found]
    looked_at = cursors.write((scan.place,)) if scan.more and not scan.wanted.all else None
    start, end = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    info = relay.PageInfo(
        has_previous_page=scan.more if asked.backwards else asked.after is not None,
        has_next_page=asked.before is not None if asked.backwards else scan.more,
        start_cursor=looked_at or start if asked.backwards else start,
        end_cursor=end if asked.backwards else looked_at or end,
    )
    return Connection(edges=edges, page_info=info)
