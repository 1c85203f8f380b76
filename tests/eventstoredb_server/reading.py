"""Reading streams and everything, forwards and backwards, once."""

from collections.abc import Iterator
from dataclasses import dataclass

from .filters import Filter
from .log import Log
from .record import DELETED, NO_STREAM, Record
from .refusals import read_failed, stream_deleted

BATCH = 32
"""The server reads pages of so many events."""


class NoStream(Exception):
    """The stream is missing, or deleted softly."""


def check_readable(log: Log, stream: str) -> None:
    last = log.last_revision(stream)
    if last == DELETED:
        raise stream_deleted(stream)
    if last == NO_STREAM or log.metadata_of(stream).soft_deleted:
        raise NoStream


def stream_forwards(log: Log, stream: str, revision: int, count: int) -> Iterator[Record]:
    refuse_empty(count, "ReadStreamResult")
    if revision < 0:
        raise read_failed("ReadStreamResult")
    check_readable(log, stream)
    written, index = log.streams[stream], max(revision, log.lowest_readable(stream))
    while index < len(written) and count:
        yield written[index]
        index, count = index + 1, count - 1


def first_position(log: Log, stream: str, revision: int, count: int) -> int | None:
    """Where the stream goes on, if a first page from `revision` finds nothing."""
    check_readable(log, stream)
    lowest, length = log.lowest_readable(stream), len(log.streams[stream])
    if revision + min(count, BATCH) - 1 < lowest:
        return lowest
    return length if max(revision, lowest) >= length and revision != length else None


def stream_backwards(log: Log, stream: str, revision: int, count: int) -> Iterator[Record]:
    refuse_empty(count, "ReadStreamResult")
    check_readable(log, stream)
    written, lowest = log.streams[stream], log.lowest_readable(stream)
    index = len(written) - 1 if revision == -1 else min(revision, len(written) - 1)
    while index >= lowest and count:
        yield written[index]
        index, count = index - 1, count - 1


def all_forwards(log: Log, position: int, count: int, allowed: Filter, kind: str = "ReadAllResult") -> Iterator[Record]:
    """From the record at `position`, that one included. -1 is the end."""
    refuse_empty(count, kind)
    index = start_of(log, position, kind)
    while index < len(log.records) and count:
        if allowed(record := log.records[index]):
            yield record
            count -= 1
        index += 1


def all_backwards(
    log: Log, position: int, count: int, allowed: Filter, kind: str = "ReadAllResult"
) -> Iterator[Record]:
    """From before the record at `position`, that one excluded. -1 is the end."""
    refuse_empty(count, kind)
    index = start_of(log, position, kind) - 1
    while index >= 0 and count:
        if allowed(record := log.records[index]):
            yield record
            count -= 1
        index -= 1


def start_of(log: Log, position: int, kind: str) -> int:
    index = len(log.records) if position == -1 else log.index_of(position)
    if index is None:
        raise read_failed(kind)
    return index


def refuse_empty(count: int, kind: str) -> None:
    if count == 0:
        raise read_failed(kind)


@dataclass(frozen=True, slots=True)
class Page:
    """What one look into the log found: how many records it considered, which of them fit, and where it stopped."""

    found: list[Record]
    considered: int
    next: int
    at_end: bool


def page_of(log: Log, index: int, window: int, allowed: Filter) -> Page:
    """At most a batch of fitting records, from at most `window` records."""
    start, found, end = index, list[Record](), len(log.records)
    while len(found) < BATCH and index - start < max(window, 1):
        if index >= end:
            return Page(found, index - start, index, at_end=True)
        if allowed(record := log.records[index]):
            found.append(record)
        index += 1
    return Page(found, index - start, index, at_end=False)
