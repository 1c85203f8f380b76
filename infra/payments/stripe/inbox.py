"""Events of Stripe that were taken in, and which of them have been applied.

Not in a backup: Stripe keeps events for 30 days, and reading them again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from infra.payments.stripe.events import Change
from infra.postgres.sessions import Connection, Sessions

PATIENCE = 5.0
KEPT = "35 days"
"""How long applied events are known here, longer than Stripe keeps them."""

DDL = """
    create schema if not exists stripe;
    create table if not exists stripe.events (
        id          text primary key,
        type        text not null,
        object_id   text not null,
        created     timestamptz not null,
        received_at timestamptz not null default now(),
        due         timestamptz not null default now(),
        attempts    int not null default 0,
        settled_at  timestamptz,
        outcome     text
    );
    create index if not exists events_waiting on stripe.events (due) where settled_at is null;
    create index if not exists events_of_object on stripe.events (object_id) where settled_at is null;
    create index if not exists events_by_age on stripe.events (settled_at);
    create table if not exists stripe.position (one boolean primary key default true check (one), read_to timestamptz);
"""
STORE = """
    insert into stripe.events (id, type, object_id, created)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
    on conflict (id) do nothing returning id
"""
DUE = """
    select object_id, min(received_at) as since, max(attempts) as attempts from stripe.events
    where settled_at is null and due <= $1 group by object_id order by min(due) limit $2
"""
TAKEN = "select id from stripe.events where object_id = $1 and settled_at is null"
SETTLE = "update stripe.events set settled_at = now(), outcome = $2 where id = any($1)"
POSTPONE = "update stripe.events set due = $2, attempts = attempts + 1, outcome = $3 where id = any($1)"
READ_TO = "select read_to from stripe.position"
ADVANCE = """
    insert into stripe.position (read_to) values ($1)
    on conflict (one) do update set read_to = greatest(stripe.position.read_to, excluded.read_to)
"""
WAITING = "select count(*) from stripe.events where settled_at is null and received_at < $1"
FORGET = f"delete from stripe.events where settled_at < now() - interval '{KEPT}'"


class Waiting(NamedTuple):
    """An object that has changed since it was looked at last."""

    object_id: str
    since: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class StripeInbox:
    """The schema `stripe` of the shop's database. All methods raise StoreUnavailable."""

    sessions: Sessions

    async def prepare(self) -> None:
        """Make what is missing of the schema, and forget what is old."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended('stripe.ddl', 0))")
                await connection.execute(DDL)
            await connection.execute(FORGET)

        await self.sessions.persistently(work, PATIENCE)

    async def store(self, changes: Sequence[Change]) -> int:
        """Take in what is not known yet; how many those were."""
        columns = (
            [one.event_id for one in changes],
            [one.type for one in changes],
            [one.object_id for one in changes],
            [one.created for one in changes],
        )

        async def work(connection: Connection) -> int:
            return len(await connection.fetch(STORE, *columns)) if changes else 0

        return await self.sessions.persistently(work, PATIENCE)

    async def due(self, now: datetime, limit: int) -> Sequence[Waiting]:
        """Objects to look at, those that are due for longest first."""

        async def work(connection: Connection) -> Sequence[Waiting]:
            return [Waiting(**row) for row in await connection.fetch(DUE, now, limit)]

        return await self.sessions.persistently(work, PATIENCE)

    async def events_of(self, object_id: str) -> Sequence[str]:
        """The events of an object that wait. To be read before the object is fetched: later ones need another look."""

        async def work(connection: Connection) -> Sequence[str]:
            return [row["id"] for row in await connection.fetch(TAKEN, object_id)]

        return await self.sessions.persistently(work, PATIENCE)

    async def settle(self, events: Sequence[str], outcome: str) -> None:
        """They need no further look."""

        async def work(connection: Connection) -> None:
            await connection.execute(SETTLE, events, outcome)

        await self.sessions.persistently(work, PATIENCE)

    async def postpone(self, events: Sequence[str], due: datetime, reason: str) -> None:
        """Look again then."""

        async def work(connection: Connection) -> None:
            await connection.execute(POSTPONE, events, due, reason)

        await self.sessions.persistently(work, PATIENCE)

    async def overdue(self, now: datetime, age: timedelta) -> int:
        """How many events have waited for longer than that."""

        async def work(connection: Connection) -> int:
            found: int = await connection.fetchval(WAITING, now - age)
            return found

        return await self.sessions.persistently(work, PATIENCE)

    async def read_to(self) -> datetime | None:
        """The time of the newest event that was read from Stripe's list; None: nothing was read yet."""

        async def work(connection: Connection) -> datetime | None:
            found: datetime | None = await connection.fetchval(READ_TO)
            return found

        return await self.sessions.persistently(work, PATIENCE)

    async def advance(self, to: datetime) -> None:
        """Everything up to then was read from Stripe's list."""

        async def work(connection: Connection) -> None:
            await connection.execute(ADVANCE, to)

        await self.sessions.persistently(work, PATIENCE)
