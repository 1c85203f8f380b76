"""A page that everybody wants is made by one process, and nobody waits long for one that died over it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
import pytest
from redis.asyncio import Redis
from starlette.types import Receive, Scope, Send

from infra.caching.answers import Layered, LocalAnswers
from infra.caching.catalogue_version import CatalogueVersion
from infra.caching.redis import CLAIMED, RedisAnswers, RedisSingleFlight
from infra.caching.response_cache import ResponseCache
from infra.dev_servers.instance import Instance
from tests.support.fixtures.services import Own

QUESTION = {"query": "{ categories { name } }"}
PROCESSES, EACH = 3, 20


@dataclass(slots=True)
class Slow:
    """A read API that takes its time, and fails when it is told to."""

    made: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    failing: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        self.made += 1
        await self.gate.wait()
        if self.failing:
            raise RuntimeError("not today")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@dataclass(slots=True)
class Shop:
    """Processes of one shop, as far as they can know of each other: by Redis."""

    app: Slow
    fronts: list[ResponseCache]
    clients: list[httpx.AsyncClient]

    async def ask(self, process: int) -> int:
        try:
            return (await self.clients[process].post("/graphql", json=QUESTION)).status_code
        except RuntimeError:
            return 500

    async def all_ask(self) -> list[int]:
        return await asyncio.gather(*(self.ask(process) for process in range(PROCESSES) for _ in range(EACH)))

    async def wanted(self) -> None:
        """Everybody has seen the question once, and nobody knows the answer."""
        self.app.gate.set()
        await asyncio.gather(*map(self.ask, range(PROCESSES)))
        self.app.gate.clear()
        self.app.made = 0


async def shop_on(url: str, namespace: str, stack: AsyncExitStack) -> Shop:
    app, fronts, clients = Slow(), list[ResponseCache](), list[httpx.AsyncClient]()
    for _ in range(PROCESSES):
        redis = Redis.from_url(url)
        stack.push_async_callback(redis.aclose)
        answers = Layered(LocalAnswers(), RedisAnswers(redis, namespace))
        front = ResponseCache(app, answers, CatalogueVersion(), lambda: 0, RedisSingleFlight(redis, namespace))
        transport = httpx.ASGITransport(front)
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://shop"))
        fronts.append(front)
        clients.append(client)
    return Shop(app, fronts, clients)


@pytest.fixture
async def shop(redis: str, namespace: str) -> AsyncIterator[Shop]:
    async with AsyncExitStack() as stack:
        made = await shop_on(redis, namespace, stack)
        await made.wanted()
        yield made


async def until(holds: object) -> None:
    async with asyncio.timeout(60):
        while not holds():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_of_all_processes_one_makes_the_answer(shop: Shop) -> None:
    asking = asyncio.create_task(shop.all_ask())
    await until(lambda: shop.app.made)
    await asyncio.sleep(CLAIMED / 10)
    shop.app.gate.set()
    assert await asking == [200] * PROCESSES * EACH
    assert shop.app.made == 1
    assert await shop.all_ask() == [200] * PROCESSES * EACH
    assert shop.app.made == 1


async def test_one_that_fails_lets_the_next_one_try_at_once(shop: Shop) -> None:
    shop.app.failing = True
    shop.app.gate.set()
    assert set(await shop.all_ask()) == {500}
    shop.app.failing, shop.app.made = False, 0
    assert set(await shop.all_ask()) == {200}
    assert shop.app.made == 1


async def test_one_that_died_over_it_blocks_nobody(shop: Shop, redis: str, namespace: str) -> None:
    dead, client = asyncio.create_task(shop.ask(0)), Redis.from_url(redis)
    await until(lambda: shop.app.made)
    (name,) = [key async for key in client.scan_iter(f"{namespace}:making:*")]
    for task in [it for it in asyncio.all_tasks() if "_shared" in repr(it)]:
        task.cancel()
    await asyncio.wait([dead])
    await client.set(name, "nobody any more", px=round(CLAIMED * 1000))
    shop.app.made = 0
    shop.app.gate.set()
    async with asyncio.timeout(60):
        assert [await shop.ask(process) for process in (1, 2)] == [200, 200]
    assert shop.app.made == 1
    await client.aclose()


async def test_without_redis_everybody_makes_their_own(own_service: Own, namespace: str) -> None:
    server: Instance = await asyncio.to_thread(own_service, "redis")
    async with AsyncExitStack() as stack:
        shop = await shop_on(server.address, namespace, stack)
        await shop.wanted()
        server.kill()
        shop.app.gate.set()
        assert set(await shop.all_ask()) == {200}
        assert shop.app.made == PROCESSES
