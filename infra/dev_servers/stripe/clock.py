"""The clock of the server: real time, and what it was moved on by."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True, eq=False)
class MovableClock:
    """A clock that goes on, and that tests move forward."""

    ahead: timedelta = timedelta()
    moved: list[Callable[[], None]] = field(default_factory=list)
    """Called after each move."""

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.ahead += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        for call in self.moved:
            call()
