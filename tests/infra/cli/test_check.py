"""`counterfoil check` as a person uses it: what it prints, what it compares, how it ends."""

import asyncio
import json
from dataclasses import replace

import asyncpg
import pytest

from commands.ports import EventStore
from domain.cart.events import CartCheckedOut
from domain.shared.money import Money
from infra.projections import manage
from tests.infra.cli.conftest import Counterfoil
from tests.support.builders.auditing import SHOP, built, written
from tests.support.builders.forging import forge
from tests.support.builders.sale import sale
from tests.support.builders.shop import Append
from tests.support.harness.projecting import connection, store

__all__ = ["connection", "store"]

SAID = "Digest of stream heads, to be noted elsewhere: "


@pytest.fixture
async def shop(database_url: str, store: EventStore) -> str:
    for append in (*SHOP.opening(), *sale(SHOP, 1).delivered()):
        await written(store, append)
    await built(database_url, store)
    return database_url


async def noted(counterfoil: Counterfoil, url: str) -> str:
    done = await asyncio.to_thread(counterfoil, "check", database=url)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "Everything holds."
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(SAID))
    return line.removeprefix(SAID)


async def test_a_digest_that_was_noted_is_compared(
    counterfoil: Counterfoil, shop: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    digest = await noted(counterfoil, shop)
    as_json = await asyncio.to_thread(counterfoil, "check", "--json", database=shop)
    assert json.loads(as_json.stdout)["digest"] == digest
    await written(store, *sale(SHOP, 2).delivered())
    await built(shop, store)
    later = await noted(counterfoil, shop)
    both = await asyncio.to_thread(counterfoil, "check", "--expect", digest, "--expect", later, database=shop)
    assert both.returncode == 0, both.stdout

    await forge(connection, lambda log: [row for row in log if row.stream != "stock-S00011@MAIN"])
    await manage.drop_all(connection)
    await built(shop, store)
    assert await noted(counterfoil, shop) != later
    found = await asyncio.to_thread(counterfoil, "check", "--expect", digest, database=shop)
    assert found.returncode == 1
    assert f"stream heads have the digests that were noted: {digest} was noted; the streams up to there" in found.stdout


async def test_a_currency_that_does_not_fit_is_a_finding(
    counterfoil: Counterfoil, database_url: str, store: EventStore
) -> None:
    bought = sale(SHOP, 1)
    told = [*bought.checked_out()]
    foreign = [Append(append.stream, [_in_dollars(fact) for fact in append.facts]) for append in told]
    await written(store, *SHOP.opening(), *foreign)
    await built(database_url, store)
    done = await asyncio.to_thread(counterfoil, "check", database=database_url)
    assert (done.returncode, done.stderr.strip()) == (1, "")
    assert "CurrencyMismatch USD and EUR do not add up." in done.stdout


def _in_dollars(fact: object) -> object:
    return replace(fact, total=Money(fact.total.amount, "USD")) if isinstance(fact, CartCheckedOut) else fact


async def test_what_is_no_digest_is_refused_in_one_line(counterfoil: Counterfoil, database_url: str) -> None:
    done = await asyncio.to_thread(counterfoil, "check", "--expect", "abc", database=database_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "counterfoil: --expect 'abc': A digest of stream heads is 64 hexadecimal digits, @ and a position, as `check`"
        " prints it.\n"
    )
