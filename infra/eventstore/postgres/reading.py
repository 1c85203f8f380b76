"""Reads from PostgreSQL: those of one moment are joined into one query."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from commands.ports import Page, Record
from commands.recognising import ends_before
from domain.shared.recorded import Position
from infra.postgres.sessions import Connection

WINDOW = 100_000
"""How many positions one query for a page looks at, whatever it is looking for."""

STREAMS = """
    select position, stream, revision, event_id, type, data, metadata, number
      from unnest($1::text[], $2::bigint[], $3::bigint[]) with ordinality as asked (name, behind, most, number)
      cross join lateral (
           select * from events where stream = name and revision > behind order by revision limit most
      ) event
     order by number, revision
"""

# `= any($3)` would compare each event with one type after the other; what comes of a query is looked up in a hash.
PAGE = f"""
    select position, stream, revision, event_id, type, data, metadata, head
      from (select coalesce(max(position), 0) as head from events) log
      left join lateral (
           select * from events
            where position > $1 and position <= $1 + {WINDOW}
              and ($3::text[] is null or type in (select unnest($3::text[])))
            order by position limit $2
      ) event on true
     order by position
"""

EVENT_AT = """
    select (select coalesce(max(position), 0) from events) as head,
           (select event_id from events where position <= $1 order by position desc limit 1) as event_id
"""

HEAD = "select coalesce(max(position), 0) from events"


class StreamRead(NamedTuple):
    """Records of `stream` behind a revision, at most so many."""

    stream: str
    after: int
    limit: int | None


async def streams(connection: Connection, asked: Sequence[StreamRead]) -> Sequence[Sequence[Record]]:
    """The records of several reads, in one query."""
    answers: list[list[Record]] = [[] for _ in asked]
    for row in await connection.fetch(STREAMS, *(list(column) for column in zip(*asked, strict=True))):
        answers[row["number"] - 1].append(_record(row))
    return answers


async def page(connection: Connection, after: Position, limit: int, types: Collection[str] | None) -> Page:
    """The next page of the log. It may hold less than `limit` before the end of the log is reached."""
    rows = await connection.fetch(PAGE, after, limit, None if types is None else list(types))
    records = [_record(row) for row in rows if row["position"] is not None]
    head = rows[0]["head"]
    if len(records) == limit:
        return Page(records, records[-1].position, more=records[-1].position < head)
    return Page(records, Position(max(after, min(head, after + WINDOW))), more=after + WINDOW < head)


async def event_at(connection: Connection, position: Position) -> UUID | None:
    """As EventStore.event_at."""
    row = await connection.fetchrow(EVENT_AT, position)
    assert row is not None
    if row["head"] < position:
        raise ends_before(position, row["head"])
    event_id: UUID | None = row["event_id"]
    return event_id


def _record(row: asyncpg.Record) -> Record:
    """Made as a tuple is, which takes half the time of the constructor."""
    position, stream, revision, event_id, type_, data, metadata, _ = row
    return tuple.__new__(Record, (position, stream, revision, event_id, type_, data, metadata))
