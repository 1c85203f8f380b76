"""How far the runner of processes has come, and its timers by due time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.shared.recorded import START, Position
from infra.eventstore.sessions import Connection, Sessions
from process_managers.ports import CancelledTimer, Timer

PATIENCE = 5.0

DDL = """
    create schema if not exists processes;
    create table if not exists processes.process_progress (
        runner   text primary key,
        position bigint not null
    );
    create table if not exists processes.timers (
        process        text not null,
        instance       text not null,
        name           text not null,
        due            timestamptz not null,
        correlation_id uuid not null,
        primary key (process, instance, name)
    );
    create index if not exists timers_by_due on processes.timers (due);
"""

POSITION = "select position from processes.process_progress where runner = $1"

# A runner that lost its lease may be late; it must not take back what its successor has done.
ADVANCE = """
    insert into processes.process_progress values ($1, $2)
    on conflict (runner) do update set position = greatest(process_progress.position, excluded.position)
"""

SET = """
    insert into processes.timers (process, instance, name, due, correlation_id)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::uuid[])
    on conflict (process, instance, name)
    do update set due = excluded.due, correlation_id = excluded.correlation_id
"""

CANCEL = """
    delete from processes.timers
    where (process, instance, name) in (select * from unnest($1::text[], $2::text[], $3::text[]))
"""

DUE = """
    select process, instance, name, due, correlation_id from processes.timers
    where due <= $1 order by due, process, instance, name limit $2
"""

FIRED = """
    delete from processes.timers
    where (process, instance, name, due)
       in (select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]))
"""


@dataclass(slots=True)
class PostgresProgress:
    """Implements process_managers.ports.Progress on the schema `processes`. Raises StoreUnavailable."""

    sessions: Sessions
    runner: str = "processes"

    async def prepare(self) -> None:
        """Make what is missing of the schema."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended('processes.ddl', 0))")
                await connection.execute(DDL)

        await self.sessions.persistently(work, PATIENCE)

    async def position(self) -> Position:
        async def work(connection: Connection) -> Position:
            return Position(await connection.fetchval(POSITION, self.runner) or START)

        return await self.sessions.persistently(work, PATIENCE)

    async def advance(self, to: Position, timers: Sequence[Timer | CancelledTimer]) -> None:
        last = {(timer.process, timer.instance, timer.name): timer for timer in timers}
        setting = [timer for timer in last.values() if isinstance(timer, Timer)]
        cancelled = [key for key, timer in last.items() if isinstance(timer, CancelledTimer)]

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                if setting:
                    await connection.execute(SET, *_columns(setting), [timer.correlation_id for timer in setting])
                if cancelled:
                    await connection.execute(CANCEL, *map(list, zip(*cancelled, strict=True)))
                await connection.execute(ADVANCE, self.runner, to)

        await self.sessions.persistently(work, PATIENCE)

    async def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        async def work(connection: Connection) -> Sequence[Timer]:
            return [Timer(**row) for row in await connection.fetch(DUE, now, limit)]

        return await self.sessions.persistently(work, PATIENCE)

    async def fired(self, timers: Sequence[Timer]) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(FIRED, *_columns(timers))

        await self.sessions.persistently(work, PATIENCE)


def _columns(timers: Sequence[Timer]) -> tuple[list[str], list[str], list[str], list[datetime]]:
    return (
        [timer.process for timer in timers],
        [timer.instance for timer in timers],
        [timer.name for timer in timers],
        [timer.due for timer in timers],
    )
