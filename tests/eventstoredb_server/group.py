"""A persistent subscription: what it read, what is on its way, what comes again, and how far it is for good."""

import asyncio
import time
from bisect import insort
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from .consumers import Consumer, Consumers, Message
from .group_settings import Settings, Source
from .group_streams import GroupStreams
from .messages import target_of
from .record import LINK
from .refusals import RpcRefusal

TICK = 0.2
"""How often time-outs and checkpoints are looked after. The real server takes a second."""


class Group:
    """Delivers at least once: a checkpoint never passes an event that nobody has acknowledged."""

    def __init__(self, name: str, source: Source, settings: Settings) -> None:
        self.name, self.source, self.settings = name, source, settings
        self.streams = GroupStreams(source.log, source.stream, name)
        self.consumers = Consumers(settings.strategy)
        self.buffer: deque[Message] = deque()
        self.retries: list[Message] = []
        self.replays: deque[Message] = deque()
        self.outstanding: dict[UUID, Message] = {}
        self.total = 0
        self.live = False
        self._sequence = 0
        self._considered: int | None = None
        self._pushed: tuple[int, int | None] = (0, None)
        self.checkpointed: int | None = None
        self._checkpointed_sequence, self._checkpointed_at = 0, 0.0
        self.last_known: int | None = None
        said = self.streams.last_checkpoint()
        if said is None:
            self._index = source.start(settings.start)
        else:
            self.checkpointed = self._considered = self.last_known = source.place_of(said)
            self._index = source.start(self.checkpointed) + 1
            self._pushed = (0, self.checkpointed)
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while True:
            self._fill()
            self._push()
            length = len(self.source.log.records)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.source.log.grows_beyond(length), TICK)
            self._tick()

    def _fill(self) -> None:
        """Reads ahead as far as the buffer allows. What the filter hides still counts as considered."""
        source = self.source
        if source.gone:
            return
        self._index = source.readable_from(self._index)
        while self._index < len(source.records) and len(self.buffer) < self.settings.history_buffer_size:
            record = source.records[self._index]
            self._index += 1
            self._sequence += 1
            place = source.place(record)
            if source.fits(record):
                self.buffer.append(Message(record, self._sequence, place, self._considered))
                self.last_known = place
            self._considered = place
        self.live = self._index >= len(source.records)

    def _push(self) -> None:
        for waiting in (self.replays, self.retries, self.buffer):
            for message in tuple(waiting):
                taken = self.consumers.push(message, self._subject(message))
                if taken is None:
                    return
                if taken:
                    waiting.remove(message)
                    self._begin(message)
        if self._index < len(self.source.records) and not self.buffer and not self.source.gone:
            self._fill()
            if self.buffer:
                self._push()

    def _subject(self, message: Message) -> str:
        """What pins an event to a consumer: its stream, or the stream that it links to."""
        record = message.record
        if record.type == LINK and self.settings.resolve_links:
            target, _ = target_of(self.source.log, record)
            return (target or record).stream
        return record.stream

    def _begin(self, message: Message) -> None:
        self.total += 1
        if not message.replayed and message.sequence > self._pushed[0]:
            self._pushed = (message.sequence, message.place)
        timeout = self.settings.message_timeout
        message.expires = time.monotonic() + timeout / 1000 if timeout > 0 else float("inf")
        self.outstanding[message.record.id] = message

    def add(self, consumer: Consumer) -> None:
        self.consumers.those.append(consumer)
        self._fill()
        self._push()

    def remove(self, consumer: Consumer) -> None:
        """What it had not acknowledged goes to others, or waits for them."""
        if consumer in self.consumers.those:
            self.consumers.those.remove(consumer)
        for message in tuple(consumer.in_flight.values()):
            self._retry(message)
        self._push()

    def acknowledge(self, ids: Iterable[UUID]) -> None:
        self._finish(tuple(ids))

    def refuse(self, ids: Iterable[UUID], action: str, reason: str) -> None:
        done = tuple(ids)
        for event_id in done:
            message = self.outstanding.get(event_id)
            if message is None:
                continue
            if action in ("Retry", "Unknown"):
                self._retry_or_park(message)
            elif action == "Park":
                self._park(message, f"Client explicitly NAK'ed message.\n{reason}")
        self._finish(done)

    def _finish(self, ids: tuple[UUID, ...]) -> None:
        self.consumers.release(ids)
        for event_id in ids:
            self.outstanding.pop(event_id, None)
        self._mark_checkpoint(timely=False)
        self._fill()
        self._push()

    def _retry_or_park(self, message: Message) -> None:
        if message.retries >= self.settings.max_retry_count:
            self._park(message, f"Reached retry count of {self.settings.max_retry_count}")
        else:
            self._retry(message)

    def _retry(self, message: Message) -> None:
        self._release(message)
        message.retries += 1
        if message.replayed:
            self.replays.append(message)
        else:
            insort(self.retries, message, key=lambda waiting: waiting.sequence)

    def _park(self, message: Message, reason: str) -> None:
        self.streams.park(message.record, reason)
        self._release(message)

    def _release(self, message: Message) -> None:
        self.outstanding.pop(message.record.id, None)
        self.consumers.release((message.record.id,))

    def replay(self, stop_at: int | None) -> None:
        parked = self.streams.parked_records(stop_at)
        self.replays.extend(Message(record, 0, 0, None, replayed=True) for record in parked)
        if parked:
            self.streams.forget_parked(parked[-1].revision + 1)
        self._push()

    def _tick(self) -> None:
        now = time.monotonic()
        for message in [each for each in self.outstanding.values() if each.expires <= now]:
            self._retry_or_park(message)
        self._mark_checkpoint(timely=True)

    def _mark_checkpoint(self, *, timely: bool) -> None:
        sequence, place = self._done()
        if place is None or sequence <= self._checkpointed_sequence:
            return
        settings, now = self.settings, time.monotonic()
        difference = sequence - self._checkpointed_sequence
        many = difference >= settings.max_checkpoint_count
        due = now - self._checkpointed_at >= settings.checkpoint_after / 1000
        if many or (due and timely and difference >= settings.min_checkpoint_count):
            self.checkpointed, self._checkpointed_sequence, self._checkpointed_at = place, sequence, now
            self.streams.write_checkpoint(self.source.said(place))

    def _done(self) -> tuple[int, int | None]:
        """The last place before which nothing is open, by its number in the order."""
        waiting = [message for message in (*self.outstanding.values(), *self.retries) if not message.replayed]
        if waiting:
            lowest = min(waiting, key=lambda message: message.sequence)
            return lowest.sequence - 1, lowest.previous
        return self._pushed if self.buffer else (self._sequence, self._considered)

    def stop(self, refusal: RpcRefusal | None) -> None:
        """Everybody who reads is told."""
        self._task.cancel()
        for consumer in tuple(self.consumers.those):
            if refusal:
                consumer.drop(refusal)
