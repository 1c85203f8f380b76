"""How far an import is: a program records it, and all web processes show it."""

from dataclasses import dataclass

import asyncpg

from commands.ports import StoreUnavailable
from infra.postgres.sessions import Connection
from infra.postgres.sessions import Sessions as Connections
from infra.web.schema import PATIENCE, prepare
from web.ports import Filling

DDL = """
    create table if not exists web.filling (
        one bool primary key default true check (one),
        done integer not null,
        total integer not null,
        told_at timestamptz not null
    )
"""
TELL = """
    insert into web.filling (done, total, told_at) values ($1, $2, clock_timestamp())
    on conflict (one) do update set done = excluded.done, total = excluded.total, told_at = excluded.told_at
"""
TOLD = "select done, total from web.filling where told_at > clock_timestamp() - interval '15 seconds'"
END = "delete from web.filling"


@dataclass(frozen=True, slots=True)
class PostgresFilling:
    """One row; it counts only while it is renewed. Raises StoreUnavailable, except where it is looked at."""

    connections: Connections

    async def prepare(self) -> None:
        await prepare(self.connections, DDL)

    async def tell(self, done: int, total: int) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(TELL, done, total)

        await self.connections.persistently(work, PATIENCE)

    async def end(self) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(END)

        await self.connections.persistently(work, PATIENCE)

    async def look(self) -> Filling | None:
        """None when no import goes on, or when this is unknown."""

        async def work(connection: Connection) -> Filling | None:
            row = await connection.fetchrow(TOLD)
            return None if row is None else Filling(row["done"], row["total"])

        try:
            return await self.connections.persistently(work, PATIENCE)
        except (StoreUnavailable, asyncpg.PostgresError, TimeoutError):
            return None
