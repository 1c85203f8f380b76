"""Whether there is room for more checkouts: those that were begun come first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from commands.ports import StoreUnavailable
from infra.postgres.sessions import Connection, Sessions

BEGINS = "/checkouts"
"""Where the write API is asked to begin a checkout. What goes on with one that was begun has paths behind it."""

EVERY = 0.5
"""Seconds between two looks."""

HOLDS = 2.0
"""Seconds for which a measurement holds."""

PATIENCE = 1.0

SOME, ALL = 0.25, 1.0
"""Seconds. When processes are later than the one, some are asked to wait; at the other, everybody."""

MANY = 100
"""Inputs under way at a runner. With fewer it is not the shop that has too much to do, but the machine that is slow."""

LATEST = """
    select max(seconds) from processes.lateness
     where told_at > clock_timestamp() - interval '3 seconds' and under_way >= $1
"""

Look = Callable[[], Awaitable[float]]


def look_of(sessions: Sessions, at_least: int = 0) -> Look:
    """How late (seconds) the processes are that have so much under way, as they tell; 0 when none does.

    Raises StoreUnavailable.
    """

    async def work(connection: Connection) -> float:
        return await connection.fetchval(LATEST, at_least) or 0.0

    return lambda: sessions.persistently(work, PATIENCE)


@dataclass(slots=True)
class CheckoutAdmission:
    """Says no to a share of those who ask that grows with how late the processes are.

    A checkout goes through the processes five times. One that is begun although they are late ends late, or not at all:
    ten seconds after its beginning it is rejected for want of a reservation, and giving back what it holds takes longer
    than an order. So a queue that is let grow makes a shop finish less the more it is asked for.

    Measures only when a request asks, and lets no request wait for it.
    """

    look: Look
    clock: Callable[[], float] = monotonic
    _late: float = 0.0
    _looked_at: float = -HOLDS
    _owed: float = 0.0
    _looking: asyncio.Task[None] | None = field(default=None, repr=False)

    def closes(self, path: str) -> bool:
        """Whether what is asked of the write API at a path has to wait."""
        return path == BEGINS and not self.has_room()

    def has_room(self) -> bool:
        """Whether another checkout may begin."""
        now = self.clock()
        if now - self._looked_at >= EVERY and self._looking is None:
            self._looking = asyncio.create_task(self._look_again())
        late = self._late if now - self._looked_at < HOLDS else 0.0
        self._owed += min(1.0, max(0.0, (late - SOME) / (ALL - SOME)))
        if self._owed < 1.0:
            return True
        self._owed -= 1.0
        return False

    async def _look_again(self) -> None:
        try:
            self._late = await self.look()
        except StoreUnavailable:
            self._late = 0.0  # the store itself will refuse the request
        finally:
            self._looked_at, self._looking = self.clock(), None
