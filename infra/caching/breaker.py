"""Whoever does not answer is left alone for a while, so that nobody waits for it again and again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

T = TypeVar("T")

FAILURES, PAUSE = 3, 5.0
ANSWERS_WITHIN = 0.05

log = structlog.get_logger()


def redis_at(url: str) -> Redis:
    """A client that gives up after 50 ms: a cache that is slower than that is none. Raises ValueError."""
    return Redis.from_url(
        url, socket_timeout=ANSWERS_WITHIN, socket_connect_timeout=2 * ANSWERS_WITHIN, retry=None, max_connections=64
    )


@dataclass(slots=True)
class Breaker:
    """Opens after three failures in a row; every five seconds one call is let through to see whether it is over."""

    name: str
    clock: Callable[[], float] = monotonic
    _failures: int = 0
    _closed_from: float = 0.0

    async def call(self, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """The work's result, or the other one when Redis fails or is left alone."""
        if self._failures >= FAILURES:
            if self.clock() < self._closed_from:
                return otherwise
            self._closed_from = self.clock() + PAUSE
        try:
            result = await work()
        except (RedisError, OSError, TimeoutError) as error:
            self._failures += 1
            if self._failures == FAILURES:
                self._closed_from = self.clock() + PAUSE
                log.warning("redis left alone", by=self.name, error=f"{type(error).__name__}: {error}")
            return otherwise
        if self._failures >= FAILURES:
            log.info("redis asked again", by=self.name)
        self._failures = 0
        return result
