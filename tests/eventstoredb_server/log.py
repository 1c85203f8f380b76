"""The log in memory: one order for everything, and the streams as lists into it."""

import asyncio
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID, uuid4

from .disk import Disk
from .record import (
    DELETED,
    METADATA,
    NO_STREAM,
    TOMBSTONE,
    Proposed,
    Record,
    StreamMetadata,
    is_metastream,
    metastream_of,
    parsed_metadata,
)

REMEMBERED_IDS = 80_000
"""As many recent ids as 8 MiB hold, the cache that makes ANY and EXISTS idempotent."""

NOTHING_SAID = StreamMetadata()
OF_METASTREAMS = StreamMetadata(max_count=1)


class Log:
    """Appending costs the same however long the log is. Nothing is ever removed.

    Positions are byte offsets: the next record starts where the last one ends. The record at 0 is the server's own.
    """

    def __init__(self, disk: Disk | None = None) -> None:
        self.records: list[Record] = []
        self.positions: list[int] = []
        self.streams: dict[str, list[Record]] = {}
        self.tombstones: dict[str, Record] = {}
        self.end = 0
        self.recent_ids: OrderedDict[UUID, tuple[str, int]] = OrderedDict()
        self._metadata: dict[str, StreamMetadata] = {}
        self._grown = asyncio.Event()
        self._disk = disk
        for record in disk.records() if disk else ():
            self._take(record)
        self.recent_ids.clear()
        if not self.records:
            self.write("$epoch-information", [Proposed(id=uuid4(), type="$epoch-information", data=b"{}")])

    def write(self, stream: str, events: Sequence[Proposed]) -> list[Record]:
        """Appends without asking: whoever calls this has checked that it may."""
        revision = len(self.streams.get(stream, ()))
        written, end, now = [], self.end, time.time_ns() // 100
        for number, event in enumerate(events):
            record = _recorded(event, stream, revision + number, end, now)
            written.append(record)
            end += record.size
        return self._keep(written)

    def bury(self, stream: str, event_id: UUID) -> Record:
        """Writes the tombstone, after which a stream is gone for ever."""
        event = Proposed(id=event_id, type=TOMBSTONE, data=b"", is_json=False)
        return self._keep([_recorded(event, stream, DELETED, self.end, time.time_ns() // 100)])[0]

    def _keep(self, written: list[Record]) -> list[Record]:
        if self._disk:
            self._disk.append(written)
        for record in written:
            self._take(record)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        return written

    def _take(self, record: Record) -> None:
        self.records.append(record)
        self.positions.append(record.position)
        self.end = record.position + record.size
        if record.revision == DELETED:
            self.tombstones[record.stream] = record
        else:
            self.streams.setdefault(record.stream, []).append(record)
        if record.type == METADATA and is_metastream(record.stream):
            self._metadata[record.stream[2:]] = parsed_metadata(record.data)
        self.recent_ids[record.id] = (record.stream, record.revision)
        if len(self.recent_ids) > REMEMBERED_IDS:
            self.recent_ids.popitem(last=False)

    async def grows_beyond(self, length: int) -> None:
        while len(self.records) <= length:
            await self._grown.wait()

    def last_revision(self, stream: str) -> int:
        """-1 of a stream that is not there, DELETED of one that is buried; a metastream is buried with its stream."""
        buried = is_metastream(stream) and stream[2:] in self.tombstones
        return DELETED if buried else self.last_written(stream)

    def last_written(self, stream: str) -> int:
        """As those who write are told. A metastream takes more although its stream is buried, for readers see none."""
        return DELETED if stream in self.tombstones else len(self.streams.get(stream, ())) - 1

    def metadata_of(self, stream: str) -> StreamMetadata:
        return OF_METASTREAMS if is_metastream(stream) else self._metadata.get(stream, NOTHING_SAID)

    def raw_metadata_of(self, stream: str) -> bytes:
        written = self.streams.get(metastream_of(stream))
        return written[-1].data if written else b""

    def lowest_readable(self, stream: str) -> int:
        """The first revision that truncation, a maximal count and a maximal age leave."""
        metadata, written = self.metadata_of(stream), self.streams.get(stream, [])
        lowest = metadata.truncate_before or 0
        if metadata.max_count is not None:
            lowest = max(lowest, len(written) - metadata.max_count)
        if metadata.max_age is not None:
            threshold = time.time_ns() // 100 - metadata.max_age * 10_000_000
            while lowest < len(written) and written[lowest].created < threshold:
                lowest += 1
        return lowest

    def read_event(self, stream: str, revision: int) -> Record | None:
        """One event, if the stream is there and lets it be read."""
        if self.last_revision(stream) in (NO_STREAM, DELETED) or self.metadata_of(stream).soft_deleted:
            return None
        written = self.streams[stream]
        return written[revision] if self.lowest_readable(stream) <= revision < len(written) else None

    def index_of(self, position: int) -> int | None:
        """Where the record at `position` stands; None where no record starts. Beyond the end nothing is wrong."""
        if position >= self.end:
            return len(self.records)
        index = bisect_left(self.positions, position)
        return index if self.positions[index : index + 1] == [position] else None

    def position_at(self, index: int) -> int:
        return self.positions[index] if index < len(self.positions) else self.end


def _recorded(event: Proposed, stream: str, revision: int, position: int, now: int) -> Record:
    return Record(
        position=position,
        stream=stream,
        revision=revision,
        id=event.id,
        type=event.type,
        data=event.data,
        metadata=event.metadata,
        is_json=event.is_json,
        created=now,
    )
