"""The log on disk: frames at the end of one file, synced before anybody hears of them."""

import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from .record import Record

HEADER = struct.Struct("<II")


class Disk:
    """A frame holds the records of one append: all of them are there after a crash, or none."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "log"
        self._decoder = msgspec.msgpack.Decoder(list[Record])
        self._file = self._path.open("ab")

    def append(self, records: Sequence[Record]) -> None:
        body = msgspec.msgpack.encode(records)
        self._file.write(HEADER.pack(len(body), zlib.crc32(body)) + body)
        self._file.flush()
        os.fsync(self._file.fileno())

    def records(self) -> Iterator[Record]:
        """What was written; an end that was torn by a crash is cut off."""
        whole = 0
        with self._path.open("rb") as file:
            while (body := _next_frame(file.read(HEADER.size), file.read)) is not None:
                yield from self._decoder.decode(body)
                whole = file.tell()
        self._file.truncate(whole)

    def close(self) -> None:
        self._file.close()


def _next_frame(header: bytes, read: Callable[[int], bytes]) -> bytes | None:
    if len(header) < HEADER.size:
        return None
    length, checksum = HEADER.unpack(header)
    body = read(length)
    return body if len(body) == length and zlib.crc32(body) == checksum else None
