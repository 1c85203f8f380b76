"""Places for so many, and for so many of one caller; those that idle or dawdle make room for others, longest first."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Occupant(Protocol):
    """A connection, or a socket."""

    def make_room(self) -> None:
        """Close: another one gets the place."""


O = TypeVar("O", bound=Occupant)  # noqa: E741  # as in Occupant


@dataclass(slots=True)
class _Waiting(Generic[O]):
    """Occupants that the server waits for; the values say since when."""

    idle: dict[O, None] = field(default_factory=dict)
    slow: dict[O, float] = field(default_factory=dict)
    caller: str | None = None
    places: int = 0

    def longest(self, begun_before: float) -> O | None:
        """Who loses least: an idle one, or else one that is slow for some time already."""
        for it in self.idle:
            return it
        for it, since in self.slow.items():
            return it if since <= begun_before else None
        return None


@dataclass(slots=True)
class Places(Generic[O]):
    """Who is here. `each` is the most of one caller; callers that are None (a trusted proxy) have no such bound."""

    each: int
    grace: float = 1.0
    """Seconds that a slow one is left alone."""

    clock: Callable[[], float] = time.monotonic
    all: _Waiting[O] = field(default_factory=_Waiting)
    _of: dict[str, _Waiting[O]] = field(default_factory=dict)
    _own: dict[O, _Waiting[O]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._own)

    def admit(self, it: O, caller: str | None, *, full: bool) -> bool:
        """Take a place, of an occupant that waits if there is none left (`full`) or the caller has too many."""
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
        """Give the place back; for the second time, do nothing."""
        self.works(it)
        own = self._own.pop(it, None)
        if own is None:
            return
        own.places -= 1
        if own.caller is not None and not own.places:
            del self._of[own.caller]

    def idles(self, it: O) -> None:
        """It asks for nothing."""
        self.works(it)
        if (own := self._own.get(it)) is not None:
            self.all.idle[it] = own.idle[it] = None

    def dawdles(self, it: O) -> None:
        """It has begun to ask, and the rest is still to come; since when is kept."""
        own = self._own.get(it)
        if own is not None and it not in own.slow:
            self.works(it)
            self.all.slow[it] = own.slow[it] = self.clock()

    def works(self, it: O) -> None:
        """It has asked, and keeps its place."""
        if (own := self._own.get(it)) is not None:
            self.all.idle.pop(it, None)
            own.idle.pop(it, None)
            self.all.slow.pop(it, None)
            own.slow.pop(it, None)
