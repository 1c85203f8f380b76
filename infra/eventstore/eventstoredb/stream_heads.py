"""What one process knows of streams: where they end, with which hash, and the ids of their last events."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cachetools import LRUCache

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
    """Of the streams that were met last, as long as all their events together are no more than `kept`.

    Of one stream fewer than twice LOOK_BACK events are known, so `kept` is at least that many.
    """

    kept: int = KEPT
    latest: str = ""
    _streams: LRUCache[str, StreamHead] = field(init=False)

    def __post_init__(self) -> None:
        self._streams = LRUCache(self.kept, getsizeof=lambda known: len(known.revisions))

    def get(self, stream: str) -> StreamHead | None:
        return self._streams.get(stream)

    def forget(self, stream: str) -> None:
        self._streams.pop(stream, None)

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
            known = StreamHead(Head(-1, ""), {})
        elif not first.revision <= known.head.revision + 1 <= last.revision:
            return known
        known.revisions |= {r.event_id: r.revision for r in records if r.revision > known.head.revision}
        _drop_the_oldest(known.revisions)
        known.head = Head(last.revision, stated_hash(last.metadata))
        self.latest = max(self.latest, recorded_at(last.metadata))
        self._streams[stream] = known  # its size is taken anew
        return known


def _drop_the_oldest(revisions: dict[UUID, int]) -> None:
    """Cut down to what is looked back for, once it is twice as much."""
    if len(revisions) >= 2 * LOOK_BACK:
        for event_id in list(revisions)[:-LOOK_BACK]:
            del revisions[event_id]
