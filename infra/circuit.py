"""Circuit breaker: a server that does not answer is not called for a while, so that callers fail at once."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import structlog

FAILURES, PAUSE = 3, 5.0

log = structlog.get_logger()


@dataclass(slots=True)
class Circuit:
    """Opens after so many failures in a row; every `pause` seconds one call may see whether it is over."""

    name: str
    clock: Callable[[], float] = monotonic
    failures: int = FAILURES
    pause: float = PAUSE
    _failed: int = 0
    _next: float = 0.0

    def lets_through(self) -> bool:
        if self._failed < self.failures:
            return True
        if self.clock() < self._next:
            return False
        self._next = self.clock() + self.pause
        return True

    def succeeded(self) -> None:
        if self._failed >= self.failures:
            log.info("asked again", what=self.name)
        self._failed = 0

    def failed(self, error: str) -> None:
        self._failed += 1
        if self._failed >= self.failures:
            self._next = self.clock() + self.pause
        if self._failed == self.failures:
            log.warning("left alone", what=self.name, seconds=self.pause, error=error)
