"""An event loop on which waiting takes no time: the clock jumps to the next thing that is due."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

BEGINNING = datetime(2026, 11, 25, 12, tzinfo=UTC)


class EverybodyWaits(Exception):
    """Nothing is due and nothing can happen any more."""


class _Jumping(selectors.SelectSelector):
    """Nothing outside is listened to; a wait moves the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise EverybodyWaits
        self.now += max(0.0, timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """One thread, first come first served: the same program takes the same course each time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def clock() -> datetime:
    """The virtual time of day."""
    return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a program to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
