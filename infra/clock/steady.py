"""A clock for waiting: it does not jump when the machine's clock is set."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

STEP = timedelta(seconds=5)
"""What is more than a clock that is a little off, and is set right, as NTP does."""

SLEW = 0.1
"""How much faster or slower the clock goes until it is right again: an hour takes ten hours."""

BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

log = structlog.get_logger()


def seconds_since_boot() -> float:
    """Goes on while the machine sleeps, where the system can tell (Linux, clock_gettime(2))."""
    return time.clock_gettime(BOOT)


class Mark(NamedTuple):
    """What was shown when the steady clock said `at` (seconds)."""

    shown: datetime
    at: float


@dataclass(slots=True)
class SteadyClock:
    """Shows what `wall` shows, as long as that goes on like `steady` (seconds).

    When the wall clock jumps, this one goes on as before and closes the gap slowly: a timer that is due in a quarter of
    an hour is due in about a quarter of an hour, whatever somebody does to the clock meanwhile. It goes on from
    `since`; without that it takes the wall clock at its word.
    """

    wall: Callable[[], datetime]
    steady: Callable[[], float] = seconds_since_boot
    since: Mark | None = None
    mark: Mark = field(init=False)
    _apart: bool = False

    def __post_init__(self) -> None:
        self.mark = self.since or Mark(self.wall(), self.steady())

    def __call__(self) -> datetime:
        before, wall, at = self.mark, self.wall(), self.steady()
        passed = timedelta(seconds=at - before.at)
        shown = before.shown + passed
        apart = wall - shown
        if -STEP <= apart <= STEP:
            shown = max(wall, before.shown)
            self._apart = False
        else:
            shown += max(-SLEW * passed, min(apart, SLEW * passed))
            self._tell(apart)
        self.mark = Mark(shown, at)
        return shown

    def _tell(self, apart: timedelta) -> None:
        """Once for each jump."""
        if not self._apart:
            log.warning("clock jumped", seconds=round(apart.total_seconds()))
        self._apart = True
