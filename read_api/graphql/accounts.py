"""What callers have used of the database lately, in seconds of statements that cost; it is given back slowly."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import LRUCache

MOST_ACCOUNTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one caller may use: so many seconds at once, given back at a rate of so many a second."""

    at_once: float = 5.0
    a_second: float = 0.2


@dataclass(slots=True)
class Accounts:
    """Leaky buckets. Those not used for longest are forgotten first, so however many callers come, they are bounded."""

    share: Share
    clock: Callable[[], float]
    most: int = MOST_ACCOUNTS
    _used: LRUCache[str, tuple[float, float]] = field(init=False)
    """How much was used, and when that was true."""

    def __post_init__(self) -> None:
        self._used = LRUCache(self.most)

    def __len__(self) -> int:
        return len(self._used)

    def used(self, name: str, shares: int = 1) -> float:
        """How much of it is used of `shares` together; beyond `at_once` times that it is too much."""
        used, at = self._used.get(name, (0.0, 0.0))
        return max(0.0, used - (self.clock() - at) * self.share.a_second * shares)

    def wait(self, name: str, shares: int = 1) -> float:
        """Seconds until the account is within its share again; 0: it is."""
        beyond = self.used(name, shares) - self.share.at_once * shares
        return max(0.0, beyond / (self.share.a_second * shares))

    def charge(self, name: str, seconds: float, shares: int = 1) -> None:
        self._used[name] = self.used(name, shares) + seconds, self.clock()
