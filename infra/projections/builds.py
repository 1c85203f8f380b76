"""Builds and their checkpoints in PostgreSQL, as the runner uses them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import structlog

from domain.shared.recorded import Position
from infra.postgres.failures import LINE_LOST, translated
from infra.postgres.membership import LeaseLost
from infra.postgres.partition_assignment import Fence
from infra.postgres.shutdown import closed
from infra.projections import manage
from infra.projections.tables import FedSchema
from projections.engine.builds import Build, CheckpointMoved
from projections.engine.parking import Intake
from projections.engine.ports import FedTables, StorageUnavailable
from projections.engine.projection import Projection

_MOVE = """
update projection_builds b set position = $4, event_id = $5, moved_at = now(), error = null
from unnest($1::text[], $2::int[]) as moved (name, build)
where b.name = moved.name and b.build = moved.build and b.position = $3 and b.status <> 'dropped'
"""

_PARK = """
insert into projection_parked (name, build, stream, position, type, error)
select $1, $2, * from unnest($3::text[], $4::bigint[], $5::text[], $6::text[])
"""
_HOLD_BACK = """
update projection_parked p set held_back = held_back + more.events
from unnest($3::text[], $4::bigint[]) as more (stream, events)
where p.name = $1 and p.build = $2 and p.stream = more.stream
"""
_HELD = """
select b.name || '_b' || b.build as schema, stream from projection_parked p
join projection_builds b using (name, build) where b.status <> 'dropped'
"""
_RECOGNISED = """
update projection_builds set event_id = $4, error = null where name = $1 and build = $2 and position = $3
"""

log = structlog.get_logger()

QUIET, ANSWER_WITHIN = 2.0, 5.0
BATCH_WITHIN = 60.0
"""Seconds. A line on which nothing was said for QUIET is asked whether it is still there, and so is every line before
and after a batch. A statement on 4,000 events takes a few seconds at most."""


@dataclass(slots=True)
class PostgresBuilds:
    """One held connection, made anew when it is lost or falls silent. A lease fences what is written."""

    url: str
    quiet: float = QUIET
    answer_within: float = ANSWER_WITHIN
    fence: Fence | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _held: asyncpg.Connection | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tables: dict[str, FedSchema] = field(default_factory=dict)

    async def prepare(self, projections: Sequence[Projection]) -> None:
        async with self._connection() as connection:
            await manage.prepare(connection, projections)

    async def known(self) -> Sequence[Build]:
        self._changed.clear()
        async with self._connection() as connection:
            return await manage.builds(connection)

    async def changed(self) -> None:
        while not self._changed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self.quiet):
                    await self._changed.wait()
                    return
            async with self._connection() as connection:
                await connection.execute("select 1", timeout=self.answer_within)

    @asynccontextmanager
    async def moving(
        self, builds: Sequence[Build], start: Position, to: Position, event_id: UUID | None = None
    ) -> AsyncIterator[Mapping[str, FedTables]]:
        async with self._connection() as connection, self._transaction(connection):
            await self._check(connection)
            names, numbers = [build.name for build in builds], [build.number for build in builds]
            # First: while this transaction holds the checkpoints, no other can drop or move the tables.
            moved = await connection.execute(_MOVE, names, numbers, start, to, event_id, timeout=self.answer_within)
            if moved != f"UPDATE {len(builds)}":
                raise CheckpointMoved(f"Not all of {names} stand at {start}.")
            yield {build.schema: self._tables_of(connection, build.schema) for build in builds}
            progress = json.dumps({"position": to, "builds": [build.schema for build in builds]})
            await connection.execute("select pg_notify($1, $2)", manage.PROGRESS, progress, timeout=self.answer_within)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        connection = self._held
        assert connection is not None, "Attempts are a part of a move."
        with translated():
            await connection.execute("savepoint attempt", timeout=self.answer_within)
            try:
                yield
            except (*LINE_LOST, asyncio.CancelledError):
                raise
            except BaseException:
                if not connection.is_closed():
                    await connection.execute("rollback to savepoint attempt", timeout=self.answer_within)
                raise
            await connection.execute("release savepoint attempt")

    async def park(self, build: Build, intake: Intake) -> None:
        connection, key = self._held, (build.name, build.number)
        assert connection is not None, "What is parked is parked by a move."
        if events := intake.parked.values():
            rows = [
                (it.stream, it.position, it.type, it.error.replace("\0", "\N{REPLACEMENT CHARACTER}")) for it in events
            ]
            await connection.execute(_PARK, *key, *map(list, zip(*rows, strict=True)))
        if intake.behind:
            await connection.execute(_HOLD_BACK, *key, list(intake.behind), list(intake.behind.values()))

    async def recognised(self, build: Build, event_id: UUID | None) -> None:
        async with self._connection() as connection, self._transaction(connection):
            await self._check(connection)
            await connection.execute(_RECOGNISED, build.name, build.number, build.position, event_id)

    async def held(self) -> Mapping[str, Collection[str]]:
        async with self._connection() as connection:
            rows = await connection.fetch(_HELD)
        streams = defaultdict[str, set[str]](set)
        for schema, stream in rows:
            streams[schema].add(stream)
        return streams

    async def fail(self, build: Build, error: str) -> None:
        async with self._connection() as connection, self._transaction(connection):
            await self._check(connection)
            await connection.execute(
                "update projection_builds set error = $3 where name = $1 and build = $2",
                build.name,
                build.number,
                error,
            )

    async def close(self) -> None:
        if self._held is not None:
            await closed(self._held)

    async def _check(self, connection: asyncpg.Connection) -> None:
        if self.fence is None:
            return
        try:
            async with asyncio.timeout(self.answer_within):
                await self.fence.check(connection)
        except LeaseLost as lost:
            raise StorageUnavailable("The lease on these read models has ended.") from lost

    @asynccontextmanager
    async def _transaction(self, connection: asyncpg.Connection) -> AsyncIterator[None]:
        """As asyncpg's own, but a line that is silent is noticed at its beginning and at its end."""
        await connection.execute("begin", timeout=self.answer_within)
        try:
            yield
        except LINE_LOST:
            raise
        except asyncio.CancelledError:
            connection.terminate()  # the line may be silent, which may be the reason
            raise
        except BaseException:
            if not connection.is_closed():
                await connection.execute("rollback", timeout=self.answer_within)
            raise
        await connection.execute("commit", timeout=self.answer_within)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._turn:
            with translated():
                if self._held is None or self._held.is_closed():
                    self._held = await self._connect()
                held = self._held
                try:
                    yield held
                except LINE_LOST as error:
                    log.warning("projections connection lost", reason=repr(error))
                    held.terminate()
                    raise

    async def _connect(self) -> asyncpg.Connection:
        self._tables.clear()
        connection = await asyncpg.connect(
            self.url,
            server_settings={**manage.FEEDING, "application_name": "counterfoil projections"},
            timeout=self.answer_within,
            command_timeout=BATCH_WITHIN,
        )
        await connection.add_listener(manage.CHANGED, lambda *_: self._changed.set())
        connection.add_termination_listener(lambda _: self._changed.set())
        return connection

    def _tables_of(self, connection: asyncpg.Connection, schema: str) -> FedSchema:
        if schema not in self._tables:
            self._tables[schema] = FedSchema(connection, schema)
        return self._tables[schema]
