"""The witness's own durable record: what was asked, what was answered, what was read, and what was done to the shop."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from infra.postgres.batching import Batcher

AT_ONCE, PATIENCE = 10_000, 60.0


class Asked(msgspec.Struct, frozen=True, tag=True):
    """A command is about to be sent; whether it was carried out is not known until it is answered."""

    subject: str
    key: str
    method: str
    path: str
    body: Mapping[str, Any] | None


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The last word of the shop on a command: accepted, or refused for good."""

    subject: str
    key: str
    status: int
    answer: Any

    @property
    def accepted(self) -> bool:
        return self.status < 300


class Fed(msgspec.Struct, frozen=True, tag=True):
    """Another system is about to tell of units that came in, and goes on until the broker has the message."""

    source: str
    id: str
    sku: str
    quantity: int


class Read(msgspec.Struct, frozen=True, tag=True):
    """What the read API said of a thing, to somebody who was promised `after`."""

    kind: str
    id: str
    after: int
    answer: Any


class Blow(msgspec.Struct, frozen=True, tag=True):
    """What was done to the shop, seconds after the beginning."""

    at: float
    kind: str
    target: str
    lasting: float = 0.0


Entry = Asked | Answered | Fed | Read | Blow

_decode = msgspec.json.Decoder(Entry).decode


@dataclass(slots=True)
class Record:
    """A file of JSON lines. What `keep` has returned from is on the disk."""

    path: Path
    _file: BinaryIO = field(init=False)
    _keeping: Batcher[Entry, None] = field(init=False)

    def __post_init__(self) -> None:
        self._file = self.path.open("ab")
        self._keeping = Batcher(self._write, 1, AT_ONCE, AT_ONCE, PATIENCE)

    async def keep(self, entry: Entry) -> None:
        await self._keeping(entry)

    async def close(self) -> None:
        await self._keeping.close()
        self._file.close()

    async def _write(self, entries: Sequence[Entry]) -> Sequence[None]:
        self._file.write(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
        self._file.flush()
        await asyncio.to_thread(os.fsync, self._file.fileno())
        return [None] * len(entries)


def entries_of(path: Path) -> Iterator[Entry]:
    """Everything that was kept, in the order of keeping."""
    with path.open("rb") as lines:
        for line in lines:
            yield _decode(line)
