"""Following the log: what is there, then what comes, without a gap and without a repeat."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from commands.ports import Page, Seen, StoreUnavailable
from commands.recognising import EventAt, recognise, seen_of
from domain.shared.recorded import Position

log = structlog.get_logger()

PAUSE = 1.0


@dataclass(slots=True, eq=False)
class Bell:
    """Wakes all waiting subscriptions when the log may have grown. When closed, it ends them."""

    muffled: bool = False
    _next: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    def muffle(self) -> None:
        self.muffled = True
        self.ring()

    def next_ring(self) -> asyncio.Event:
        """Is set by the next ring; ask for it before looking at the log, and no ring is missed."""
        return self._next


async def follow(
    read: Callable[[Position], Awaitable[Page]],
    event_at: EventAt,
    bell: Bell,
    after: Position,
    poll: float | None,
    pace: float = 0.0,
) -> AsyncGenerator[Page, None]:
    """Yield pages after `after` without end. The bell only saves time: the log is read every `poll` seconds anyway.

    Raises LogDiverged if the log is not the one that was read before. This is checked at the beginning and after the
    store was unavailable.

    A bell that rang while a page was read counts at once. Between two reads there are at least `pace` seconds: a page
    for each of many quick commits would cost as much as their events.
    """
    clock = asyncio.get_running_loop().time
    read_at = clock() - pace
    seen, known = Seen(after, None), False
    while not bell.muffled:
        ring = bell.next_ring()
        try:
            if not known:
                await recognise(event_at, seen)
                known = True
            page = await read(seen.position)
        except StoreUnavailable as error:
            log.warning("subscription waits for the event store", position=seen.position, reason=str(error))
            known = False
            await asyncio.sleep(PAUSE)
            continue
        if page.position > seen.position:
            seen = seen_of(page)
            yield page
        if page.more:
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout(poll):
                await ring.wait()
        if (early := read_at + pace - clock()) > 0:
            await asyncio.sleep(early)
        read_at = clock()
