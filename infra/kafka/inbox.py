"""The inbox: messages of feeds that were taken in, and those that wait for staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from infra.kafka.incoming import Incoming, Raw
from infra.postgres.sessions import Connection, Sessions

PATIENCE = 5.0
KEPT = "90 days"
"""How long a message that was taken in is known here. The log keeps its command longer, one query further."""

DDL = """
    create schema if not exists inbox;
    create table if not exists inbox.messages (
        source      text not null,
        id          text not null,
        type        text not null,
        fingerprint text not null,
        received_at timestamptz not null default now(),
        error       text,
        raw         bytea,
        number      bigint generated always as identity,
        primary key (source, id)
    );
    create index if not exists messages_parked on inbox.messages (number) where error is not null;
    create index if not exists messages_by_age on inbox.messages (received_at) where error is null;
"""

KNOWN = """
    select source, id, fingerprint from inbox.messages
    where (source, id) in (select * from unnest($1::text[], $2::text[]))
"""
STORE = """
    insert into inbox.messages (source, id, type, fingerprint, error, raw)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
    on conflict (source, id) do nothing
"""
PARKED = """
    select number, received_at, source, id, type, error, raw from inbox.messages
    where error is not null and ($1::bigint[] is null or number = any($1)) order by number limit $2
"""
SETTLE = (
    "update inbox.messages set error = $2, raw = case when $2::text is null then null else raw end where number = $1"
)
FORGET = f"delete from inbox.messages where error is null and received_at < now() - interval '{KEPT}'"

_RAW = msgspec.msgpack.Decoder(Raw)


class Parked(NamedTuple):
    """A message that could not be taken in."""

    number: int
    received_at: datetime
    incoming: Incoming
    error: str


class Outcome(NamedTuple):
    """What became of a message; `error` is None when it was taken in."""

    incoming: Incoming
    error: str | None


@dataclass(frozen=True, slots=True)
class PostgresInbox:
    """The schema `inbox` of the shop's database. Raises StoreUnavailable."""

    sessions: Sessions

    async def prepare(self) -> None:
        """Make what is missing of the schema, and forget what is old."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended('inbox.ddl', 0))")
                await connection.execute(DDL)
            await connection.execute(FORGET)

        await self.sessions.persistently(work, PATIENCE)

    async def known(self, messages: Collection[Incoming]) -> dict[tuple[str, str], str]:
        """Fingerprints of those that are here already, by source and id."""

        async def work(connection: Connection) -> dict[tuple[str, str], str]:
            rows = await connection.fetch(KNOWN, [one.source for one in messages], [one.id for one in messages])
            return {(row["source"], row["id"]): row["fingerprint"] for row in rows}

        return await self.sessions.persistently(work, PATIENCE)

    async def store(self, outcomes: Sequence[Outcome]) -> None:
        """Remember what became of them. The record itself is kept only of those that wait."""
        columns = (
            [one.incoming.source for one in outcomes],
            [one.incoming.id for one in outcomes],
            [one.incoming.type for one in outcomes],
            [one.incoming.fingerprint for one in outcomes],
            [one.error for one in outcomes],
            [msgspec.msgpack.encode(one.incoming.raw) if one.error else None for one in outcomes],
        )

        async def work(connection: Connection) -> None:
            await connection.execute(STORE, *columns)

        await self.sessions.persistently(work, PATIENCE)

    async def parked(self, numbers: Sequence[int] | None = None, limit: int = 1_000) -> list[Parked]:
        """Those that wait, oldest first: all, or some of them."""

        async def work(connection: Connection) -> list[Parked]:
            return [
                Parked(
                    row["number"],
                    row["received_at"],
                    Incoming(row["source"], row["id"], row["type"], _RAW.decode(row["raw"])),
                    row["error"],
                )
                for row in await connection.fetch(PARKED, numbers, limit)
            ]

        return await self.sessions.persistently(work, PATIENCE)

    async def settle(self, number: int, error: str | None) -> None:
        """One that waited was tried again."""

        async def work(connection: Connection) -> None:
            await connection.execute(SETTLE, number, error)

        await self.sessions.persistently(work, PATIENCE)
