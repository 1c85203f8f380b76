"""Catch-up subscriptions: what is there, then that it is all, then what comes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from esdbclient.protos.Grpc import streams_pb2

from .filters import Filter
from .log import Log
from .reading import BATCH, NoStream, check_readable, page_of
from .record import DELETED
from .refusals import consumer_too_slow, handler_failed, stream_deleted

ReadResp = streams_pb2.ReadResp


@dataclass(slots=True)
class Following:
    """A subscriber's place. `too_slow` is set from outside; `buffer` is how far behind it may fall when live."""

    log: Log
    buffer: int | None
    too_slow: asyncio.Event

    async def grown(self, length: int) -> None:
        """Waits until the log has more than `length` records."""
        if len(self.log.records) > length and not self.too_slow.is_set():
            return
        waits = [asyncio.ensure_future(self.log.grows_beyond(length)), asyncio.ensure_future(self.too_slow.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def check_pace(self, behind: int, state: str = "live") -> None:
        if self.too_slow.is_set() or (self.buffer is not None and behind > self.buffer):
            raise consumer_too_slow(state)


def confirmation() -> Any:
    return ReadResp(confirmation=ReadResp.SubscriptionConfirmation(subscription_id=str(uuid4())))


def caught_up() -> Any:
    return ReadResp(caught_up=ReadResp.CaughtUp())


def checkpoint(position: int) -> Any:
    return ReadResp(checkpoint=ReadResp.Checkpoint(commit_position=position, prepare_position=position))


async def follow_stream(at: Following, stream: str, after: int | None) -> AsyncIterator[Any]:
    """Records of the stream behind revision `after`; None is the start, -1 the end. Yields records and messages."""
    log = at.log
    if log.last_revision(stream) == DELETED:
        raise stream_deleted(stream)
    index = 0 if after is None else len(log.streams.get(stream, ())) if after == -1 else after + 1
    yield confirmation()
    live = after == -1
    if live:
        yield caught_up()
    while True:
        length = len(log.records)
        try:
            check_readable(log, stream)
            written = log.streams[stream]
            index = max(index, log.lowest_readable(stream))
            end = len(written)
            if live:
                at.check_pace(end - index)
            while index < end:
                yield written[index]
                index += 1
            if not live and index >= len(written):
                live = True
                yield caught_up()
        except NoStream:
            pass
        if length == len(log.records):
            await at.grown(length)
            at.check_pace(0)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A filtered subscriber hears how far it is, every `interval` records that were considered for it."""

    window: int
    interval: int


async def follow_all(
    at: Following, after: int | None, allowed: Filter, checkpoints: Checkpoints | None
) -> AsyncIterator[Any]:
    """Records behind position `after`; None is the start, -1 the end. Yields records and messages."""
    log, considered = at.log, 0
    index = _first_index(log, after)
    yield confirmation()
    while after != -1:
        page = page_of(log, index, checkpoints.window if checkpoints else BATCH, allowed)
        reached = log.position_at(index)
        for record in page.found:
            yield record
            reached = record.position
        considered += page.considered
        index = page.next
        if page.at_end:
            break
        if checkpoints and considered >= checkpoints.interval:
            considered %= checkpoints.interval
            yield checkpoint(reached)
    yield caught_up()
    while True:
        at.check_pace(len(log.records) - index)
        if index == len(log.records):
            await at.grown(index)
            continue
        record = log.records[index]
        index += 1
        if allowed(record):
            yield record
        considered += 1
        if checkpoints and considered >= checkpoints.interval:
            considered = 0
            yield checkpoint(record.position)


def _first_index(log: Log, after: int | None) -> int:
    if after is None or after == 0:
        return 0
    index = len(log.records) if after == -1 else log.index_of(after)
    if index is None:
        raise handler_failed()
    return index if after == -1 or after >= log.end else index + 1
