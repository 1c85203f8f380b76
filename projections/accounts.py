"""Accounts as their owners see them: profile, address book with its defaults, and all consents; still sealed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from domain.customer.decider import customer_decider
from domain.customer.events import CustomerEvent
from domain.customer.state import Customer
from domain.person.events import PersonForgotten
from domain.shared.recorded import EventView
from projections.engine.documents import Document
from projections.engine.ports import Tables
from projections.engine.projection import Projection

DDL = """
create table {s}.accounts (
    subject text primary key,
    account json not null
);
"""

_ACCOUNTS: Document[Customer] = Document(Customer)


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Load the accounts of the batch, take its facts in, and store them again. Who was forgotten has no row."""
    by_subject = defaultdict[str, list[Any]](list)
    for recorded in batch:
        by_subject[recorded.fact.subject].append(recorded.fact)
    before = await by_subjects(tables, by_subject)
    after = {it: _after(before.get(it), facts) for it, facts in by_subject.items()}
    kept = {it: _ACCOUNTS.write(account) for it, account in after.items() if account.exists}
    await tables.execute(
        """
        insert into {s}.accounts (subject, account) select * from unnest($1::text[], $2::json[])
        on conflict (subject) do update set account = excluded.account
        """,
        list(kept),
        list(kept.values()),
    )
    if gone := [it for it in before if it not in kept]:
        await tables.execute("delete from {s}.accounts where subject = any($1::text[])", gone)


def _after(before: Customer | None, facts: Iterable[Any]) -> Customer:
    account = before or customer_decider.initial
    for fact in facts:
        forgotten = isinstance(fact, PersonForgotten)
        account = customer_decider.initial if forgotten else customer_decider.evolve(account, fact)
    return account


async def by_subjects(tables: Tables, subjects: Iterable[str]) -> dict[str, Customer]:
    """Those of the accounts that there are."""
    rows = await tables.fetch(
        "select subject, account from {s}.accounts where subject = any($1::text[])", list(subjects)
    )
    return {row["subject"]: _ACCOUNTS.read(row["account"]) for row in rows}


PROJECTION = Projection(
    name="accounts",
    version=1,
    handles=(*get_args(CustomerEvent), PersonForgotten),
    tables=("accounts",),
    ddl=DDL,
    project=project,
)
