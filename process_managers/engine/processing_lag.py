"""How long it takes from when an input was recorded until all that follows from it is settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from process_managers.engine.inputs import Input


@dataclass(slots=True)
class ProcessingLag:
    """The mean of all inputs of the log that were settled since it was last taken.

    Timers, refusals and inputs that were sent again have no time at which they were due. Reactions are not counted
    either: they wait for the gateway, whose speed is not that of the processes.
    """

    _seconds: float = 0.0
    _inputs: int = 0

    def note(self, inputs: Sequence[Input], now: datetime) -> None:
        """All that follows from these is settled."""
        for given in inputs:
            if given.stream and given.attempt is None:
                self._seconds += max(0.0, (now - given.at).total_seconds())
                self._inputs += 1

    def taken(self) -> float | None:
        """Seconds; None: nothing was settled."""
        if not self._inputs:
            return None
        mean = self._seconds / self._inputs
        self._seconds, self._inputs = 0.0, 0
        return mean
