"""The log, and what is sealed in it, as the read API sees them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from commands.ports import NO_STREAM, Codec, EventStore, Record, StoreUnavailable, Unreadable, Vault
from domain.shared.personal import Sealed
from domain.shared.recorded import Position, Recorded
from infra.audit.stream_chain import StreamChain, last_revision, verify_stream
from infra.kafka.standing import PublisherStanding, publisher_standing
from infra.postgres.workers import Worker, workers
from infra.processes.standing import Standing, standing
from infra.projections.active import ActiveBuilds
from infra.projections.lag import Lag, lag
from infra.telemetry.lag import Behind
from projections.engine.builds import Status, StoppedStream
from projections.engine.ports import StorageUnavailable

PART = 1_000
"""Records of a stream that are read at once: others have their turn between two parts."""

ANSWERS_WITHIN = 2.5
"""Seconds. Who reads waits no longer for the log than for read models."""


@dataclass(frozen=True, slots=True)
class LogHistory:
    """Implements read_api.ports.History on an event store."""

    store: EventStore
    codec: Codec
    models: ActiveBuilds

    async def entries(self, stream: str, *, after: int, limit: int) -> Sequence[Record]:
        async with translated():
            return await self.store.read(stream, after=after, limit=limit)

    async def last_revision(self, stream: str) -> int:
        return await last_revision(self.entries, stream)

    def understood(self, entry: Any) -> Recorded[Any] | None:
        try:
            return self.codec.decode_event(entry)
        except Unreadable:
            return None

    async def verify(self, stream: str, *, limit: int) -> StreamChain:
        return await verify_stream(self.entries, stream, limit)

    async def facts(self, stream: str, of: Collection[type[Any]]) -> Sequence[Recorded[Any]]:
        names, found = set(self.codec.names_of(of)), list[Recorded[Any]]()
        after = NO_STREAM
        async with translated():
            while records := await self.store.read(stream, after=after, limit=PART):
                found += [self.codec.decode_event(record) for record in records if record.type in names]
                if len(records) < PART:
                    break
                after = records[-1].revision
        return found

    async def lag(self) -> Sequence[Lag]:
        async with translated():
            return await lag(await self.models.builds(), self.store)

    async def head(self) -> Position:
        async with translated():
            return await self.store.head()

    async def stopped(self) -> Sequence[StoppedStream]:
        async with translated():
            return await self.models.stopped()

    async def workers(self) -> Sequence[Worker]:
        return await workers(self.models.reading)

    async def processing(self) -> Standing:
        return await standing(self.models.reading)

    async def publishing(self) -> PublisherStanding | None:
        return await publisher_standing(self.models.reading)

    async def standing(self) -> Mapping[str, Behind]:
        """How far the read models that readers read are behind."""
        return {
            one.build.name: Behind(one.events, one.seconds, parked=one.build.parked, diverged=one.diverged)
            for one in await self.lag()
            if one.build.status is Status.ACTIVE
        }


@dataclass(frozen=True, slots=True)
class OpeningVault:
    """Implements read_api.ports.Vault on a vault."""

    vault: Vault

    async def open(self, sealed: Sealed) -> bytes | None:
        async with translated():
            return await self.vault.open(sealed)


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """What the event store and the vault call unavailable, as the read side calls it."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            yield
    except (StoreUnavailable, TimeoutError) as error:
        raise StorageUnavailable(str(error)) from error
