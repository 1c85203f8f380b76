"""Snapshots of the states of long streams. They are a cache: without one, the stream is read from its beginning."""

from dataclasses import dataclass, field
from uuid import UUID

import msgspec
import structlog

from commands.ports import Done, Snapshot, StoreUnavailable
from domain.shared.recorded import Position
from infra.postgres.sessions import Connection, Sessions

log = structlog.get_logger()


LOAD = "select revision, position, state, done from snapshots where stream = $1 and version = $2"

SAVE = """
    insert into snapshots (stream, version, revision, position, state, done)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (stream, version) do update
       set revision = excluded.revision, position = excluded.position, state = excluded.state, done = excluded.done
     where snapshots.revision < excluded.revision
"""

_done = msgspec.json.Decoder(dict[UUID, Done])


@dataclass(slots=True)
class MemorySnapshots:
    """Implements commands.ports.Snapshots for one process."""

    _kept: dict[tuple[str, str], Snapshot] = field(default_factory=dict)

    async def load(self, stream: str, version: str) -> Snapshot | None:
        return self._kept.get((stream, version))

    async def save(self, stream: str, version: str, snapshot: Snapshot) -> None:
        kept = self._kept.get((stream, version))
        if kept is None or kept.revision < snapshot.revision:
            self._kept[stream, version] = snapshot


@dataclass(slots=True)
class PostgresSnapshots:
    """Implements commands.ports.Snapshots on the table of schema.py.

    Snapshots name positions, which mean something in one store only: those of another have another `scope`.
    """

    sessions: Sessions
    patience: float = 2.0
    scope: str = ""

    async def load(self, stream: str, version: str) -> Snapshot | None:
        async def work(connection: Connection) -> Snapshot | None:
            row = await connection.fetchrow(LOAD, stream, version + self.scope)
            if row is None:
                return None
            done = _done.decode(row["done"])
            return Snapshot(row["revision"], Position(row["position"]), row["state"], done)

        try:
            return await self.sessions.persistently(work, self.patience)
        except StoreUnavailable as error:
            log.warning("snapshot not loaded", stream=stream, reason=str(error))
            return None

    async def save(self, stream: str, version: str, snapshot: Snapshot) -> None:
        async def work(connection: Connection) -> None:
            state, done = snapshot.state, msgspec.json.encode(snapshot.done)
            at = snapshot.revision, snapshot.position
            await connection.execute(SAVE, stream, version + self.scope, *at, state, done)

        try:
            await self.sessions.persistently(work, self.patience)
        except StoreUnavailable as error:
            log.warning("snapshot not saved", stream=stream, reason=str(error))
