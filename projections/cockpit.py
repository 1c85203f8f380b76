"""Where every process stands, which of them need attention, and what waits to be sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.shared.journal import JournalEntry
from domain.shared.recorded import EventView
from projections import parked
from projections.engine.dispatch import dispatched
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables
from projections.engine.projection import Projection

DDL = """
create table {s}.instances (
    process text not null,
    instance text not null,
    phase text not null,
    attention text,
    last_input text not null,
    heard_at timestamptz not null,
    since timestamptz not null,
    primary key (process, instance)
);
create index on {s}.instances (since, process, instance);
create index on {s}.instances (process, phase, since, instance);
create index on {s}.instances (since, process, instance) where attention is not null;
"""

_HEAR = """
insert into {s}.instances as i (process, instance, phase, attention, last_input, heard_at, since)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
on conflict (process, instance) do update
set phase = excluded.phase, attention = excluded.attention, last_input = excluded.last_input,
    heard_at = excluded.heard_at, since = %s
"""
_MOVED = _HEAR % "excluded.since"
_STAYED = _HEAR % "case when i.phase = excluded.phase then i.since else excluded.since end"

LATEST_FIRST = Ordering(columns=("since", "process", "instance"), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One process instance; `since` is when it came into its phase, `last_input` the stored name of its last input."""

    process: str
    instance: str
    phase: str
    attention: str | None
    last_input: str
    heard_at: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """None means any."""

    process: str | None = None
    instance: str | None = None
    phase: str | None = None
    attention: bool | None = None


_KINDS = frozenset({JournalEntry}), frozenset(parked.HANDLES)
_HeardRow = tuple[str, str, str, str | None, str, datetime, datetime]
"""The values of _HEAR for one instance."""


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    entries, waiting = dispatched(batch, _KINDS)
    moved, stayed = dict[tuple[str, str], _HeardRow](), dict[tuple[str, str], _HeardRow]()
    for recorded in entries:
        _hear(recorded.fact, recorded.recorded_at, moved, stayed)
    for statement, rows in ((_MOVED, moved), (_STAYED, stayed)):
        if rows:
            await tables.execute(statement, *map(list, zip(*rows.values(), strict=True)))
    await parked.project(waiting, tables)


def _hear(
    fact: JournalEntry, at: datetime, moved: dict[tuple[str, str], _HeardRow], stayed: dict[tuple[str, str], _HeardRow]
) -> None:
    """Take an entry in. `stayed`: as far as the batch knows, the instance has not changed its phase."""
    key = fact.process, fact.instance
    earlier = moved.get(key) or stayed.get(key)
    if earlier and earlier[2] != fact.phase:
        stayed.pop(key, None)
        into, since = moved, at
    else:
        into = moved if key in moved else stayed
        since = earlier[6] if earlier else at
    into[key] = (*key, fact.phase, fact.attention, fact.input.name, at, since)


PROJECTION = Projection(
    name="cockpit",
    version=3,
    handles=(JournalEntry, *parked.HANDLES),
    tables=("instances", *parked.TABLES),
    ddl=DDL + parked.DDL,
    project=project,
    watches=True,
)


async def instances(tables: Tables, wanted: Filter, window: Window) -> Page[Instance]:
    """A page of the process instances, those that moved latest first."""
    values = list[object]()
    conditions = ["true"]
    for column, value in (("process", wanted.process), ("instance", wanted.instance), ("phase", wanted.phase)):
        if value is not None:
            values.append(value)
            conditions.append(f"{column} = ${len(values)}")
    if wanted.attention is not None:
        conditions.append("attention is not null" if wanted.attention else "attention is null")
    conditions += LATEST_FIRST.conditions(window, values)
    rows = await tables.fetch(
        f"""
        select process, instance, phase, attention, last_input, heard_at, since from {{s}}.instances
        where {" and ".join(conditions)} {LATEST_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["since"], row["process"], row["instance"]), _instance)


async def phases(tables: Tables) -> dict[tuple[str, str], int]:
    """How many instances stand in each phase, by process and phase."""
    rows = await tables.fetch(
        "select process, phase, count(*) from {s}.instances group by process, phase order by process, phase"
    )
    return {(row["process"], row["phase"]): row["count"] for row in rows}


def _instance(row: Row) -> Instance:
    return Instance(
        process=row["process"],
        instance=row["instance"],
        phase=row["phase"],
        attention=row["attention"],
        last_input=row["last_input"],
        heard_at=row["heard_at"],
        since=row["since"],
    )
