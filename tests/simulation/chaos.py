"""What may go wrong, and when: drawn from one seed."""

import asyncio
from dataclasses import dataclass, field
from random import Random

from commands.ports import StoreUnavailable
from tests.support.fixtures.watched import Crash

CRASHES = 6
"""At most so many, or nothing would ever be done."""


@dataclass(slots=True)
class Chaos:
    """`calm` ends all of it, so that the shop can come to rest; only a crash at a point that was told still comes.

    `passed` are the points of the runner up to now, over all its lives.
    """

    random: Random
    crash: float = 0.006
    fail: float = 0.02
    crashes: int = CRASHES
    calm: bool = False
    crash_at: int | None = None
    passed: list[str] = field(default_factory=list)

    def chance(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability

    async def delay(self) -> None:
        """Mostly none, sometimes some, rarely long."""
        if self.calm:
            return
        draw = self.random.random()
        if draw < 0.5:
            await asyncio.sleep(0)
        elif draw < 0.95:
            await asyncio.sleep(self.random.random() * 0.5)
        else:
            await asyncio.sleep(self.random.random() * 20)


@dataclass(slots=True)
class Plug:
    """The power of one life of one process of the machine."""

    chaos: Chaos
    pulled: str | None = None

    async def point(self, name: str) -> None:
        """Wait, fail or crash before or after an effect; without power nothing has an effect."""
        if self.pulled is None:
            await self.chaos.delay()
        if self.pulled is None:
            self.chaos.passed.append(name)
            if len(self.chaos.passed) == self.chaos.crash_at:
                self.pulled = name
        if self.pulled is None and self.chaos.crashes and self.chaos.chance(self.chaos.crash):
            self.chaos.crashes -= 1
            self.pulled = name
        if self.pulled is not None:
            raise Crash
        if name != "page!" and self.chaos.chance(self.chaos.fail):
            raise TimeoutError if name.startswith("command") else StoreUnavailable
