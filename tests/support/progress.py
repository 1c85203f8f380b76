"""Progress in a dictionary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.shared.recorded import START, Position
from process_managers.engine.ports import CancelledTimer, Timer


@dataclass(slots=True)
class MemoryProgress:
    """Implements process_managers.engine.ports.Progress for tests."""

    at: Position = START
    timers: dict[tuple[str, str, str], Timer] = field(default_factory=dict)
    advances: int = 0
    further: dict[int, Position] = field(default_factory=dict)
    lateness: list[tuple[float, int]] = field(default_factory=list)

    async def position(self) -> Position:
        return self.at

    async def ahead(self) -> Mapping[int, Position]:
        return self.further

    async def advance(self, to: Position, timers: Sequence[Timer | CancelledTimer]) -> None:
        self.at = max(self.at, to)
        self.advances += 1
        for timer in timers:
            key = (timer.process, timer.instance, timer.name)
            if isinstance(timer, Timer):
                self.timers[key] = timer
            else:
                self.timers.pop(key, None)

    async def late(self, seconds: float, under_way: int) -> None:
        self.lateness.append((seconds, under_way))

    async def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        due = [timer for timer in self.timers.values() if timer.due <= now]
        return sorted(due, key=lambda timer: (timer.due, timer.process, timer.instance, timer.name))[:limit]

    async def fired(self, timers: Sequence[Timer]) -> None:
        for timer in timers:
            key = (timer.process, timer.instance, timer.name)
            if (kept := self.timers.get(key)) is not None and kept.due == timer.due:
                del self.timers[key]
