"""Places for so many, and for so many of one caller; those that idle or dawdle make room for others, longest first."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Occupant(Protocol):
    """A connection, or a socket."""

    def make_room(self) -> None:
        """Close: somebody else gets the place."""


O = TypeVar("O", bound=Occupant)  # noqa: E741  # as in Occupant


@dataclass(slots=True)
class _Waiting(Generic[O]):
    """Occupants that the server waits for; the values say since when."""

    idle: dict[O, None] = field(default_factory=dict)
    slow: dict[O, float] = field(default_factory=dict)
    places: int = 0

    def drop(self, it: O) -> None:
        self.idle.pop(it, None)
        self.slow.pop(it, None)

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
    _callers: dict[O, str | None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._callers)

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
        self._callers[it] = caller
        if caller is not None:
            self._of.setdefault(caller, _Waiting()).places += 1
        return True

    def leave(self, it: O) -> None:
        """Give the place back; for the second time, do nothing."""
        if it not in self._callers:
            return
        self.works(it)
        caller = self._callers.pop(it)
        if caller is not None:
            own = self._of[caller]
            own.places -= 1
            if not own.places:
                del self._of[caller]

    def idles(self, it: O) -> None:
        """It asks for nothing."""
        self.works(it)
        for waiting in self._lists(it):
            waiting.idle[it] = None

    def dawdles(self, it: O) -> None:
        """It has begun to ask, and the rest is still to come."""
        self.works(it)
        for waiting in self._lists(it):
            waiting.slow[it] = self.clock()

    def works(self, it: O) -> None:
        """It has asked, and nobody takes its place."""
        for waiting in self._lists(it):
            waiting.drop(it)

    def _lists(self, it: O) -> tuple[_Waiting[O], ...]:
        if it not in self._callers:
            return ()
        caller = self._callers[it]
        return (self.all,) if caller is None else (self.all, self._of[caller])
