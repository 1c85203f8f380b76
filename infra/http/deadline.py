"""What happens at a time unless something else happens first."""

import asyncio
from collections.abc import Callable


class Deadline:
    """Set, moved and lifted several times a request, for less than the loop's own timers cost.

    The loop's timer is left alone as long as it rings early enough. When it rings for nothing, it is set again for what
    is left. Seconds are those of the loop's clock.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._rings = self._due = 0.0
        self._then: Callable[[], object] | None = None

    def set(self, seconds: float, then: Callable[[], object]) -> None:
        """Call this so much later, and nothing that was set before."""
        self._due, self._then = self._loop.time() + seconds, then
        if self._timer is None:
            self._wind(seconds)
        elif self._due < self._rings:
            self._timer.cancel()
            self._wind(seconds)

    def lift(self) -> None:
        """Nothing is due any more."""
        self._then = None

    def close(self) -> None:
        """Nothing is due, and nothing will be: the loop forgets us."""
        self.lift()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wind(self, seconds: float) -> None:
        self._rings = self._loop.time() + seconds
        self._timer = self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._then is None:
            return
        if (left := self._due - self._loop.time()) > 0:
            self._wind(left)
            return
        then, self._then = self._then, None
        then()
