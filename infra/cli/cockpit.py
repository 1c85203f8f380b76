"""The cockpit for the command line: the build that readers read, and how far it is behind the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.cli import environment
from infra.cli.errors import Failed

if TYPE_CHECKING:
    from commands.ports import EventStore
    from infra.settings import Settings
    from projections.engine.ports import Tables


@dataclass(frozen=True, slots=True)
class Seen:
    """One moment of it; `behind` counts events. `refused` is why the processes do not follow the log."""

    tables: "Tables"
    position: int
    behind: int
    refused: str | None


@asynccontextmanager
async def cockpit_of(settings: "Settings") -> "AsyncIterator[Seen]":
    """Raises Failed when it was not built, or by another version."""
    import asyncpg

    from infra.bootstrap.composition import event_store
    from infra.projections import manage
    from infra.projections.lag import lag
    from infra.projections.tables import SchemaTables
    from projections.cockpit import PROJECTION
    from projections.engine.builds import Status

    async with environment.database(settings) as reachable, event_store(reachable) as store:
        connection = await asyncpg.connect(reachable.database)
        try:
            await manage.install(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                active = {
                    build.name: build for build in await manage.builds(connection) if build.status is Status.ACTIVE
                }
                if (build := active.get(PROJECTION.name)) is None:
                    raise Failed("The cockpit was not built yet. Build it with: counterfoil run projections")
                if build.version != PROJECTION.version:
                    raise Failed(
                        f"Readers read version {build.version} of the cockpit, this is version {PROJECTION.version}. "
                        "When counterfoil projections list shows that it has caught up: "
                        "counterfoil projections switch cockpit"
                    )
                (behind,) = await lag([build], store)
                refused = await _refused(reachable, store)
                yield Seen(SchemaTables(connection, build.schema), build.position, behind.events, refused)
        finally:
            await connection.close()


async def _refused(settings: "Settings", store: "EventStore") -> str | None:
    from commands.recognising import refusal
    from infra.bootstrap.composition import sessions_of
    from infra.processes.progress import PostgresProgress

    async with sessions_of(settings, "cockpit") as sessions:
        progress = PostgresProgress(sessions)
        await progress.prepare()
        for seen in await progress.seen():
            if (why := await refusal(store.event_at, seen)) is not None:
                return why
    return None
