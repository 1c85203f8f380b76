"""The log and the vault as the read API sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commands.ports import Codec, EventStore, Record, StoreUnavailable, Vault
from domain.shared.personal import Sealed
from domain.shared.recorded import Recorded
from infra.projections.active import ActiveBuilds
from infra.projections.lag import Lag, lag
from projections.ports import StorageUnavailable


@dataclass(frozen=True, slots=True)
class EventHistory:
    """Reads the event store for auditors, and for whoever asks how an order stood."""

    store: EventStore
    codec: Codec
    models: ActiveBuilds

    async def entries(self, stream: str, *, after: int, limit: int) -> Sequence[Record]:
        try:
            return await self.store.read(stream, after=after, limit=limit)
        except StoreUnavailable as error:
            raise StorageUnavailable from error

    async def facts(self, stream: str) -> Sequence[Recorded[Any]]:
        try:
            return [self.codec.understand(record) for record in await self.store.read(stream)]
        except StoreUnavailable as error:
            raise StorageUnavailable from error

    async def lag(self) -> Sequence[Lag]:
        try:
            return await lag(await self.models.builds(), self.store, self.codec)
        except StoreUnavailable as error:
            raise StorageUnavailable from error


@dataclass(frozen=True, slots=True)
class OpenVault:
    """Opens personal data, and never seals any."""

    vault: Vault

    async def open(self, sealed: Sealed) -> bytes | None:
        try:
            return await self.vault.open(sealed)
        except StoreUnavailable as error:
            raise StorageUnavailable from error
