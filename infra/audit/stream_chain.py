"""The hash chain of one stream, verified now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from commands.ports import NO_STREAM, Record
from domain.shared.recorded import Position
from infra.eventstore.hash_chain import FIRST, BrokenSeal, stated_hash, verify

PART = 1_000


class Read(Protocol):
    """Reads records of a stream, as commands.ports.EventStore does."""

    async def __call__(self, stream: str, /, *, after: int, limit: int) -> Sequence[Record]: ...


@dataclass(frozen=True, slots=True)
class BrokenAt:
    """Implements read_api.ports.Fault."""

    revision: int
    position: Position
    what: str


@dataclass(slots=True)
class StreamChain:
    """Implements read_api.ports.Verified: records are taken one after the other, up to the first fault."""

    events: int = 0
    first_hash: str | None = None
    last_hash: str | None = None
    fault: BrokenAt | None = None
    complete: bool = False

    def take(self, record: Record) -> None:
        """Verify the next record."""
        expected, self.events = self.events, self.events + 1
        try:
            if record.revision != expected:
                raise BrokenSeal(f"Revision {record.revision} comes where {expected} belongs.")
            self.last_hash = verify(record, self.last_hash or FIRST)
        except BrokenSeal as broken:
            self.last_hash = stated_hash(record.metadata)
            self.fault = BrokenAt(record.revision, record.position, str(broken))
        self.first_hash = self.first_hash or self.last_hash


async def verify_stream(read: Read, stream: str, limit: int) -> StreamChain:
    """Verify at most `limit` records."""
    chain, after = StreamChain(), NO_STREAM
    while chain.events < limit:
        size = min(PART, limit - chain.events)
        records = await read(stream, after=after, limit=size)
        for record in records:
            chain.take(record)
            if chain.fault is not None:
                return chain
        if len(records) < size:
            chain.complete = True
            return chain
        after = records[-1].revision
    chain.complete = not await read(stream, after=after, limit=1)
    return chain


async def last_revision(read: Read, stream: str) -> int:
    """The revision of the last record, found by doubling and halving; NO_STREAM when there is none."""
    last, step = NO_STREAM, 1
    while await read(stream, after=last + step - 1, limit=1):
        last, step = last + step, step * 2
    while step > 1:
        step //= 2
        if await read(stream, after=last + step - 1, limit=1):
            last += step
    return last
