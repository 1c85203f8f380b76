"""The part `projections`: read models are shared out among all who feed them."""

import asyncio
import math
from collections.abc import Sequence

from commands.ports import Codec, EventStore
from infra.gc_tuning import collect_rarely
from infra.postgres.partition_assignment import Fence, share_work
from infra.postgres.shutdown import ended
from infra.projections.active import ActiveBuilds
from infra.projections.builds import PostgresBuilds
from infra.projections.log import UnderstoodLog
from infra.projections.upgrading import take_over
from projections.engine.projection import Projection
from projections.engine.runner import Runner

NAME = "projections"


async def run_projections(url: str, store: EventStore, codec: Codec, projections: Sequence[Projection]) -> None:
    """Feed our share of the read models until cancelled. Raises LeaseLost."""
    collect_rarely()

    async def feed(fence: Fence, stop: asyncio.Event) -> None:
        ours = [projection for projection in projections if projection.name in fence.pieces]
        handled = frozenset(fact for projection in ours for fact in projection.handles)
        watches = any(projection.watches for projection in ours)
        builds = PostgresBuilds(url, fence=fence)
        feeding = asyncio.ensure_future(Runner(ours, UnderstoodLog(store, codec, handled, watches), builds).run())
        upgrading = asyncio.ensure_future(take_over(url, store, ours, fence))
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({feeding, upgrading, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await ended((feeding, upgrading, stopped))
            await builds.close()
        for task in (feeding, upgrading):
            if not task.cancelled():
                task.result()

    await share_work(url, NAME, list(dict.fromkeys(it.name for it in projections)), feed)


async def build_all(url: str, store: EventStore, codec: Codec, projections: Sequence[Projection]) -> None:
    """Bring all read models to the present end of the log, made where there are none."""
    builds, head = PostgresBuilds(url), await store.head()
    await builds.prepare(projections)
    await builds.close()
    names = [projection.name for projection in projections]
    async with ActiveBuilds(url) as models:
        feeding = asyncio.ensure_future(run_projections(url, store, codec, projections))
        caught_up = asyncio.ensure_future(models.wait_for(names, head, math.inf))
        try:
            await asyncio.wait({feeding, caught_up}, return_when=asyncio.FIRST_COMPLETED)
            if feeding.done():
                feeding.result()
        finally:
            for task in (feeding, caught_up):
                task.cancel()
            await asyncio.gather(feeding, caught_up, return_exceptions=True)
