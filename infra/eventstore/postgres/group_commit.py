"""Appends to PostgreSQL, committed in groups: one transaction and one wait for the disk for all that come meanwhile.

A group is sealed on the guess that its streams end where they were last seen to, and stored in one call. Where that
turns out wrong nothing was stored, and the group is admitted under the lock, by what the tables say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from commands.ports import Appended, Expected, NewEvent, Record, StoreError
from domain.shared.recorded import START, Position
from infra.eventstore.hash_chain import NotStorable, recorded_at, stated_hash, timestamp
from infra.eventstore.postgres.append_rules import EMPTY, AppendRules, Head, Place, Rows
from infra.eventstore.postgres.head_cache import HeadCache
from infra.eventstore.postgres.restoring import NotRestorable, continued
from infra.eventstore.postgres.schema import CHANNEL, LOCK
from infra.postgres.sessions import Connection, Session

BEGIN = f"begin; select pg_advisory_xact_lock({LOCK})"

# A statement of its own behind the lock: it sees everything that was committed before the lock was had.
KNOWN = """
    select 'end' as kind, position, stream, revision, event_id, metadata
      from (select * from events order by position desc limit 1) last
    union all
    select 'head', position, stream, revision, event_id, metadata
      from unnest($1::text[]) asked(name)
      cross join lateral (select * from events where stream = name order by revision desc limit 1) head
    union all
    select 'known', position, stream, revision, event_id, null
      from events where event_id = any($2::uuid[])
"""

STORE = f"""
    with stored as (
        insert into events (position, stream, revision, event_id, type, data, metadata)
        select $1::bigint + number - 1, stream, revision, event_id, type, data::json, metadata::json
          from unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[])
               with ordinality as new (stream, revision, event_id, type, data, metadata, number)
    )
    select pg_notify('{CHANNEL}', $8)
"""

APPEND = "select append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"


class Append(NamedTuple):
    """What a caller asks for."""

    stream: str
    events: Sequence[NewEvent]
    expected: Expected


class Lookup(NamedTuple):
    """Where does an event of a stream stand? Answered under the lock, behind the appends that came before."""

    stream: str
    event_id: UUID


class NotStored(StoreError):
    """The stream does not hold the event that was looked up."""


Asked = Append | Lookup
Outcome = Appended | StoreError


@dataclass(slots=True, eq=False)
class Committer:
    """Commits groups of appends, one group after the other.

    A connection lost at any moment, the commit itself included, leads to the same group on a new connection. The lock
    is had only after the lost transaction has ended, one way or the other, and the event ids tell which way.
    """

    session: Session
    clock: Callable[[], datetime]
    patience: float
    guesses: HeadCache = field(default_factory=HeadCache)

    async def commit(self, group: Sequence[Asked]) -> Sequence[Outcome]:
        """What became of each append, and where each event that was looked up stands.

        Raises StoreUnavailable, and PostgresError for a group that holds a bad append.
        """
        try:
            return await self.session.persistently(lambda connection: self._store(connection, group), self.patience)
        except asyncpg.PostgresError as error:
            if len(group) > 1:
                raise
            return [NotStorable(f"{group[0].stream}: {error}")]

    async def _store(self, connection: Connection, group: Sequence[Asked]) -> Sequence[Outcome]:
        appends = [call for call in group if isinstance(call, Append)]
        if len(appends) == len(group) and (stored := await self._as_guessed(connection, appends)) is not None:
            return stored
        return await self._transaction(connection, group)

    async def _as_guessed(self, connection: Connection, group: Sequence[Append]) -> Sequence[Appended] | None:
        guessed = self.guesses.heads((append.stream, append.expected) for append in group)
        if guessed is None:
            return None
        admission = AppendRules(dict(guessed), {}, timestamp(self.clock()), Rows(START + 1))
        try:
            appended = [admission.admit(append.stream, append.events, append.expected) for append in group]
        except StoreError:
            return None
        rows = admission.rows
        seen = [(stream, *head) for stream, head in guessed.items() if head is not EMPTY]
        names, revisions, hashes = zip(*seen, strict=True) if seen else ((), (), ())
        last = await connection.fetchval(APPEND, names, revisions, hashes, *rows.columns, admission.recorded_at)
        if last is None:
            return None
        self.guesses.learn(admission.heads)
        before = last - len(rows.streams)
        return [Appended(Position(before + at.position), at.revision, at.repeated) for at in appended]

    async def _transaction(self, connection: Connection, group: Sequence[Asked]) -> Sequence[Outcome]:
        await connection.execute(BEGIN)
        streams = list({asked.stream for asked in group})
        event_ids = [event_id for asked in group for event_id in _event_ids(asked)]
        admission = await self._admission(connection, streams, event_ids)
        outcomes = [_outcome(admission, asked) for asked in group]
        if admission.rows.streams:
            await self._insert(connection, admission.rows)
        await connection.execute("commit")
        self.guesses.learn(admission.heads)
        return outcomes

    async def restore(self, connection: Connection, records: Sequence[Record]) -> None:
        """Store records of another store behind all others. Raises NotRestorable."""
        await connection.execute(BEGIN)
        streams, ids = list({record.stream for record in records}), [record.event_id for record in records]
        admission = await self._admission(connection, streams, ids)
        if {event_id: (at.stream, at.revision) for event_id, at in admission.known.items()} != {
            record.event_id: (record.stream, record.revision) for record in records
        }:
            if admission.known:
                raise NotRestorable(f"The event id {next(iter(admission.known))} is stored already.")
            continued(records, admission.heads)
            for record in records:
                admission.rows.restore(record)
            await self._insert(connection, admission.rows)
        await connection.execute("commit")

    async def _insert(self, connection: Connection, rows: Rows) -> None:
        await connection.execute(STORE, rows.first, *rows.columns, str(rows.next - 1))

    async def _admission(self, connection: Connection, streams: list[str], event_ids: list[UUID]) -> AppendRules:
        admission = AppendRules({}, {}, timestamp(self.clock()), Rows(START + 1))
        for row in await connection.fetch(KNOWN, streams, event_ids):
            if row["kind"] == "known":
                admission.known[row["event_id"]] = Place(row["position"], row["stream"], row["revision"])
            elif row["kind"] == "head":
                admission.heads[row["stream"]] = Head(row["revision"], stated_hash(row["metadata"]))
            else:
                admission.recorded_at = max(admission.recorded_at, recorded_at(row["metadata"]))
                admission.rows.first = row["position"] + 1
        return admission


def _event_ids(asked: Asked) -> Sequence[UUID]:
    return [asked.event_id] if isinstance(asked, Lookup) else [event.event_id for event in asked.events]


def _outcome(admission: AppendRules, asked: Asked) -> Outcome:
    try:
        if isinstance(asked, Lookup):
            return _found(admission, asked)
        return admission.admit(asked.stream, asked.events, asked.expected)
    except StoreError as error:
        return error


def _found(admission: AppendRules, asked: Lookup) -> Appended:
    place = admission.known.get(asked.event_id)
    if place is None or place.stream != asked.stream:
        raise NotStored(f"{asked.stream} holds no event {asked.event_id}.")
    return Appended(place.position, place.revision, repeated=True)
