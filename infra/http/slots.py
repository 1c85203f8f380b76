"""A bounded number of slots, in total and per caller. An idle or slow occupant gives its slot to a newcomer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Occupant(Protocol):
    """A connection, or a socket."""

    def make_room(self) -> None:
        """Close; the slot is given to another occupant."""


O = TypeVar("O", bound=Occupant)  # noqa: E741  # as in Occupant


@dataclass(slots=True)
class _Waiting(Generic[O]):
    """Occupants that the server is waiting for, longest first; `slow` holds the time at which each began to wait."""

    idle: dict[O, None] = field(default_factory=dict)
    slow: dict[O, float] = field(default_factory=dict)
    caller: str | None = None
    places: int = 0

    def longest(self, begun_before: float) -> O | None:
        """The occupant to evict: one that is idle, else one that has been slow since before that time."""
        for it in self.idle:
            return it
        for it, since in self.slow.items():
            return it if since <= begun_before else None
        return None


@dataclass(slots=True)
class Slots(Generic[O]):
    """The occupants. `each` limits those of one caller; a caller of None (a trusted proxy) has no limit."""

    each: int
    grace: float = 1.0
    """Seconds before a slow occupant may be evicted."""

    clock: Callable[[], float] = time.monotonic
    all: _Waiting[O] = field(default_factory=_Waiting)
    _of: dict[str, _Waiting[O]] = field(default_factory=dict)
    _own: dict[O, _Waiting[O]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._own)

    def admit(self, it: O, caller: str | None, *, full: bool) -> bool:
        """Take a slot. If none is free (`full`) or the caller has its most, evict an occupant; False if none can be."""
        own = None if caller is None else self._of.get(caller)
        crowded = own if own is not None and own.places >= self.each else self.all if full else None
        if crowded is not None:
            loser = crowded.longest(self.clock() - self.grace)
            if loser is None:
                return False
            self.leave(loser)
            loser.make_room()
        own = _Waiting(caller=caller) if caller is None else self._of.setdefault(caller, _Waiting(caller=caller))
        own.places += 1
        self._own[it] = own
        return True

    def leave(self, it: O) -> None:
        """Release the slot. A repeated call does nothing."""
        self.works(it)
        own = self._own.pop(it, None)
        if own is None:
            return
        own.places -= 1
        if own.caller is not None and not own.places:
            del self._of[own.caller]

    def idles(self, it: O) -> None:
        """Mark an occupant that has no request under way."""
        self.works(it)
        if (own := self._own.get(it)) is not None:
            self.all.idle[it] = own.idle[it] = None

    def dawdles(self, it: O) -> None:
        """Mark an occupant whose request has arrived in part. A repeated call keeps the first time."""
        own = self._own.get(it)
        if own is not None and it not in own.slow:
            self.works(it)
            self.all.slow[it] = own.slow[it] = self.clock()

    def works(self, it: O) -> None:
        """Mark an occupant whose request is being handled: it is not evicted."""
        if (own := self._own.get(it)) is not None:
            self.all.idle.pop(it, None)
            own.idle.pop(it, None)
            self.all.slow.pop(it, None)
            own.slow.pop(it, None)
