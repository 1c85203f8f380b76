"""Those who read a persistent subscription, and who of them gets which event."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID
from zlib import crc32

from .record import Record
from .refusals import RpcRefusal


@dataclass(slots=True, eq=False)
class Message:
    """An event on its way. `previous` is the place before it; a replayed one has no place in the order."""

    record: Record
    sequence: int
    place: int
    previous: int | None
    retries: int = 0
    replayed: bool = False
    expires: float = float("inf")


@dataclass(slots=True, eq=False)
class Consumer:
    """A connection that may have so many events in flight."""

    allowed: int
    name: str
    user: str
    peer: str
    queue: asyncio.Queue[Message | RpcRefusal] = field(default_factory=asyncio.Queue)
    in_flight: dict[UUID, Message] = field(default_factory=dict)
    total: int = 0

    @property
    def slots(self) -> int:
        return self.allowed - len(self.in_flight)

    def push(self, message: Message) -> bool:
        if self.slots <= 0:
            return False
        self.in_flight[message.record.id] = message
        self.total += 1
        self.queue.put_nowait(message)
        return True

    def drop(self, refusal: RpcRefusal) -> None:
        self.queue.put_nowait(refusal)


@dataclass(slots=True)
class Consumers:
    """All consumers of a group, and its strategy."""

    strategy: str
    those: deque[Consumer] = field(default_factory=deque)

    def push(self, message: Message, subject: str) -> bool | None:
        """True if somebody took it, None if nobody can take any more, False if only this one must wait."""
        if self.strategy.startswith("Pinned"):
            return self._pinned(message, subject)
        for _ in range(len(self.those)):
            taken = self.those[0].push(message)
            if self.strategy == "RoundRobin" or not taken:
                self.those.rotate(-1)
            if taken:
                return True
        return None

    def _pinned(self, message: Message, subject: str) -> bool | None:
        if not any(consumer.slots > 0 for consumer in self.those):
            return None
        return self.those[crc32(subject.encode()) % len(self.those)].push(message)

    def release(self, ids: Sequence[UUID]) -> None:
        for consumer in self.those:
            for event_id in ids:
                consumer.in_flight.pop(event_id, None)

    @property
    def total_in_flight(self) -> int:
        return sum(len(consumer.in_flight) for consumer in self.those)
