"""Proofs about read models: each equals the fold of the log at its position.

All happens in one transaction that sees one moment of the tables: the active builds' rows and checkpoints, and builds
of our own that are fed up to exactly those checkpoints and compared row by row. It is rolled back at the end.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from commands.ports import Seen
from domain.shared.recorded import EventView, Position, Recorded
from infra.audit.verdict import Check
from infra.projections import manage
from infra.projections.tables import FedSchema, SchemaTables
from projections.engine.builds import Build, Status
from projections.engine.dispatch import dispatched
from projections.engine.projection import Projection

SHOWN_ROWS = 3

_DIGEST = "select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from {s}.%s t"

_ONLY_IN = (
    "(select t::text from {left}.{table} t except all select t::text from {right}.{table} t) order by 1 limit {n}"
)


@dataclass(slots=True)
class Twin:
    """An active build, and the build of our own that is to be equal. `held` is from where on a stream is held back."""

    build: Build
    projection: Projection
    tables: FedSchema
    check: Check
    held: Mapping[str, Position]
    handles: frozenset[type[Any]] = field(init=False)
    given_up: bool = False

    def __post_init__(self) -> None:
        self.handles = frozenset(self.projection.handles)


@dataclass(slots=True)
class ReadModelAudit:
    """A build of a version that the code does not know cannot be proven, and fails."""

    connection: asyncpg.Connection
    twins: list[Twin] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    stands: dict[str, Collection[Seen]] = field(default_factory=dict)
    """Where each build stands, including those that are not read."""

    async def begin(self, projections: Sequence[Projection]) -> None:
        known = {(projection.name, projection.version): projection for projection in projections}
        builds = await manage.builds(self.connection)
        self.stands = {build.schema: [Seen(build.position, build.event_id)] for build in builds}
        active = [build for build in builds if build.status is Status.ACTIVE]
        for build in active:
            check = Check(f"read model {build.name} equals the fold of the log at its position")
            self.checks.append(check)
            if build.error:
                check.fail(f"{build.schema} stands still at {build.position}: {build.error}")
            projection = known.get((build.name, build.version))
            if projection is None:
                check.fail(f"{build.schema} is of version {build.version}, which this code cannot fold.")
                continue
            tables = FedSchema(self.connection, f"{build.schema}_check")
            await self.connection.execute(f"create schema {tables.schema}")
            await tables.execute(projection.ddl)
            self.twins.append(Twin(build, projection, tables, check, await self._held(build, check)))
        for name in sorted({projection.name for projection in projections} - {build.name for build in active}):
            self.checks.append(Check(f"read model {name} equals the fold of the log at its position"))
            self.checks[-1].fail(f"{name} was never built. Start the projections.")

    async def feed(self, facts: Sequence[Recorded[Any]]) -> None:
        """Give the next facts of the log to every build that has seen them."""
        for twin, all_heard in zip(self.twins, dispatched(facts, [twin.handles for twin in self.twins]), strict=True):
            heard = [recorded for recorded in all_heard if recorded.position <= twin.build.position]
            if twin.held:
                heard = [it for it in heard if it.position < twin.held.get(it.stream, it.position + 1)]
            if heard and not twin.given_up:
                await self._project(twin, heard)

    async def close(self, head: Position) -> None:
        """Compare, table by table."""
        await self.connection.execute("set local enable_seqscan to on")
        for twin in self.twins:
            if twin.build.position > head:
                twin.check.fail(f"{twin.build.schema} stands at {twin.build.position}, the log ends at {head}.")
            elif not twin.given_up:
                for table in twin.projection.tables:
                    await self._compare(twin, table)

    async def _held(self, build: Build, check: Check) -> Mapping[str, Position]:
        """Streams that stand still. All else can be proven, but the read model is not the fold of the log."""
        rows = await self.connection.fetch(
            """select stream, position, type, error from projection_parked
            where name = $1 and build = $2 order by position""",
            build.name,
            build.number,
        )
        for stream, position, type_, error in rows:
            check.fail(f"{build.schema} takes in nothing of {stream} from position {position} on, {type_}: {error}")
        return {row["stream"]: Position(row["position"]) for row in rows}

    async def _project(self, twin: Twin, heard: Sequence[EventView[Any]]) -> None:
        try:
            async with self.connection.transaction():
                await twin.projection.project(heard, twin.tables)
        except Exception as error:
            twin.given_up = True
            twin.check.fail(f"The log cannot be folded after {heard[0].position}: {type(error).__name__} {error}")

    async def _compare(self, twin: Twin, table: str) -> None:
        served, folded = twin.build.schema, twin.tables.schema
        rows, digest = await self._digest(served, table)
        twin.check.looked_at += rows
        if (rows, digest) == await self._digest(folded, table):
            return
        wrong = await self._rows_only_in(served, folded, table)
        missing = await self._rows_only_in(folded, served, table)
        for row in wrong:
            twin.check.fail(f"{table} has {row}")
        for row in missing:
            twin.check.fail(f"{table} lacks {row}")

    async def _digest(self, schema: str, table: str) -> tuple[int, object]:
        row = await SchemaTables(self.connection, schema).fetchrow(_DIGEST % table)
        assert row is not None
        return row[0], row[1]

    async def _rows_only_in(self, left: str, right: str, table: str) -> list[str]:
        query = _ONLY_IN.format(left=left, right=right, table=table, n=SHOWN_ROWS)
        return [row[0] for row in await self.connection.fetch(query)]


@asynccontextmanager
async def read_model_audit(url: str) -> AsyncIterator[ReadModelAudit]:
    """An audit inside a transaction that leaves nothing behind."""
    connection = await asyncpg.connect(url, server_settings=manage.FEEDING)
    try:
        await manage.install(connection)
        async with connection.transaction(isolation="repeatable_read"):
            yield ReadModelAudit(connection)
            raise _RollBack
    except _RollBack:
        pass
    finally:
        await connection.close()


class _RollBack(Exception):
    """Leaves a transaction without a trace."""
