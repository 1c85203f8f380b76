"""Questions that come while a query is under way are asked together, and wait for no query that takes long."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from projections.engine.ports import BeingRebuilt
from read_api.graphql.batching import LONG, MOST, Batcher
from tests.support.fixtures.virtual_time import run

SHORT = LONG / 2


@dataclass(slots=True)
class Database:
    """Takes so many seconds for a query with a certain question in it, and SHORT for any other."""

    takes: Mapping[int, float] = field(default_factory=dict)
    queries: list[tuple[float, Sequence[int]]] = field(default_factory=list)
    """When each was asked, and what."""

    async def find(self, asked: Sequence[int]) -> Sequence[int]:
        self.queries.append((asyncio.get_running_loop().time(), asked))
        await asyncio.sleep(max(self.takes.get(it, SHORT) for it in asked))
        if -1 in asked:
            raise ValueError(asked)
        return [it * 10 for it in asked]


def test_what_comes_while_a_query_is_under_way_is_the_next_one() -> None:
    database = Database()

    async def asking() -> list[int]:
        joined = Batcher(database.find)
        first = joined.ask(1)
        await asyncio.sleep(SHORT / 2)
        return list(await asyncio.gather(first, joined.ask(2), joined.ask(3), joined.ask(2)))

    assert run(asking()) == [10, 20, 30, 20]
    assert database.queries == [(0.0, [1]), (SHORT, [2, 3, 2])]


def test_a_query_has_no_more_questions_than_it_may() -> None:
    database = Database()

    async def asking() -> None:
        joined = Batcher(database.find)
        await asyncio.gather(*map(joined.ask, range(MOST + 1)))

    run(asking())
    assert [asked for _, asked in database.queries] == [list(range(MOST)), [MOST]]


def test_a_query_that_takes_long_is_waited_for_by_those_in_it() -> None:
    database = Database({1: 100 * LONG, 3: 200 * LONG})

    async def asking() -> float:
        joined = Batcher(database.find)
        slow = [joined.ask(1)]
        await asyncio.sleep(SHORT)
        assert await joined.ask(2) == 20
        slow.append(joined.ask(3))
        await asyncio.sleep(2 * LONG)
        waits = joined.ask(4)
        assert await asyncio.gather(*slow, waits) == [10, 30, 40]
        assert await joined.ask(5) == 50
        return asyncio.get_running_loop().time()

    ended = run(asking())
    begun = 2 * SHORT + SHORT
    assert [asked for _, asked in database.queries] == [[1], [2], [3], [4], [5]]
    assert [at for at, _ in database.queries] == pytest.approx([0.0, LONG, begun, 100 * LONG, begun + 200 * LONG])
    assert ended == pytest.approx(begun + 200 * LONG + SHORT)


def test_a_question_that_fails_its_query_fails_alone() -> None:
    database = Database()

    async def asking() -> list[object]:
        joined = Batcher(database.find)
        first = joined.ask(1)
        await asyncio.sleep(0)
        found = await asyncio.gather(first, joined.ask(2), joined.ask(-1), joined.ask(3), return_exceptions=True)
        return [it if isinstance(it, int) else type(it) for it in (*found, await joined.ask(4))]

    assert run(asking()) == [10, 20, ValueError, 30, 40]
    assert [asked for _, asked in database.queries] == [[1], [2, -1, 3], [2], [-1], [3], [4]]


def test_a_database_that_is_away_is_not_asked_again_for_each() -> None:
    asked_for = list[Sequence[int]]()

    async def away(asked: Sequence[int]) -> Sequence[int]:
        asked_for.append(asked)
        raise BeingRebuilt("carts", 0.5)

    async def asking() -> list[object]:
        joined = Batcher(away)
        return list(await asyncio.gather(*map(joined.ask, range(3)), return_exceptions=True))

    told = run(asking())
    assert [(type(it), it.share) for it in told if isinstance(it, BeingRebuilt)] == [(BeingRebuilt, 0.5)] * 3
    assert len({id(it) for it in told}) == 3
    assert asked_for == [[0, 1, 2]]


def test_who_does_not_wait_any_more_is_not_asked_for() -> None:
    database = Database()

    async def asking() -> None:
        joined = Batcher(database.find)
        first, left, last = joined.ask(1), joined.ask(2), joined.ask(3)
        left.cancel()
        await asyncio.gather(first, last)

    run(asking())
    assert [asked for _, asked in database.queries] == [[1, 3]]
