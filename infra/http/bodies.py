"""Bytes of bodies that are under way, bounded for all requests together."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

MOST = 32 * 1024 * 1024
SHARE = 4
"""A caller that holds more than this part of all makes room with its own bodies first."""


class Sender(Protocol):
    """A connection on which a body comes."""

    def drop_body(self) -> None:
        """Refuse the request: others need the memory."""


S = TypeVar("S", bound=Sender)


@dataclass(slots=True)
class Bodies(Generic[S]):
    """What has come of bodies whose requests are not answered. Those that are complete count, and are not dropped."""

    most: int = MOST
    held: int = 0
    _sizes: dict[S, int] = field(default_factory=dict)
    _callers: dict[S, str | None] = field(default_factory=dict)
    _unfinished: dict[S, None] = field(default_factory=dict)
    _shares: Counter[str] = field(default_factory=Counter)

    def add(self, it: S, caller: str | None, size: int) -> None:
        """Count what came, and drop bodies until all that is left fits: the oldest, and in the end the new one."""
        self._sizes[it] = self._sizes.get(it, 0) + size
        self._callers[it] = caller
        self._unfinished.setdefault(it, None)
        self.held += size
        if caller is not None:
            self._shares[caller] += size
        while self.held > self.most:
            loser = self._loser(it, caller)
            self.release(loser)
            loser.drop_body()

    def complete(self, it: S) -> None:
        """Nothing more is to come."""
        self._unfinished.pop(it, None)

    def release(self, it: S) -> None:
        """Forget it: the request is answered, or its sender gone."""
        self._unfinished.pop(it, None)
        size = self._sizes.pop(it, 0)
        caller = self._callers.pop(it, None)
        self.held -= size
        if caller is not None:
            self._shares[caller] -= size
            if not self._shares[caller]:
                del self._shares[caller]

    def _loser(self, newest: S, caller: str | None) -> S:
        if caller is not None and self._shares[caller] > self.most / SHARE:
            return next((it for it in self._unfinished if self._callers[it] == caller), newest)
        return next(iter(self._unfinished), newest)
