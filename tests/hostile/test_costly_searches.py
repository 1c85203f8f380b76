"""Searches that cost much, again and again, beside those of other people."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import httpx
import pytest

from domain.shared.frozen import replace
from projections.engine.ports import SharedTables
from projections.search.postgres import PostgresSearch
from projections.search.question import Found, Question, SearchEngine
from read_api.app import create_app
from tests.support.builders.shelf import stocked
from tests.support.harness.read_side import Asker, ReadSide, read_side

NUMBERS = "total { atLeast } facets { brands { brand count } }"
COSTLY = f"search(filter: {{minPrice: %d}}, first: 1) {{ {NUMBERS} }}"
USUAL = f'{{ search(term: "milk", first: 5) {{ edges {{ node {{ title }} }} {NUMBERS} }} }}'
CLIENTS, TAKES = 6, 0.3
"""Hostile clients, and seconds of PostgreSQL's time for each of their searches."""

prices = count()


def aliases(number: int) -> str:
    return "{ " + " ".join(f"a{n}: {COSTLY % next(prices)}" for n in range(number)) + " }"


@dataclass(frozen=True, slots=True)
class LargeShop:
    """As if there were so much that a search without a term takes long."""

    tables: SharedTables

    async def search(self, question: Question, at: datetime) -> Found:
        if not question.term:
            await self.tables.fetch(f"select pg_sleep({TAKES})")
        return await PostgresSearch(self.tables).search(question, at)

    async def complete(self, beginning: str, size: int) -> Sequence[str]:
        return await PostgresSearch(self.tables).complete(beginning, size)


def large(tables: SharedTables, *, fresh: bool) -> SearchEngine:  # noqa: ARG001
    return LargeShop(tables)


@asynccontextmanager
async def coming_from(shop: ReadSide, *addresses: str) -> AsyncIterator[list[Asker]]:
    """The same large shop, asked from several addresses."""
    app, askers = create_app(replace(shop.app.state.ports, search=large)), list[Asker]()
    for address in addresses:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
        askers.append(Asker(app, httpx.AsyncClient(transport=transport, base_url="http://shop")))
    yield askers
    for asker in askers:
        await asker.client.aclose()


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        stocked(shop.log)
        await shop.catch_up()
        yield shop


async def test_thirty_searches_in_one_question_are_refused_before_any_is_begun(shop: ReadSide) -> None:
    shop.models.statements.clear()
    answer = await shop.post({"query": aliases(30)})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]) == (400, {"code": "QUERY_TOO_COMPLEX"})
    assert "10000 are allowed" in error["message"]
    assert "fewer searches" in error["message"]
    assert shop.models.statements == []
    assert len(await shop.ask(aliases(5))) == 5


async def test_other_peoples_searches_are_answered_meanwhile(shop: ReadSide) -> None:
    expected = await shop.ask(USUAL)
    async with coming_from(shop, *["192.0.2.1"] * CLIENTS, "198.51.100.7") as (*hostile, honest):
        done, told = asyncio.Event(), list[Any]()

        async def attack(asker: Asker) -> None:
            while not done.is_set():
                told.append((await asker.post({"query": aliases(5)})).json())

        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            for asker in hostile:
                group.create_task(attack(asker))
            waits = list[float]()
            for _ in range(40):
                began = loop.time()
                assert await honest.ask(USUAL) == expected
                waits.append(loop.time() - began)
                await asyncio.sleep(0.05)
            done.set()
    waits.sort()
    assert waits[len(waits) // 2] < TAKES
    assert told


async def test_whoever_asks_too_much_is_told_so_and_when_to_come_back(shop: ReadSide) -> None:
    async with coming_from(shop, "192.0.2.1", "192.0.2.1") as (hostile, neighbour):
        turns = hostile.app.endpoint._contexts(None, ("192.0.2.1", 1)).turns.here  # type: ignore[attr-defined]
        turns.accounts.charge("address 192.0.2.1", 1_000.0, 4)
        turns.room = replace(turns.room, patience=0.05)
        answers = await asyncio.gather(*(hostile.post({"query": aliases(5)}) for _ in range(3)))
        errors = [error for answer in answers for error in answer.json().get("errors", ())]
        assert errors != []
        assert {error["extensions"]["code"] for error in errors} == {"RATE_LIMITED"}
        assert {error["message"].partition(". Ask again in")[0] for error in errors} == {
            "You used up your share of searches that go through much"
        }
        assert {answer.headers["Retry-After"] for answer in answers} <= {str(n) for n in range(1_200, 1_230)}
        assert await neighbour.ask("{ products(first: 1) { edges { cursor } } }") != {}
        assert await neighbour.ask(USUAL) == await shop.ask(USUAL)


async def test_a_search_that_takes_too_long_is_stopped_once_and_said_to_be_too_slow(shop: ReadSide) -> None:
    async with coming_from(shop, "192.0.2.1") as (asker,):
        shop.models.models._apart.stop_after = 0.05
        await shop.models.models._apart.close()
        answer = await asker.post({"query": aliases(5)})
        assert answer.status_code == 200
        errors = answer.json()["errors"]
        assert {(error["extensions"]["code"], error["message"].partition(". ")[0]) for error in errors} == {
            ("TOO_SLOW", "This took too long and was stopped")
        }
        slept = [statement for statement in shop.models.statements if "pg_sleep" in statement]
        assert len(slept) <= 5
        assert (await asker.ask(USUAL))["search"]["edges"] != []
