"""What the read API needs to know of those who work: workers, processes, the publisher."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.shared.recorded import Position


class Worker(Protocol):
    """A process of the operating system that takes part in a work, under a lease."""

    @property
    def work(self) -> str: ...

    @property
    def token(self) -> int:
        """Grows with each member: of two, the one that came later has the greater."""

    @property
    def holder(self) -> str:
        """The machine, and the process id there."""

    @property
    def expires_at(self) -> datetime: ...

    @property
    def ended(self) -> bool:
        """Whether its term ended, and others may take its pieces."""

    @property
    def pieces(self) -> Sequence[str]: ...


class Processing(Protocol):
    """How far the processes are."""

    @property
    def position(self) -> Position:
        """All that follows from events up to there is done."""

    @property
    def seconds(self) -> float | None:
        """The greatest delay that a worker reported within the last seconds; None when none has."""

    @property
    def under_way(self) -> int: ...

    @property
    def timers(self) -> int:
        """How many timers run."""

    @property
    def next_timer(self) -> datetime | None: ...


class DeadLetter(Protocol):
    """An event that could not be published."""

    @property
    def position(self) -> int: ...

    @property
    def stream(self) -> str: ...

    @property
    def revision(self) -> int: ...

    @property
    def event_id(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def error(self) -> str: ...

    @property
    def asked(self) -> int:
        """After how many requests to publish it again."""


class Publishing(Protocol):
    """How far the publisher is, as it has last reported."""

    @property
    def position(self) -> Position: ...

    @property
    def trouble(self) -> str | None:
        """What keeps it from publishing."""

    @property
    def waiting(self) -> int:
        """How many dead letters wait."""

    @property
    def letters(self) -> Sequence[DeadLetter]:
        """The first of them, oldest event first."""

    @property
    def reported_at(self) -> datetime: ...

    @property
    def silent(self) -> bool:
        """Whether it has reported nothing for a while, so that none is at work."""
