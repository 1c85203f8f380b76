"""When OpenSearch is away, slow or broken, PostgreSQL answers and says so; when it is back, it is asked again."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from infra.circuit import Circuit
from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.dev_servers.registry import ports
from infra.opensearch.client import opened
from infra.opensearch.engine import OpenSearchEngine
from infra.opensearch.fallback import FRESH, RESTING, WithFallback
from projections.search.postgres import PostgresSearch
from projections.search.question import Engine, Question
from tests.support.builders.catalogue import on_sale
from tests.support.builders.shelf import LATER, Shelf, ids, stocked
from tests.support.fixtures.services import Own
from tests.support.harness.indexed import Copy, ReadModel, copied

DEADLINE = 120.0
NOT_TAKEN = "OpenSearch does not take the question."
SLOW, AWAY = "OpenSearch does not answer in time.", "OpenSearch cannot be reached."


async def asked(engine: WithFallback, model: ReadModel, term: str) -> tuple[list[str], Engine, str | None]:
    found = await Shelf(model.log, engine, model.feed).found(term)
    return ids(found), found.engine, found.instead


async def test_a_server_that_is_not_there_is_left_in_peace(model: ReadModel) -> None:
    stocked(model.log)
    await model.feed()
    async with opened("http://127.0.0.1:9", patience=1.0) as client:
        circuit = Circuit("none", failures=2, pause=60.0)
        engine = WithFallback(OpenSearchEngine(client, "none"), PostgresSearch(model.tables), circuit)
        answers = [await asked(engine, model, "kettle") for _ in range(3)]
        assert answers == [(["KETTLE"], Engine.POSTGRESQL, reason) for reason in (AWAY, AWAY, RESTING)]
        assert await engine.complete("kett", 3) == ["Kettle"]


async def test_a_question_that_names_a_position_goes_to_postgresql(model: ReadModel, opensearch: str) -> None:
    stocked(model.log)
    async with copied(model, opensearch) as copy:
        await copy.settle()
        fresh = WithFallback(copy.engine, PostgresSearch(model.tables), Circuit("shared"), fresh=True)
        assert await asked(fresh, model, "kettle") == (["KETTLE"], Engine.POSTGRESQL, FRESH)
        usual = WithFallback(copy.engine, PostgresSearch(model.tables), Circuit("shared"), patience=30.0)
        assert await asked(usual, model, "kettle") == (["KETTLE"], Engine.OPENSEARCH, None)


async def test_a_question_that_it_does_not_take_harms_no_other(model: ReadModel, opensearch: str) -> None:
    stocked(model.log)
    async with copied(model, opensearch) as copy:
        await copy.settle()
        circuit = Circuit("shared", failures=1, pause=60.0)
        engine = WithFallback(copy.engine, PostgresSearch(model.tables), circuit, patience=30.0)
        refused = await engine.search(Question(term="kettle", size=100_000), LATER)
        assert (ids(refused), refused.engine, refused.instead) == (["KETTLE"], Engine.POSTGRESQL, NOT_TAKEN)
        assert await asked(engine, model, "kettle") == (["KETTLE"], Engine.OPENSEARCH, None)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.2)


@pytest.fixture
async def node(own_service: Own) -> Instance:
    return await asyncio.to_thread(own_service, "opensearch")


async def test_a_node_that_hangs_or_is_killed_costs_nothing_but_its_own_answers(
    model: ReadModel, node: Instance
) -> None:
    stocked(model.log)
    async with copied(model, node.address) as copy:
        await copy.settle()
        following = asyncio.create_task(copy.indexer.run())
        try:
            await hanging(model, node, copy)
            await killed(model, node, copy)
        finally:
            following.cancel()
            await asyncio.wait([following])


async def hanging(model: ReadModel, node: Instance, copy: Copy) -> None:
    engine = WithFallback(copy.engine, PostgresSearch(model.tables), Circuit("node", pause=0.1), patience=0.5)
    node.pause()
    try:
        on_sale(model.log, "NEW", 100, title="Written while nobody listened")
        await model.feed()
        assert await asked(engine, model, "nobody") == (["NEW"], Engine.POSTGRESQL, SLOW)
    finally:
        node.resume()

    async def is_back() -> bool:
        return await asked(engine, model, "nobody") == (["NEW"], Engine.OPENSEARCH, None)

    await eventually(is_back)


async def killed(model: ReadModel, node: Instance, copy: Copy) -> None:
    engine = WithFallback(copy.engine, PostgresSearch(model.tables), Circuit("node", pause=0.1), patience=5.0)
    for number in range(1_500):
        on_sale(model.log, f"K{number}", 100, title=f"Killed {number}")
    await model.feed()
    await asyncio.to_thread(node.kill)
    on_sale(model.log, "AFTER", 100, title="After the kill")
    await model.feed()
    assert (await asked(engine, model, "after the kill"))[:2] == (["AFTER"], Engine.POSTGRESQL)
    await asyncio.to_thread(node.start, default_cache(), ports(node.server, 0))

    async def is_whole() -> bool:
        return await asked(engine, model, "after the kill") == (["AFTER"], Engine.OPENSEARCH, None)

    await eventually(is_whole)
    assert await copy.differences() == set()
