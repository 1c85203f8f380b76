"""Accounts as rows: the fold of their streams, until the person is forgotten."""

import asyncpg
import pytest

from domain.customer.decider import customer_decider
from domain.customer.events import CartKept
from domain.person.events import PersonForgotten
from domain.shared.ids import CartId
from projections.accounts import PROJECTION, by_subjects
from tests.support.builders.account import ACCOUNT, SUBJECT
from tests.support.builders.event_log_builder import NOON, Log, build, feed


@pytest.mark.parametrize("size", [1, 4, 100])
async def test_a_row_is_the_account_as_its_decider_has_it(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(*ACCOUNT, stream=f"customer-{SUBJECT}")
    await feed(tables, PROJECTION, log.recorded, size)
    assert await by_subjects(tables, [SUBJECT, "shopper-2"]) == {SUBJECT: customer_decider.replay(ACCOUNT)}


@pytest.mark.parametrize("size", [1, 4, 100])
async def test_who_was_forgotten_has_no_row(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(*ACCOUNT, stream=f"customer-{SUBJECT}")
    log.tell(PersonForgotten(subject=SUBJECT, reason="asked", at=NOON), stream=f"person-{SUBJECT}")
    log.tell(CartKept(subject=SUBJECT, cart_id=CartId("late"), at=NOON), stream=f"customer-{SUBJECT}")
    await feed(tables, PROJECTION, log.recorded, size)
    assert await tables.fetch("select subject from {s}.accounts") == []
