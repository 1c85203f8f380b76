"""How often a caller may ask."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple, Protocol

from cachetools import LRUCache

MOST_CALLERS = 50_000


class Rate(NamedTuple):
    """So many requests a second in the long run, and so many at once."""

    per_second: float
    burst: int


class Limiter(Protocol):
    async def wait(self, caller: str) -> float:
        """Seconds until the caller may ask again; 0: now, and it is counted."""
        ...


@dataclass(slots=True)
class LocalLimiter:
    """Counts in this process (generic cell rate algorithm); the client seen longest ago is dropped first."""

    rate: Rate
    clock: Callable[[], float] = monotonic
    _used: LRUCache[str, float] = field(default_factory=lambda: LRUCache(MOST_CALLERS))

    async def wait(self, caller: str) -> float:
        now, interval = self.clock(), 1 / self.rate.per_second
        used = max(self._used.get(caller, now), now)
        wait = used - now - interval * (self.rate.burst - 1)
        if wait > 0:
            return wait
        self._used[caller] = used + interval
        return 0.0
