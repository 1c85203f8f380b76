"""What waits to be resent or skipped: commands that failed until patience ran out, inputs no process could take in.

A part of the cockpit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.shared.journal import CommandParked, CommandResent, CommandSkipped, InputParked, InputResent, InputSkipped
from domain.shared.recorded import EventView
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables

HANDLES = (CommandParked, CommandResent, CommandSkipped, InputParked, InputResent, InputSkipped)
TABLES = ("parked_commands", "parked_inputs")

DDL = """
create table {s}.parked_commands (
    command_id uuid primary key,
    process text not null,
    instance text not null,
    command text not null,
    error text not null,
    attempts int not null,
    parked_at timestamptz not null
);
create index on {s}.parked_commands (parked_at, command_id);
create table {s}.parked_inputs (
    entry_id uuid primary key,
    process text not null,
    instance text,
    input_id uuid not null,
    input text not null,
    stream text,
    revision int,
    error text not null,
    parked_at timestamptz not null
);
create index on {s}.parked_inputs (parked_at, entry_id);
"""

_PARK_COMMANDS = """
insert into {s}.parked_commands (command_id, process, instance, command, error, attempts, parked_at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[])
on conflict (command_id) do update
set error = excluded.error, attempts = excluded.attempts, parked_at = excluded.parked_at
"""
_PARK_INPUTS = """
insert into {s}.parked_inputs (entry_id, process, instance, input_id, input, stream, revision, error, parked_at)
select * from unnest(
    $1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[], $9::timestamptz[]
)
on conflict (entry_id) do update
set instance = excluded.instance, error = excluded.error, parked_at = excluded.parked_at
"""
_COMMANDS_SETTLED = "delete from {s}.parked_commands where command_id = any($1::uuid[])"
_INPUTS_SETTLED = "delete from {s}.parked_inputs where entry_id = any($1::uuid[])"

LATEST_COMMANDS_FIRST = Ordering(columns=("parked_at", "command_id"), descending=True)
LATEST_INPUTS_FIRST = Ordering(columns=("parked_at", "entry_id"), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCommand:
    """A command that failed for technical reasons until patience ran out; `command` is its stored name."""

    command_id: UUID
    process: str
    instance: str
    command: str
    error: str
    attempts: int
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedInput:
    """An input that a process could not take in; `input` is its stored name.

    `stream` and `revision` say where the log has it; None: it is a timer or a refusal. `instance` is None when it
    is unknown, and `process` is `log` for a record that no process could read.
    """

    entry_id: UUID
    process: str
    instance: str | None
    input_id: UUID
    input: str
    stream: str | None
    revision: int | None
    error: str
    parked_at: datetime


_Waiting = dict[UUID, tuple[object, ...] | None]
"""The row of what was parked last in a batch, by its id; None: it waits no more."""


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    commands, inputs = _Waiting(), _Waiting()
    for recorded in batch:
        at = recorded.recorded_at
        match recorded.fact:
            case CommandParked(command_id=it) as fact:
                name = fact.command.name
                commands[it] = it, fact.process, fact.instance, name, fact.error, fact.attempts, at
            case InputParked(entry_id=it) as fact:
                place = (fact.stream, fact.revision) if fact.stream else (None, None)
                inputs[it] = it, fact.process, fact.instance, fact.input_id, fact.input, *place, fact.error, at
            case CommandResent(command_id=it) | CommandSkipped(command_id=it):
                commands[it] = None
            case InputResent(entry_id=it) | InputSkipped(entry_id=it):
                inputs[it] = None
    await _store(tables, commands, _PARK_COMMANDS, _COMMANDS_SETTLED)
    await _store(tables, inputs, _PARK_INPUTS, _INPUTS_SETTLED)


async def _store(tables: Tables, waiting: Mapping[UUID, tuple[object, ...] | None], park: str, settled: str) -> None:
    if gone := [it for it, row in waiting.items() if row is None]:
        await tables.execute(settled, gone)
    if rows := [row for row in waiting.values() if row is not None]:
        await tables.execute(park, *map(list, zip(*rows, strict=True)))


Of = tuple[str, str]
"""A process, and an instance of it."""


def _conditions(of: Of | None, values: list[object]) -> list[str]:
    if of is None:
        return ["true"]
    values.extend(of)
    return ["process = $1", "instance = $2"]


async def commands(tables: Tables, window: Window, of: Of | None = None) -> Page[ParkedCommand]:
    """A page of the commands that wait to be sent again, the latest first."""
    values = list[object]()
    conditions = [*_conditions(of, values), *LATEST_COMMANDS_FIRST.conditions(window, values)]
    rows = await tables.fetch(
        f"""
        select command_id, process, instance, command, error, attempts, parked_at from {{s}}.parked_commands
        where {" and ".join(conditions)} {LATEST_COMMANDS_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["parked_at"], row["command_id"]), _command)


async def longest_parked(tables: Tables, names: Collection[str], errors: Collection[str], most: int) -> Sequence[UUID]:
    """The ids of commands of these names that failed with one of these errors, the one that waits longest first."""
    rows = await tables.fetch(
        """
        select command_id from {s}.parked_commands where command = any($1) and error = any($2)
        order by parked_at, command_id limit $3
        """,
        list(names),
        list(errors),
        most,
    )
    return [row["command_id"] for row in rows]


async def inputs(tables: Tables, window: Window, of: Of | None = None) -> Page[ParkedInput]:
    """A page of the inputs that wait to be sent again, the latest first."""
    values = list[object]()
    conditions = [*_conditions(of, values), *LATEST_INPUTS_FIRST.conditions(window, values)]
    rows = await tables.fetch(
        f"""
        select entry_id, process, instance, input_id, input, stream, revision, error, parked_at from {{s}}.parked_inputs
        where {" and ".join(conditions)} {LATEST_INPUTS_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["parked_at"], row["entry_id"]), _input)


def _command(row: Row) -> ParkedCommand:
    return ParkedCommand(
        command_id=row["command_id"],
        process=row["process"],
        instance=row["instance"],
        command=row["command"],
        error=row["error"],
        attempts=row["attempts"],
        parked_at=row["parked_at"],
    )


def _input(row: Row) -> ParkedInput:
    return ParkedInput(
        entry_id=row["entry_id"],
        process=row["process"],
        instance=row["instance"],
        input_id=row["input_id"],
        input=row["input"],
        stream=row["stream"],
        revision=row["revision"],
        error=row["error"],
        parked_at=row["parked_at"],
    )
