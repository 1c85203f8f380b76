"""What a shop has to remember beside its log: keys of people, where the processes stand, what the test gateway knows.

Read models and snapshots are not in a backup, for they follow from the log, nor is the time that was shown, for it
counts from a start of the machine, nor how late processes were, which tells nothing three seconds later, nor leases,
whose holders are not those of the shop that is made of it, nor events of Stripe, which are read there again.
"""

from collections.abc import Sequence

import asyncpg

from infra.backup.archive import Backup, Writer
from infra.identity import schema as identity
from infra.kafka import inbox
from infra.payments import postgres as gateway
from infra.processes import progress
from infra.security import vault

BEFORE_THE_LOG = ("processes.process_progress", "processes.timers", "inbox.messages")
"""Read before the log: a runner that stands too far back handles inputs again, and does nothing twice; one
that stood behind the end of the log would never hear what follows. A message of a feed that is not known is recognised
by the log; one that was known without its effect would be lost."""

PEOPLE = "vault.subject_keys"
AFTER_THE_LOG = (PEOPLE, "gateway.payments", "gateway.answers", "gateway.webhooks", *identity.TABLES)
"""Read when it is settled where the log ends: an event's key and the payment it speaks of are older than the event, and
so is the claim of an address."""

TABLES = (*BEFORE_THE_LOG, *AFTER_THE_LOG)
DDL = (progress.DDL, inbox.DDL, vault.DDL, gateway.DDL, identity.DDL)
AT_A_TIME = 1000
NUMBER_ON = """
    select setval(pg_get_serial_sequence('inbox.messages', 'number'), max(number))
      from inbox.messages having count(*) > 0
"""


def member(table: str) -> str:
    return f"tables/{table}.jsonl"


async def save(connection: asyncpg.Connection, tables: Sequence[str], to: Writer) -> None:
    """Write tables down as they stand at one moment; those that were never made are empty."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for table in tables:
            with to.member(member(table)) as lines:
                if await connection.fetchval("select to_regclass($1)", table) is not None:
                    async for row in connection.cursor(
                        f"select row_to_json(t)::text from {table} t", prefetch=AT_A_TIME
                    ):
                        lines.write(row[0].encode())


async def make(connection: asyncpg.Connection) -> None:
    """Make the tables that are missing."""
    for statements in DDL:
        await connection.execute(statements)


async def filled(connection: asyncpg.Connection) -> Sequence[str]:
    """The tables that have rows."""
    return [table for table in TABLES if await connection.fetchval(f"select exists (select from {table})")]


async def load(connection: asyncpg.Connection, backup: Backup) -> None:
    """Fill the empty tables from a backup, in the transaction of the caller; for the keys of people see keys.py."""
    for table in TABLES:
        if table == PEOPLE:
            continue
        row = f"select * from json_populate_record(null::{table}, $1::json)"
        statement = f"insert into {table} overriding system value {row}"
        await connection.executemany(statement, ((line.decode(),) for line in backup.lines(member(table))))
    await connection.execute(NUMBER_ON)
