"""Requests at the rate that a Stripe account allows, what moves money first."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from time import monotonic

ALMOST = 1e-6
"""Tokens that are as good as none: sums of fractions are never quite whole."""


class Urgency(IntEnum):
    """Captures and voids end a hold that someone waits for, so they go before what can wait."""

    HOLDS = 0
    SHOPPERS = 1
    LATER = 2


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back at a rate; a second's worth at most."""

    rate: float
    at: float
    tokens: float

    def refill(self, now: float) -> None:
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate)
        self.at = now


@dataclass(slots=True)
class Pace:
    """At most `overall` requests a second, and `each` to one endpoint (Stripe, "Rate limits")."""

    overall: float = 100.0
    each: float = 25.0
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _waiting: list[tuple[Urgency, int, str]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    async def turn(self, endpoint: str, urgency: Urgency) -> None:
        """Return when a request to the endpoint may be sent."""
        place = (urgency, next(self._numbers), endpoint)
        heapq.heappush(self._waiting, place)
        try:
            while (wait := self._wait(place)) > 0:
                await self.sleep(wait)
            for bucket in self._both(endpoint):
                bucket.tokens -= 1
        finally:
            self._waiting.remove(place)
            heapq.heapify(self._waiting)

    def _wait(self, place: tuple[Urgency, int, str]) -> float:
        """Seconds until there is a token for this call, behind those that wait already."""
        before = [other for other in self._waiting if other < place]
        everywhere, here = self._both(place[2])
        there = sum(other[2] == place[2] for other in before)
        return max(_lacking(everywhere, len(before)), _lacking(here, there))

    def _both(self, endpoint: str) -> tuple[_Bucket, _Bucket]:
        return self._bucket("", self.overall), self._bucket(endpoint, self.each)

    def _bucket(self, name: str, rate: float) -> _Bucket:
        now = self.clock()
        bucket = self._buckets.setdefault(name, _Bucket(rate, now, rate))
        bucket.refill(now)
        return bucket


def _lacking(bucket: _Bucket, before: int) -> float:
    missing = 1 + before - bucket.tokens
    return 0.0 if missing < ALMOST else missing / bucket.rate
