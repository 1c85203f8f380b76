"""The part `projections`: one runner at a time, on all read models."""

import asyncio
import math
from collections.abc import Sequence

from commands.ports import Codec, EventStore
from infra.garbage import collect_rarely
from infra.lease import lease
from infra.projections.active import ActiveBuilds
from infra.projections.builds import PostgresBuilds
from infra.projections.log import UnderstoodLog
from projections.projection import Projection
from projections.runner import Runner

LEASE = "projections"


async def run_projections(url: str, store: EventStore, codec: Codec, projections: Sequence[Projection]) -> None:
    """Wait until no other runner works, then feed the read models until cancelled. Raises LeaseLost."""
    heard = frozenset(fact for projection in projections for fact in projection.hears)
    collect_rarely()
    async with lease(url, LEASE):
        builds = PostgresBuilds(url)
        try:
            await Runner(projections, UnderstoodLog(store, codec, heard), builds).run()
        finally:
            await builds.close()


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
