"""Turns for what costs the database much: the callers take turns, and those beyond their share come last.

There are as many places as the database serves at once. No caller has more than half of them, and no address all of
them, so that others find one. Callers beyond their share have one place together, when no other caller waits: they
are served slowly, and delay only each other.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from read_api.graphql.accounts import Accounts, Share
from read_api.graphql.errors import Busy, OverBudget
from read_api.graphql.payers import Payer

LAGS = 4
"""Turns of the event loop that an answer waits for: when we are busy ourselves, that is not what the question costs."""

BEYOND_WAITING = 8
"""So many wait who are beyond their share: more would be served too late, and keep places of the API meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """So many turns at once; so many wait, of one address a quarter of them, each for so many seconds.

    The first `free` seconds of a turn are not counted: most questions take no more.
    """

    places: int = 4
    waiting: int = 256
    patience: float = 2.0
    free: float = 0.02


ELSEWHERE = Room(places=32, free=0.25)
"""An engine on machines of its own serves more at once, and is further away."""


@dataclass(slots=True, eq=False)
class _Waiting:
    payer: Payer
    number: int
    place: "asyncio.Future[bool]"


@dataclass(slots=True)
class Turns:
    """Used as `async with turns.turn(payer)`. Raises OverBudget, Busy."""

    share: Share = field(default_factory=Share)
    room: Room = field(default_factory=Room)
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    accounts: Accounts = field(init=False)
    _inside: Counter[str] = field(default_factory=Counter)
    _all: int = 0
    _beyond: int = 0
    _queue: list[_Waiting] = field(default_factory=list)
    _came: int = 0

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.share, self.clock)

    @asynccontextmanager
    async def turn(self, payer: Payer) -> AsyncIterator[None]:
        beyond = await self._entered(payer)
        began, lag = self.clock(), 0.0

        def next_turn_of_the_loop() -> None:
            nonlocal lag
            lag = self.clock() - began

        asyncio.get_running_loop().call_soon(next_turn_of_the_loop)
        try:
            yield
        finally:
            self._charge(payer, self.clock() - began - self.room.free - LAGS * lag)
            self._leave(payer, beyond=beyond)

    async def _entered(self, payer: Payer) -> bool:
        """Whether the caller was let in beyond their share."""
        if not self._queue and self._fits(payer):
            return self._admit(payer)
        self._came += 1
        mine = _Waiting(payer, self._came, asyncio.get_running_loop().create_future())
        self._queue.append(mine)
        self._let_in()
        self._turn_away()
        try:
            async with asyncio.timeout(self.room.patience):
                return await mine.place
        except (TimeoutError, asyncio.CancelledError) as error:
            if mine.place.done() and not mine.place.cancelled() and mine.place.exception() is None:
                self._leave(payer, beyond=mine.place.result())
            if isinstance(error, TimeoutError):
                raise self._refusal(payer) from None
            raise
        finally:
            if mine in self._queue:
                self._queue.remove(mine)

    def _admit(self, payer: Payer) -> bool:
        beyond = self._wait_of(payer) > 0
        self._count(payer, 1, beyond=beyond)
        return beyond

    def _let_in(self) -> None:
        while fitting := [it for it in self._queue if not it.place.done() and self._fits(it.payer)]:
            first = min(fitting, key=self._order)
            self._queue.remove(first)
            first.place.set_result(self._admit(first.payer))

    def _turn_away(self) -> None:
        """Refuse the caller who would come last, where more wait than may."""
        if not self._queue:
            return
        beyond = [it for it in self._queue if self._wait_of(it.payer) > 0]
        for waiting, most in (
            (beyond, BEYOND_WAITING),
            ([it for it in self._queue if it.payer.group == self._queue[-1].payer.group], self.room.waiting // 4),
            (self._queue, self.room.waiting),
        ):
            if len(waiting) > most:
                last = max(waiting, key=self._order)
                self._queue.remove(last)
                if not last.place.done():
                    last.place.set_exception(self._refusal(last.payer))
                return

    def _fits(self, payer: Payer) -> bool:
        places = self.room.places
        return (
            self._all < places
            and self._inside[payer.one] < max(1, places // 2)
            and self._inside[payer.group] < max(1, places - 1)
            and (not self._beyond or self._wait_of(payer) == 0)
        )

    def _order(self, waiting: _Waiting) -> tuple[bool, float, float, int]:
        payer = waiting.payer
        beyond = self._wait_of(payer) > 0
        used, together = self.accounts.used(payer.one), self.accounts.used(payer.group, payer.shares)
        return beyond, together, used, waiting.number

    def _wait_of(self, payer: Payer) -> float:
        if payer.one == payer.group:
            return self.accounts.wait(payer.group, payer.shares)
        return max(self.accounts.wait(payer.one), self.accounts.wait(payer.group, payer.shares))

    def _charge(self, payer: Payer, seconds: float) -> None:
        if seconds > 0:
            self.accounts.charge(payer.group, seconds, payer.shares)
            if payer.one != payer.group:
                self.accounts.charge(payer.one, seconds)

    def _count(self, payer: Payer, number: int, *, beyond: bool) -> None:
        self._all += number
        self._beyond += number if beyond else 0
        for name in {payer.one, payer.group}:
            self._inside[name] += number
            if not self._inside[name]:
                del self._inside[name]

    def _leave(self, payer: Payer, *, beyond: bool) -> None:
        self._count(payer, -1, beyond=beyond)
        self._let_in()

    def _refusal(self, payer: Payer) -> OverBudget | Busy:
        wait = self._wait_of(payer)
        return OverBudget(wait) if wait > 0 else Busy()


@dataclass(frozen=True, slots=True)
class EnginesTurns:
    """Turns at our own database, and at a search engine that has machines of its own."""

    here: Turns = field(default_factory=Turns)
    elsewhere: Turns = field(default_factory=lambda: Turns(room=ELSEWHERE))
