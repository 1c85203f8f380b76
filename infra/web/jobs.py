"""Jobs of the back office in PostgreSQL. What they do and as whom is encrypted under a key that all web processes have.

The key is derived from the secret of the bearer tokens; its holder can make such tokens anyway. The token of a
job is removed as soon as no row waits.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

import asyncpg
import msgspec

from commands.ports import StoreUnavailable
from infra.postgres.partition_assignment import Fence
from infra.postgres.sessions import Connection
from infra.postgres.sessions import Sessions as Connections
from infra.security.derived_keys import Box
from infra.security.wrapping import BadVaultKey
from infra.web.schema import PATIENCE, prepare
from web.ports import Job, JobsUnavailable, Rights, Row, TooManyJobs, Work

T = TypeVar("T")
Do: TypeAlias = Callable[[Connection], Awaitable[T]]

MOST_UNDER_WAY = 5
"""Jobs of one person that have rows that wait."""

DDL = """
    create table if not exists web.jobs (
        id text primary key,
        owner text not null,
        started_at timestamptz not null default clock_timestamp(),
        work bytea not null,
        rights bytea,
        position bigint not null default 0
    );
    create table if not exists web.job_rows (
        job text not null references web.jobs on delete cascade,
        number smallint not null,
        name text not null,
        fault text,
        primary key (job, number)
    );
    create index if not exists job_rows_waiting on web.job_rows (job) where fault is null;
    create index if not exists jobs_started_at on web.jobs (started_at);
    create index if not exists jobs_owner on web.jobs (owner);
    comment on column web.job_rows.fault is 'Why the row failed; empty when it is done, null while it waits.';
"""
WAITS = "exists (select from web.job_rows where job = id and fault is null)"
UNDER_WAY = f"select count(*) from web.jobs where owner = $1 and id <> $2 and {WAITS}"
START = "insert into web.jobs (id, owner, work, rights) values ($1, $2, $3, $4) on conflict do nothing returning id"
ADD_ROWS = """
    insert into web.job_rows (job, number, name)
    select $1, number, name from unnest($2::text[]) with ordinality as given (name, number)
"""
FIND = "select work, position from web.jobs where id = $1 and owner = $2"
ROWS = "select name, fault from web.job_rows where job = $1 order by number"
REPEAT = "update web.job_rows set fault = null where job = $1 and fault <> ''"
AS_WHOM = f"update web.jobs set rights = $2 where id = $1 and {WAITS}"
NEXT = f"select id, work, rights, position from web.jobs where {WAITS} order by started_at limit 1"
SETTLE = "update web.job_rows set fault = $3 where job = $1 and name = $2 and fault is null"
REACHED = "update web.jobs set position = greatest(position, $2) where id = $1"
FORGET_RIGHTS = f"update web.jobs set rights = null where id = $1 and not {WAITS}"
REMOVE = "delete from web.jobs where id = $1"
REMOVE_OLD = "delete from web.jobs where started_at < clock_timestamp() - interval '1 day'"

_encode = msgspec.json.encode


def key_of(token_secret: bytes) -> Box:
    """What seals the jobs of a shop."""
    return Box([hmac.digest(token_secret, b"web jobs", "sha256")])


@dataclass(frozen=True, slots=True)
class PostgresJobs:
    """Implements web.ports.Jobs, and under a fence web.ports.JobQueue."""

    connections: Connections
    box: Box = field(repr=False)
    fence: Fence | None = None

    def under(self, fence: Fence) -> "PostgresJobs":
        """The queue, for as long as a lease is held."""
        return replace(self, fence=fence)

    async def prepare(self) -> None:
        """Make the tables if they are missing."""
        await prepare(self.connections, DDL)

    async def start(self, job_id: str, owner: str, work: Work, rights: Rights, rows: Sequence[str]) -> None:
        sealed = self._sealed(job_id, work), self._sealed(job_id, rights)

        async def do(connection: Connection) -> None:
            if await connection.fetchval(UNDER_WAY, owner, job_id) >= MOST_UNDER_WAY:
                raise TooManyJobs
            if await connection.fetchval(START, job_id, owner, *sealed) is not None:
                await connection.execute(ADD_ROWS, job_id, rows)

        await self._done(do)

    async def find(self, job_id: str, owner: str) -> Job | None:
        async def do(connection: Connection) -> Job | None:
            found = await connection.fetchrow(FIND, job_id, owner)
            return None if found is None else await self._job(connection, job_id, found)

        return await self._done(do)

    async def repeat(self, job_id: str, owner: str, rights: Rights) -> None:
        async def do(connection: Connection) -> None:
            if await connection.fetchrow(FIND, job_id, owner) is not None:
                await connection.execute(REPEAT, job_id)
                await connection.execute(AS_WHOM, job_id, self._sealed(job_id, rights))

        await self._done(do)

    async def next(self) -> tuple[str, Job, Rights] | None:
        async def do(connection: Connection) -> tuple[str, Job, Rights] | None:
            while (found := await connection.fetchrow(NEXT)) is not None:
                job_id: str = found["id"]
                job = await self._job(connection, job_id, found)
                rights = self._opened(job_id, found["rights"], Rights)
                if job is not None and rights is not None:
                    return job_id, job, rights
                await connection.execute(REMOVE, job_id)
            return None

        return await self._done(do)

    async def settle(self, job_id: str, row: str, fault: str, position: int = 0) -> None:
        async def do(connection: Connection) -> None:
            if self.fence is not None:
                await self.fence.check(connection)
            await connection.execute(SETTLE, job_id, row, fault)
            await connection.execute(REACHED, job_id, position)
            await connection.execute(FORGET_RIGHTS, job_id)

        await self._done(do)

    async def remove_old(self) -> None:
        async def do(connection: Connection) -> None:
            await connection.execute(REMOVE_OLD)

        await self._done(do)

    async def _job(self, connection: Connection, job_id: str, found: asyncpg.Record) -> Job | None:
        """None for a job of a version or of a secret that is not ours."""
        work = self._opened(job_id, found["work"], Work)
        if work is None:
            return None
        rows = [Row(row["name"], row["fault"]) for row in await connection.fetch(ROWS, job_id)]
        return Job(work=work, rows=rows, position=found["position"])

    def _sealed(self, job_id: str, value: Work | Rights) -> bytes:
        return self.box.seal(_encode(value), _place(job_id, type(value)))

    def _opened(self, job_id: str, sealed: bytes | None, kind: type[T]) -> T | None:
        if sealed is None:
            return None
        try:
            return msgspec.json.decode(self.box.open(sealed, _place(job_id, kind)), type=kind)
        except (BadVaultKey, msgspec.MsgspecError):
            return None

    async def _done(self, do: Do[T]) -> T:
        async def work(connection: Connection) -> T:
            async with connection.transaction():
                return await do(connection)

        try:
            return await self.connections.persistently(work, PATIENCE)
        except (StoreUnavailable, asyncpg.PostgresError, TimeoutError) as error:
            raise JobsUnavailable(type(error).__name__) from error


def _place(job_id: str, kind: type[object]) -> bytes:
    return f"{kind.__name__} {job_id}".encode()
