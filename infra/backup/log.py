"""The log in a backup: one record a line, its stored bytes as text."""

from collections.abc import Collection, Iterator
from itertools import islice
from uuid import UUID

import msgspec

from commands.ports import Page, Record
from domain.shared.recorded import START, Position
from infra.backup.archive import Backup

LOG = "log.jsonl"


class Line(msgspec.Struct, array_like=True, frozen=True):
    """A record."""

    position: Position
    stream: str
    revision: int
    event_id: UUID
    type: str
    data: str
    metadata: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def as_line(it: Record) -> bytes:
    data, metadata = it.data.decode(), it.metadata.decode()
    return _encode(Line(it.position, it.stream, it.revision, it.event_id, it.type, data, metadata))


def _record(line: bytes) -> Record:
    it = _decode(line)
    data, metadata = it.data.encode(), it.metadata.encode()
    return Record(it.position, it.stream, it.revision, it.event_id, it.type, data, metadata)


class BackedUpLog:
    """The log of a backup, to be copied from. It is read from front to back; to go back is to begin again."""

    def __init__(self, backup: Backup) -> None:
        self._backup = backup
        self._at = START
        self._records = self._from_the_start()

    async def head(self) -> Position:
        return self._backup.manifest.head

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        if after != self._at:
            self._records = (record for record in self._from_the_start() if record.position > after)
        wanted = (record for record in self._records if types is None or record.type in types)
        records = list(islice(wanted, limit))
        self._at = records[-1].position if len(records) == limit else self._backup.manifest.head
        return Page(records, self._at)

    def _from_the_start(self) -> Iterator[Record]:
        return map(_record, self._backup.lines(LOG))
