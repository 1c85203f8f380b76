"""Closed and open loops, and how long the visits of each took."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from tests.load.http import VisitFailed

# Not the loop's own clock: uvloop's stands still within a turn, and knows whole milliseconds only.

Visit = Callable[[], Awaitable[float | None]]
AFTER_AN_ERROR = 0.05


@dataclass(slots=True)
class Book:
    """Latencies in milliseconds, and errors by kind.

    A visit that is given up has waited as long as it did: left out, it would make a shop that stalls look fast.
    """

    completed: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    async def visit(self, visit: Visit, due: float, patience: float) -> bool:
        """Measured from when it was due."""
        try:
            async with asyncio.timeout(due + patience - monotonic()):
                seconds = await visit()
        except TimeoutError:
            self.errors["timeout"] += 1
            self.latencies_ms.append((monotonic() - due) * 1000)
        except VisitFailed as failed:
            self.errors[str(failed)] += 1
        except (ConnectionError, OSError) as error:
            self.errors[type(error).__name__] += 1
        else:
            self.completed += 1
            self.latencies_ms.append((monotonic() - due if seconds is None else seconds) * 1000)
            return True
        return False


async def closed(visit: Visit, book: Book, *, at_once: int, seconds: float, patience: float) -> None:
    """So many visitors, each coming again as soon as they are served."""
    end = monotonic() + seconds

    async def come_again_and_again() -> None:
        while monotonic() < end:
            if not await book.visit(visit, monotonic(), patience):
                await asyncio.sleep(AFTER_AN_ERROR)

    await asyncio.gather(*(come_again_and_again() for _ in range(at_once)))


async def opened(visit: Visit, book: Book, *, rate: float, seconds: float, patience: float) -> None:
    """Visitors come at a fixed rate, whether the earlier ones are served or not, and wait from then on."""
    begin, visits = monotonic(), set[asyncio.Task[bool]]()
    for number in range(round(rate * seconds)):
        due = begin + number / rate
        if (early := due - monotonic()) > 0:
            await asyncio.sleep(early)
        visits.add(asyncio.create_task(book.visit(visit, due, patience)))
    await asyncio.gather(*visits)
