"""Reads of streams and of everything, as records."""

import re
from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from esdbclient import RecordedEvent
from esdbclient.exceptions import NotFound

from commands.ports import Page, Record
from commands.recognising import ends_before
from domain.shared.recorded import START, Position
from infra.eventstore.eventstoredb.client import Client
from infra.eventstore.eventstoredb.connection import CALL, Connection

CHUNK = 2000
SLOW = 60.0
"""A read of few types may look through all of the log before its first event."""

LAST = 2**63 - 1
SYSTEM = "$"


def is_ours(event: RecordedEvent, types: Collection[str] | None = None) -> bool:
    """Whether it is no system event and of a requested type; the server's `$` also matches before a final newline."""
    system = event.stream_name.startswith(SYSTEM) or event.type.startswith(SYSTEM)
    return not system and (types is None or event.type in types)


def record_of(event: RecordedEvent) -> Record:
    """An event as the port knows it, byte for byte."""
    assert event.commit_position is not None, "EventStoreDB sends positions since version 22.10."
    return Record(
        Position(event.commit_position),
        event.stream_name,
        event.stream_position,
        event.id,
        event.type,
        event.data,
        event.metadata,
    )


def filtered(types: Collection[str] | None) -> dict[str, Any]:
    """The server's filter. One pattern: of several, the library anchors only the ends of the first and the last."""
    return {} if types is None else {"filter_include": ["(" + "|".join(map(re.escape, sorted(types))) + ")"]}


async def stream(link: Connection, name: str, after: int, limit: int | None) -> list[Record]:
    """Records of a stream behind a revision, oldest first."""
    records = list[Record]()
    while limit is None or len(records) < limit:
        asked = CHUNK if limit is None else min(CHUNK, limit - len(records))
        found = await _some(link, name, stream_position=after + 1, limit=asked)
        records += found
        if len(found) < asked:
            break
        after = found[-1].revision
    return records


async def latest(link: Connection, name: str, most: int) -> list[Record]:
    """The last records of a stream, oldest first."""
    return (await _some(link, name, backwards=True, limit=most))[::-1]


async def _some(link: Connection, name: str, **which: Any) -> list[Record]:
    async def work(client: Client) -> list[Record]:
        events = await client.collect(client.read_stream(name, timeout=2 * CALL, **which))
        return list(map(record_of, events))

    try:
        return await link.persistently(work)
    except NotFound:
        return []


async def head(link: Connection) -> Position:
    """The position of the last event that is not the system's."""

    async def work(client: Client) -> Position:
        events = await client.collect(client.read_all(backwards=True, limit=1, timeout=CALL))
        return record_of(events[0]).position if events else START

    return await link.persistently(work)


async def event_at(link: Connection, position: Position) -> UUID | None:
    """As EventStore.event_at. What stands at the position itself may be the system's own."""

    async def work(client: Client) -> UUID | None:
        there = await client.collect(
            client.read_all(commit_position=position, limit=1, filter_exclude=(), timeout=CALL)
        )
        if not there:
            raise ends_before(position, await head(link))
        if there[0].commit_position == position and is_ours(there[0]):
            return there[0].id
        before = await client.collect(client.read_all(commit_position=position, backwards=True, limit=1, timeout=CALL))
        return before[0].id if before else None

    return None if position == START else await link.persistently(work)


async def page(link: Connection, after: Position, limit: int, types: Collection[str] | None) -> Page:
    """The next page of the log. Whatever stood at its head when we began to read is in this page or before it."""
    end = await head(link)
    if end <= after or (types is not None and not types):
        return Page([], max(after, end))
    records, position = list[Record](), after
    while len(records) < limit:
        asked = min(CHUNK, limit - len(records)) + 1  # the record at `position` comes again
        events = await link.persistently(partial(_from, position=position, limit=asked, types=types), within=SLOW)
        behind = [event for event in events if record_of(event).position > position]
        records += [record_of(event) for event in behind if is_ours(event, types)]
        if len(events) < asked:
            last = records[-1].position if records else after
            return Page(records, max(end, last))
        position = record_of(behind[-1]).position
    return Page(records[:limit], records[limit - 1].position, more=True)


async def _from(client: Client, position: Position, limit: int, types: Collection[str] | None) -> list[RecordedEvent]:
    start = None if position == START else position
    reading = client.read_all(commit_position=start, limit=limit, timeout=SLOW, **filtered(types))
    return await client.collect(reading)
