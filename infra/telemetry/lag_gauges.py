"""Gauges of how far each follower of the log is behind, refreshed every few seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from opentelemetry import metrics

from commands.ports import StoreUnavailable
from infra.telemetry.lag import Look
from projections.engine.ports import StorageUnavailable

EVERY = 5.0

log = structlog.get_logger()


@asynccontextmanager
async def watched(look: Look) -> AsyncIterator[None]:
    """Refresh the gauges while the block runs."""
    looking = asyncio.create_task(_look(look))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _look(look: Look) -> None:
    meter = metrics.get_meter(__name__)
    events = meter.create_gauge("counterfoil.follower.lag.events", "{event}")
    seconds = meter.create_gauge("counterfoil.follower.lag.seconds", "s")
    parked = meter.create_gauge("counterfoil.follower.parked", "{event}")
    diverged = meter.create_gauge("counterfoil.follower.diverged")
    while True:
        try:
            for name, behind in (await look()).items():
                about = {"counterfoil.follower": name}
                events.set(behind.events, about)
                diverged.set(int(behind.diverged), about)
                if behind.seconds is not None:
                    seconds.set(behind.seconds, about)
                if behind.parked is not None:
                    parked.set(behind.parked, about)
        except (StoreUnavailable, StorageUnavailable) as error:
            log.warning("lag not known", reason=str(error))
        await asyncio.sleep(EVERY)
