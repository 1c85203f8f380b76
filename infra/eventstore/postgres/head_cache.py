"""Where streams ended when they were last seen: enough for most groups to be sealed before the lock is had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cachetools import LRUCache

from commands.ports import NO_STREAM, Expected, Record
from infra.eventstore.hash_chain import stated_hash
from infra.eventstore.postgres.append_rules import EMPTY, Head


@dataclass(slots=True)
class HeadCache:
    """Heads of the streams that were read or appended to last, at most `most` of them.

    Other processes may have appended since, so the database checks a revision that comes from here.
    """

    most: int = 50_000
    _heads: LRUCache[str, Head] = field(init=False)

    def __post_init__(self) -> None:
        self._heads = LRUCache(self.most)

    def heads(self, asked: Iterable[tuple[str, Expected]]) -> dict[str, Head] | None:
        """Where the streams of some appends end; None when nothing is known of one that was there before."""
        heads = dict[str, Head]()
        for stream, expected in asked:
            if stream in heads:
                continue
            if (head := self._heads.get(stream)) is None:
                if expected != NO_STREAM:
                    return None
                head = EMPTY
            heads[stream] = head
        return heads

    def learn(self, heads: Mapping[str, Head]) -> None:
        """Take in what was looked at under the lock, or committed."""
        self._heads.update(heads)

    def seen(self, last: Record) -> None:
        """Take in the last record of a stream, as it was read; what was committed meanwhile is known better."""
        if (known := self._heads.get(last.stream)) is None or known.revision < last.revision:
            self.learn({last.stream: Head(last.revision, stated_hash(last.metadata))})
