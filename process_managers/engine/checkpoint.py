"""The position from which a runner starts again: stored in batches, together with the timers that follow from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from commands.recognising import EventAt
from domain.shared.recorded import START, Position
from process_managers.engine.partitions import partition_of
from process_managers.engine.ports import CancelledTimer, Progress, Timer
from process_managers.engine.watermark import Watermark


@dataclass(slots=True)
class Checkpoint:
    """Timers are stored no later than the position of the input that set them, and forgotten no earlier than all that
    follows from their firing is stored."""

    progress: Progress
    event_at: EventAt
    watermark: Watermark
    _stored: Position
    _ahead: Mapping[int, Position] = field(default_factory=dict)
    _timers: list[Timer | CancelledTimer] = field(default_factory=list)
    _rung: list[Timer] = field(default_factory=list)

    def covers(self, instance: str, position: Position) -> bool:
        """Whether all that an instance's journal requested up to the position is done."""
        return position <= self.watermark.low or position <= self._ahead.get(partition_of(instance), START)

    def keep(self, timers: Iterable[Timer | CancelledTimer]) -> None:
        """Have timers stored with the next checkpoint."""
        self._timers += timers

    def rung(self, timer: Timer) -> None:
        """All that follows from the timer is done."""
        self._rung.append(timer)

    async def store(self) -> list[Timer]:
        """Bring the stored state up to date. Answers with the timers that are forgotten now."""
        low, timers, rung = self.watermark.low, self._timers, list(self._rung)
        if timers or low != self._stored:
            self._timers = []
            try:
                await self.progress.advance(low, timers, await self.event_at(low))
            except BaseException:
                self._timers = timers + self._timers
                raise
            self._stored = low
        if rung:
            await self.progress.fired(rung)
            del self._rung[: len(rung)]
        return rung
