"""Make, switch and drop builds. Every change is announced, to the runner and to readers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from domain.shared.errors import Conflict, NotFound
from domain.shared.recorded import Position
from infra.postgres.partition_assignment import Fence
from infra.projections.tables import Connection, SchemaTables
from projections.engine.builds import Build, Status, StoppedStream
from projections.engine.projection import Projection

CHANGED = "counterfoil_builds"
PROGRESS = "counterfoil_progress"

FEEDING = {"synchronous_commit": "off", "enable_seqscan": "off"}
"""How rows are written. A crash of the server loses the last rows and their checkpoint together, and the log makes them
again. Plans made while a table was empty are used until it is full, so none of them may read whole tables."""

# Asked first: to alter a table, even for nothing, is to wait for all who use it and to keep all others waiting.
_INSTALL = """
create table if not exists projection_builds (
    name text not null,
    build int not null,
    version int not null,
    status text not null check (status in ('building', 'active', 'retired', 'dropped')),
    position bigint not null default 0,
    error text,
    started_at timestamptz not null default now(),
    moved_at timestamptz,
    primary key (name, build)
);
do $$ begin
    if not exists (
        select from pg_attribute where attrelid = 'projection_builds'::regclass and attname = 'event_id'
    ) then
        alter table projection_builds add column event_id uuid;
    end if;
end $$;
create unique index if not exists one_active_build on projection_builds (name) where status = 'active';
alter table projection_builds add column if not exists takes_over boolean not null default false;
alter table projection_builds add column if not exists request uuid unique;
create table if not exists projection_parked (
    name text not null,
    build int not null,
    stream text not null,
    position bigint not null,
    type text not null,
    error text not null,
    held_back bigint not null default 0,
    parked_at timestamptz not null default now(),
    primary key (name, build, stream)
);
comment on table projection_parked is
    'Streams that stand still in a build, each at an event that could not be taken in; later ones are held back.';
"""

_PARKED = "(select count(*) from projection_parked p where p.name = b.name and p.build = b.build)::int as parked"
_COLUMNS = f"name, build, version, status, position, event_id, error, takes_over, {_PARKED}"

_NEXT_BUILD = f"""
insert into projection_builds as b (name, build, version, status, takes_over, request)
select $1, coalesce(max(build), 0) + 1, $2,
    case when count(*) filter (where status <> 'dropped') = 0 then 'active' else 'building' end, $3, $4
from projection_builds where name = $1
returning {_COLUMNS}
"""


class NotCaughtUp(Conflict):
    """The build does not stand where another one of the read model stands; readers would fall back."""


class NothingParked(Conflict):
    """The read model took in all that it was given."""


class StillRead(Conflict):
    """Readers read this build. Switch to another one first."""


async def install(connection: asyncpg.Connection) -> None:
    """Make the table of builds, once."""
    async with _alone(connection):
        await connection.execute(_INSTALL)


async def builds(connection: Connection) -> Sequence[Build]:
    """All builds, oldest first under each name."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from projection_builds b where status <> 'dropped' order by name, build"
    )
    return [_build(row) for row in rows]


async def stopped(connection: Connection) -> Sequence[StoppedStream]:
    """All streams that stand still in builds, oldest first under each build."""
    known = {(build.name, build.number): build for build in await builds(connection)}
    rows = await connection.fetch("select * from projection_parked order by name, build, position")
    return [
        StoppedStream(
            build=build,
            stream=row["stream"],
            position=Position(row["position"]),
            type=row["type"],
            error=row["error"],
            held_back=row["held_back"],
            parked_at=row["parked_at"],
        )
        for row in rows
        if (build := known.get((row["name"], row["build"]))) is not None
    ]


async def prepare(connection: asyncpg.Connection, projections: Sequence[Projection]) -> None:
    """Make a build of every read model that has none of its version."""
    await install(connection)
    async with _alone(connection):
        there = {(build.name, build.version) for build in await builds(connection)}
        for projection in projections:
            if (projection.name, projection.version) not in there:
                await _make(connection, projection)


async def rebuild(connection: asyncpg.Connection, projection: Projection, *, takes_over: bool = False) -> Build:
    """Make a new build beside the others; the runner takes it through the log from event zero.

    `takes_over`: readers read it as soon as it has come to the end of the log.
    """
    await install(connection)
    async with _alone(connection):
        return await _make(connection, projection, takes_over=takes_over)


async def rebuild_once(connection: asyncpg.Connection, projection: Projection, request: UUID) -> None:
    """As `rebuild`, taking over, unless the request has made a build before or a build is being made."""
    await install(connection)
    async with _alone(connection):
        if await was_requested(connection, request) or await under_way(connection, projection.name):
            return
        await _make(connection, projection, takes_over=True, request=request)


async def under_way(connection: Connection, name: str) -> Build | None:
    """The build of a read model that is being made."""
    making = [it for it in await builds(connection) if it.name == name and it.status is Status.BUILDING]
    return next((it for it in making if it.error is None), None)


async def was_requested(connection: Connection, request: UUID) -> bool:
    """Whether the request has made a build."""
    return bool(await connection.fetch("select from projection_builds where request = $1", request))


async def resend(connection: asyncpg.Connection, projection: Projection) -> Build:
    """Give a read model again what it could not take in: in its place, from the log. Raises NothingParked."""
    await install(connection)
    active = [it for it in await builds(connection) if it.name == projection.name and it.status is Status.ACTIVE]
    if not any(it.parked or it.error for it in active):
        raise NothingParked(f"Nothing is parked in {projection.name}. See: counterfoil projections list")
    return await rebuild(connection, projection, takes_over=True)


async def switch(
    connection: asyncpg.Connection,
    name: str,
    number: int | None = None,
    *,
    force: bool = False,
    fence: Fence | None = None,
) -> Build:
    """Let readers read this build (by default the newest); back to an older one is the same.

    Refused with NotCaughtUp for a build that failed or stands behind another one of the name, unless forced; with
    LeaseLost when the read model is fed by another holder than that of the fence.
    """
    async with _alone(connection):
        if fence is not None:
            await fence.check(connection)
        known = await builds(connection)
        build = _chosen(known, name, number)
        first = max(other.position for other in known if other.name == name)
        if not force and build.error:
            raise NotCaughtUp(f"{build.schema} failed at {build.position}: {build.error}")
        if not force and build.position < first:
            raise NotCaughtUp(f"{build.schema} is at {build.position} of {first}.")
        await connection.execute(
            "update projection_builds set status = 'retired' where name = $1 and status = 'active'", name
        )
        await connection.execute(
            "update projection_builds set status = 'active', takes_over = false where name = $1 and build = $2",
            name,
            build.number,
        )
        await _announce(connection)
    return build


async def drop(connection: asyncpg.Connection, name: str, number: int) -> None:
    """Drop a build that is not active. Its number is not used again."""
    async with _alone(connection):
        build = _chosen(await builds(connection), name, number)
        if build.status is Status.ACTIVE:
            raise StillRead(f"{build.schema} is the active build of {name}.")
        await connection.execute(
            "update projection_builds set status = 'dropped' where name = $1 and build = $2", name, number
        )
        await connection.execute("delete from projection_parked where name = $1 and build = $2", name, number)
        await connection.execute(f"drop schema {build.schema} cascade")
        await _announce(connection)


async def drop_all(connection: asyncpg.Connection) -> None:
    """Throw all builds away, those that are read included; the next runner makes new ones, read from the start."""
    async with _alone(connection):
        for build in await builds(connection):
            await connection.execute(f"drop schema {build.schema} cascade")
        await connection.execute("update projection_builds set status = 'dropped' where status <> 'dropped'")
        await connection.execute("delete from projection_parked")
        await _announce(connection)


@asynccontextmanager
async def _alone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    async with connection.transaction():
        # A client that is frozen half way must not keep the builds from all others.
        await connection.execute("set local idle_in_transaction_session_timeout = '5s'")
        await connection.execute("select pg_advisory_xact_lock(hashtext('projection_builds'))")
        yield


async def _announce(connection: asyncpg.Connection) -> None:
    await connection.execute(f"notify {CHANGED}")


async def _make(
    connection: asyncpg.Connection, projection: Projection, *, takes_over: bool = False, request: UUID | None = None
) -> Build:
    row = await connection.fetchrow(_NEXT_BUILD, projection.name, projection.version, takes_over, request)
    assert row is not None
    build = _build(row)
    await connection.execute(f"create schema {build.schema}")
    await SchemaTables(connection, build.schema).execute(projection.ddl)
    await _announce(connection)
    return build


def _chosen(known: Sequence[Build], name: str, number: int | None) -> Build:
    of_name = [build for build in known if build.name == name and number in (None, build.number)]
    if not of_name:
        raise NotFound(f"There is no build {number} of {name}." if number else f"No read model is called {name}.")
    return of_name[-1]


def _build(row: asyncpg.Record) -> Build:
    return Build(
        name=row["name"],
        number=row["build"],
        version=row["version"],
        status=Status(row["status"]),
        position=Position(row["position"]),
        event_id=row["event_id"],
        error=row["error"],
        parked=row["parked"],
        takes_over=row["takes_over"],
    )
