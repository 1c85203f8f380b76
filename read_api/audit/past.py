"""A stream as it was: its states, revision by revision, folded from its events when they are asked for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.shared.recorded import Position, Recorded
from read_api.graphql.errors import ReadError
from read_api.ports import Fold, History

PART = 1_000


@dataclass(frozen=True, slots=True)
class Stood:
    """The state after an event, and the event."""

    state: Any
    position: Position
    recorded_at: datetime
    revision: int


@dataclass(slots=True)
class StreamPast:
    """The states of one stream, as far as it was read. `spend` is called with the number of events read."""

    stream: str
    fold: Fold
    history: History
    spend: Callable[[int], None]
    _stood: list[Stood] = field(default_factory=list)
    _ended: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def shown(self, revision: int) -> Any:
        """What people are shown of the state after a revision that was read; None before the first."""
        return self.fold.shown(self._stood[revision].state) if 0 <= revision < len(self._stood) else None

    async def at(self, revision: int) -> Stood | None:
        """After that revision; None when the stream does not reach it."""
        await self._read_to(lambda: len(self._stood) > revision)
        return self._stood[revision] if 0 <= revision < len(self._stood) else None

    async def until(self, holds: Callable[[Stood], bool]) -> Stood | None:
        """After the last of the first events for which it holds; None when it does not hold for the first."""
        await self._read_to(lambda: bool(self._stood) and not holds(self._stood[-1]))
        return next((stood for stood in reversed(self._stood) if holds(stood)), None)

    async def _read_to(self, enough: Callable[[], bool]) -> None:
        async with self._turn:
            while not self._ended and not enough():
                entries = await self.history.entries(self.stream, after=len(self._stood) - 1, limit=PART)
                self.spend(len(entries))
                for entry in entries:
                    self._take(self.history.understood(entry))
                self._ended = len(entries) < PART

    def _take(self, recorded: Recorded[Any] | None) -> None:
        if recorded is None:
            raise Unreadable(self.stream, len(self._stood))
        before = self._stood[-1].state if self._stood else self.fold.initial
        after = self.fold.evolve(before, recorded)
        self._stood.append(Stood(after, recorded.position, recorded.recorded_at, recorded.revision))


class Unreadable(ReadError):
    """This version cannot read an event of the stream."""

    code = "UNREADABLE"

    def __init__(self, stream: str, revision: int) -> None:
        super().__init__(f"Revision {revision} of {stream} cannot be read by this version.")


def fold_of(folds: Mapping[str, Fold], stream: str) -> Fold | None:
    """The fold with the longest name that the stream begins with."""
    names = [name for name in folds if stream == name or stream.startswith(f"{name}-")]
    return folds[max(names, key=len)] if names else None
