"""Nothing is followed but the log that the checkpoint was made from."""

import asyncio
from contextlib import suppress

import structlog

from commands.ports import LogDiverged
from commands.recognising import ADVICE, EventAt, recognise
from process_managers.engine.ports import Progress

LOOK_EVERY, TELL_EVERY = 1.0, 30

LATE, UNDER_WAY = 3600.0, 1_000_000
"""Reported while the log is refused, so that admission stops new checkouts: seconds, and inputs under way."""

log = structlog.get_logger()


async def recognised(event_at: EventAt, progress: Progress, stop: asyncio.Event) -> bool:
    """Wait for the log of the checkpoint. False: `stop` was set before. Raises StoreUnavailable."""
    looks = 0
    while not stop.is_set():
        try:
            for seen in await progress.seen():
                if (found := await recognise(event_at, seen)) != seen:
                    await progress.fill(found)
            return True
        except LogDiverged as error:
            if looks % TELL_EVERY == 0:
                log.error("log not followed", reason=str(error), advice=ADVICE)
            await progress.late(LATE, UNDER_WAY)
        looks += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await stop.wait()
    return False
