"""The parked commands of the cockpit, for the processes."""

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from infra.projections import manage
from infra.projections.tables import SchemaTables
from projections import parked
from projections.cockpit import PROJECTION
from projections.engine.builds import Status

MOST = 500


async def longest_parked(database: str, names: Collection[str], errors: Collection[str]) -> Sequence[UUID]:
    """As projections.parked.longest_parked, in the build that readers read; none while there is no such build."""
    connection = await asyncpg.connect(database)
    try:
        for build in await manage.builds(connection):
            if build.name == PROJECTION.name and build.status is Status.ACTIVE:
                return await parked.longest_parked(SchemaTables(connection, build.schema), names, errors, MOST)
        return []
    except asyncpg.UndefinedTableError:  # no projections have run here yet
        return []
    finally:
        await connection.close()
