"""How far the runner of processes has come, and its timers by due time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commands.ports import Seen
from domain.shared.recorded import START, Position
from infra.postgres.partition_assignment import Fence
from infra.postgres.sessions import Connection, Sessions
from process_managers.engine.partitions import ALL, partition_of
from process_managers.engine.ports import CancelledTimer, Timer

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
    alter table processes.timers add column if not exists partition int;
    do $$ begin
        if not exists (
            select from pg_attribute where attrelid = 'processes.process_progress'::regclass and attname = 'event_id'
        ) then
            alter table processes.process_progress add column event_id uuid;
        end if;
    end $$;
    create table if not exists processes.lateness (
        runner    text primary key,
        seconds   double precision not null,
        under_way int not null,
        told_at   timestamptz not null
    );
"""

BEFORE_PARTITIONS = "processes"
"""The runner of the single row that held all progress before there were partitions."""

POSITIONS = f"""
    select asked.runner, coalesce(kept.position, before.position, 0) as position,
           case when kept.runner is null then before.event_id else kept.event_id end as event_id
      from unnest($1::text[]) asked (runner)
      left join processes.process_progress kept on kept.runner = asked.runner
      left join processes.process_progress before on before.runner = '{BEFORE_PARTITIONS}'
"""

# A runner that lost its lease may be late; it must not take back what its successor has done.
ADVANCE = """
    insert into processes.process_progress (runner, position, event_id)
    select runner, $2, $3::uuid from unnest($1::text[]) asked (runner)
    on conflict (runner) do update set position = greatest(process_progress.position, excluded.position),
        event_id = case when excluded.position < process_progress.position then process_progress.event_id
                        else excluded.event_id end
"""

FILL = """
    update processes.process_progress set event_id = $3
     where runner = any($1) and position = $2 and event_id is null
"""

LATE = """
    insert into processes.lateness values ($1, $2, $3, clock_timestamp())
    on conflict (runner)
    do update set seconds = excluded.seconds, under_way = excluded.under_way, told_at = excluded.told_at
"""

SET = """
    insert into processes.timers (process, instance, name, due, correlation_id, partition)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::uuid[], $6::int[])
    on conflict (process, instance, name)
    do update set due = excluded.due, correlation_id = excluded.correlation_id, partition = excluded.partition
"""

CANCEL = """
    delete from processes.timers
    where (process, instance, name) in (select * from unnest($1::text[], $2::text[], $3::text[]))
"""

DUE = """
    select process, instance, name, due, correlation_id from processes.timers
    where due <= $1 and (partition = any($3) or partition is null) order by due, process, instance, name limit $2
"""

FIRED = """
    delete from processes.timers
    where (process, instance, name, due)
       in (select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]))
"""


@dataclass(slots=True)
class PostgresProgress:
    """Implements process_managers.engine.ports.Progress on the schema `processes`, for some partitions.

    The position is that of the partition that is furthest behind. What is written is fenced, where there is a lease.
    Raises StoreUnavailable, and LeaseLost when another runner holds the partitions.
    """

    sessions: Sessions
    partitions: frozenset[int] = ALL
    fence: Fence | None = None

    async def prepare(self) -> None:
        """Make what is missing of the schema."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended('processes.ddl', 0))")
                await connection.execute(DDL)

        await self.sessions.persistently(work, PATIENCE)

    async def position(self) -> Position:
        return min((seen.position for seen in (await self._standing()).values()), default=START)

    async def ahead(self) -> Mapping[int, Position]:
        positions = {partition: seen.position for partition, seen in (await self._standing()).items()}
        return {partition: at for partition, at in positions.items() if at > min(positions.values())}

    async def seen(self) -> Collection[Seen]:
        return set((await self._standing()).values())

    async def fill(self, seen: Seen) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(FILL, [*self._rows, BEFORE_PARTITIONS], seen.position, seen.event_id)

        await self.sessions.persistently(work, PATIENCE)

    async def _standing(self) -> Mapping[int, Seen]:
        async def work(connection: Connection) -> Mapping[int, Seen]:
            rows = await connection.fetch(POSITIONS, self._rows)
            return {
                int(row["runner"].rpartition("/")[2]): Seen(Position(row["position"]), row["event_id"]) for row in rows
            }

        return await self.sessions.persistently(work, PATIENCE)

    async def advance(
        self, to: Position, timers: Sequence[Timer | CancelledTimer], event_id: UUID | None = None
    ) -> None:
        last = {(timer.process, timer.instance, timer.name): timer for timer in timers}
        setting = [timer for timer in last.values() if isinstance(timer, Timer)]
        cancelled = [key for key, timer in last.items() if isinstance(timer, CancelledTimer)]

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await self._check(connection)
                if setting:
                    correlation_ids = [timer.correlation_id for timer in setting]
                    partitions = [partition_of(timer.instance) for timer in setting]
                    await connection.execute(SET, *_columns(setting), correlation_ids, partitions)
                if cancelled:
                    await connection.execute(CANCEL, *map(list, zip(*cancelled, strict=True)))
                await connection.execute(ADVANCE, self._rows, to, event_id)

        await self.sessions.persistently(work, PATIENCE)

    async def late(self, seconds: float, under_way: int) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(LATE, self._rows[0], seconds, under_way)

        await self.sessions.persistently(work, PATIENCE)

    async def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        async def work(connection: Connection) -> Sequence[Timer]:
            return [Timer(**row) for row in await connection.fetch(DUE, now, limit, self.partitions)]

        return await self.sessions.persistently(work, PATIENCE)

    async def fired(self, timers: Sequence[Timer]) -> None:
        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await self._check(connection)
                await connection.execute(FIRED, *_columns(timers))

        await self.sessions.persistently(work, PATIENCE)

    async def _check(self, connection: Connection) -> None:
        if self.fence is not None:
            await self.fence.check(connection)

    @property
    def _rows(self) -> list[str]:
        return [f"processes/{partition}" for partition in sorted(self.partitions)]


def _columns(timers: Sequence[Timer]) -> tuple[list[str], list[str], list[str], list[datetime]]:
    return (
        [timer.process for timer in timers],
        [timer.instance for timer in timers],
        [timer.name for timer in timers],
        [timer.due for timer in timers],
    )
