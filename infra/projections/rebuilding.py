"""Rebuilds of read models that are requested from outside, each begun once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.shared.errors import Conflict, NotFound
from infra.postgres.sessions import Connection, Sessions
from infra.projections import manage
from projections.engine.projection import Projection

PATIENCE = 5.0


class UnknownReadModel(NotFound):
    """There is no read model of that name."""


class RebuildUnderWay(Conflict):
    """A build of the read model is being made already."""


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """Implements write_api.ports.ReadModels."""

    sessions: Sessions
    projections: Sequence[Projection]

    async def check(self, name: str, request: UUID) -> None:
        projection = self._known(name)

        async def work(connection: Connection) -> None:
            await manage.install(connection)
            under_way = await manage.under_way(connection, projection.name)
            if under_way is not None and not await manage.was_requested(connection, request):
                raise RebuildUnderWay(
                    f"Build {under_way.number} of {name} is being made, and is at position {under_way.position}. "
                    "Wait until readers have moved to it."
                )

        await self.sessions.persistently(work, PATIENCE)

    async def rebuild(self, name: str, request: UUID) -> None:
        projection = self._known(name)

        async def work(connection: Connection) -> None:
            await manage.rebuild_once(connection, projection, request)

        await self.sessions.persistently(work, PATIENCE)

    def _known(self, name: str) -> Projection:
        for projection in self.projections:
            if projection.name == name:
                return projection
        raise UnknownReadModel(f"No read model is called {name!r}. `projections` of the read API lists them.")
