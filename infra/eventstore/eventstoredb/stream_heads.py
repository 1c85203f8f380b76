"""What one process knows of streams: where they end, with which hash, and the ids of their last events."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from commands.ports import Record
from infra.eventstore.hash_chain import recorded_at, stated_hash
from infra.eventstore.postgres.append_rules import Head

LOOK_BACK = 1000
"""So far back from its end a stream is searched for event ids that come again. EventStoreDB keeps no index of them."""

KEPT = 250_000


@dataclass(slots=True)
class StreamHead:
    """A stream as it was seen last; others may have appended since. `revisions` are those of its last events, by id."""

    head: Head
    revisions: dict[UUID, int]

    def among(self, ids: Collection[UUID]) -> list[int]:
        """The revisions of those ids that are known."""
        return [self.revisions[event_id] for event_id in ids if event_id in self.revisions]


@dataclass(slots=True)
class StreamHeads:
    """Of the streams that were met last, as long as all their events together are no more than `kept`."""

    kept: int = KEPT
    latest: str = ""
    _streams: OrderedDict[str, StreamHead] = field(default_factory=OrderedDict)
    _events: int = 0

    def get(self, stream: str) -> StreamHead | None:
        known = self._streams.get(stream)
        if known is not None:
            self._streams.move_to_end(stream)
        return known

    def forget(self, stream: str) -> None:
        known = self._streams.pop(stream, None)
        self._events -= len(known.revisions) if known is not None else 0

    def learn(self, stream: str, records: Sequence[Record], *, enough: bool = False) -> StreamHead | None:
        """Take in records of a stream that follow each other; those that lead to nowhere we know of are passed over.

        `enough`: there are none before them, or none that need to be known.
        """
        if not records:
            return self.get(stream)
        known, first, last = self.get(stream), records[0], records[-1]
        if known is None:
            if first.revision > 0 and len(records) < LOOK_BACK and not enough:
                return None
            known = self._streams[stream] = StreamHead(Head(-1, ""), {})
        elif not first.revision <= known.head.revision + 1 <= last.revision:
            return known
        new = {record.event_id: record.revision for record in records if record.revision > known.head.revision}
        known.revisions |= new
        known.head = Head(last.revision, stated_hash(last.metadata))
        self.latest = max(self.latest, recorded_at(last.metadata))
        self._events += len(new) - _without_the_oldest(known.revisions)
        while self._events > self.kept and len(self._streams) > 1:
            self.forget(next(iter(self._streams)))
        return known


def _without_the_oldest(revisions: dict[UUID, int]) -> int:
    """Cut down to what is looked back for, once it is twice as much; answers by how many."""
    if len(revisions) < 2 * LOOK_BACK:
        return 0
    old = list(revisions)[:-LOOK_BACK]
    for event_id in old:
        del revisions[event_id]
    return len(old)
