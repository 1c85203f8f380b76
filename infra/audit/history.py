"""The log as the read API sees it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from commands.ports import Codec, EventStore, Record, StoreUnavailable
from domain.shared.recorded import Recorded
from infra.projections.active import ActiveBuilds
from infra.projections.lag import Lag, lag
from infra.telemetry.behind import Behind
from projections.engine.builds import Status
from projections.engine.ports import StorageUnavailable


@dataclass(frozen=True, slots=True)
class LogHistory:
    """Implements read_api.ports.History on an event store."""

    store: EventStore
    codec: Codec
    models: ActiveBuilds

    async def entries(self, stream: str, *, after: int, limit: int) -> Sequence[Record]:
        with _translated():
            return await self.store.read(stream, after=after, limit=limit)

    async def facts(self, stream: str) -> Sequence[Recorded[Any]]:
        with _translated():
            return [self.codec.decode_event(record) for record in await self.store.read(stream)]

    async def lag(self) -> Sequence[Lag]:
        with _translated():
            return await lag(await self.models.builds(), self.store, self.codec)

    async def standing(self) -> Mapping[str, Behind]:
        """How far the read models that readers read are behind."""
        return {
            one.build.name: Behind(one.events, one.seconds)
            for one in await self.lag()
            if one.build.status is Status.ACTIVE
        }


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as error:
        raise StorageUnavailable(str(error)) from error
