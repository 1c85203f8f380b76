"""The part `projections`: one runner at a time, on all read models."""

from collections.abc import Sequence

from commands.ports import Codec, EventStore
from infra.garbage import collect_rarely
from infra.lease import lease
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
