"""A Redis that is dead, hangs or is slow costs a moment, and nothing else."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from infra.caching.answers import Answer
from infra.caching.breaker import Breaker, redis_at
from infra.caching.redis import RedisAnswers, RedisLimiter
from infra.circuit import FAILURES, PAUSE
from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.http.rate_limits import Rate
from tests.support.fixtures.services import Own

MUG = Answer(1, 200, [], b"a mug")
PATIENCE = 60


@asynccontextmanager
async def answering(url: str, clock: Callable[[], float]) -> AsyncIterator[RedisAnswers]:
    redis = redis_at(url)
    try:
        yield RedisAnswers(redis, "faults", Breaker("answers", clock))
    finally:
        await redis.aclose()


async def eventually(answers: RedisAnswers) -> None:
    """It remembers again; on a busy machine it may take several tries."""
    async with asyncio.timeout(PATIENCE):
        while await answers.get("mug") != MUG:
            await answers.put("mug", MUG, 60)


def killed(redis: Instance) -> None:
    redis.kill()


def paused(redis: Instance) -> None:
    redis.pause()


@pytest.mark.parametrize("hurt", [killed, paused])
async def test_a_redis_that_is_gone_is_left_alone_and_asked_again_when_it_is_back(
    own_service: Own, hurt: Callable[[Instance], None]
) -> None:
    redis = await asyncio.to_thread(own_service, "redis")
    ticks = count(step=PAUSE / 100)
    now = [0.0]
    async with answering(redis.address, lambda: now[0]) as answers:
        await eventually(answers)
        hurt(redis)
        assert [await answers.get("mug") for _ in range(FAILURES)] == [None] * FAILURES
        redis.resume()
        await asyncio.to_thread(redis.start, default_cache(), [0])
        assert [await answers.get("mug") for _ in range(5)] == [None] * 5
        async with asyncio.timeout(PATIENCE):
            while await answers.get("mug") != MUG:
                now[0] += next(ticks) + PAUSE
                await answers.put("mug", MUG, 60)


async def test_limits_are_counted_alone_while_redis_is_gone(own_service: Own) -> None:
    redis = await asyncio.to_thread(own_service, "redis")
    client = redis_at(redis.address)
    limits = RedisLimiter(client, "faults", Rate(per_second=0.001, burst=2))
    redis.kill()
    waits = [await limits.wait("anna") for _ in range(4)]
    await client.aclose()
    assert [wait == 0 for wait in waits] == [True, True, False, False]


async def test_a_slow_redis_is_none() -> None:
    asked = 0

    async def slowly(reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal asked
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await reader.read(2**16):
                asked += 1
                await asyncio.sleep(10)
        writer.close()

    async with slow_copy(slowly) as url, answering(url, lambda: 0.0) as answers:
        assert [await answers.get("mug") for _ in range(50)] == [None] * 50
        assert asked <= FAILURES


@asynccontextmanager
async def slow_copy(serve: Any) -> AsyncIterator[str]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()


async def test_an_answer_that_comes_late_is_not_taken_for_the_next_one(redis: str) -> None:
    """A call that was given up leaves a connection on which its answer is still to come."""
    parts = urlsplit(redis)
    late = asyncio.Event()

    async def pipe(reader: StreamReader, writer: StreamWriter, *, held: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(2**16):
                if held and b"mine" in data:
                    await late.wait()
                writer.write(data)
        writer.close()

    async def relay(reader: StreamReader, writer: StreamWriter) -> None:
        back, forth = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(pipe(reader, forth, held=False), pipe(back, writer, held=True))

    client = Redis.from_url(redis)
    await RedisAnswers(client, "late").put("mine", Answer(1, 200, [], b"mine"), 60)
    await RedisAnswers(client, "late").put("yours", Answer(1, 200, [], b"yours"), 60)
    await client.aclose()
    async with slow_copy(relay) as url:
        through = redis_at(url)
        answers = RedisAnswers(through, "late")
        assert await answers.get("mine") is None
        late.set()
        async with asyncio.timeout(PATIENCE):
            while (found := await answers.get("yours")) is None:
                pass
        await through.aclose()
    assert found.body == b"yours"
