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
    """Rings when the log may have grown; everybody who waits hears it. Muffled, it sends all of them home."""

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
    """Pages behind `after` for ever. The bell is waited for at most `poll` seconds; the log is the truth.

    At the beginning, and when the store was away, it is looked whether the log is the one that was read; else
    LogDiverged is raised.

    A bell that rang since the page was asked for need not be waited for. Where rings come fast, there are at least
    `pace` seconds from one that was heard to the next: a page each would cost as much as the events in it.
    """
    clock = asyncio.get_running_loop().time
    heard = clock() - pace
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
        if (early := heard + pace - clock()) > 0:
            await asyncio.sleep(early)
        heard = clock()
