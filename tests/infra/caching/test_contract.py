"""What remembers answers and counts requests behaves the same, in this process and in Redis."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from infra.caching.answers import OVERHEAD, Answer, Answers, Layered, LocalAnswers
from infra.caching.redis import RedisAnswers, RedisLimiter
from infra.http.rate_limits import Limiter, LocalLimiter, Rate

MUG = Answer(7, 200, [(b"content-type", b"application/json")], b'{"data":{"product":{"title":"A mug"}}}')
CUP = Answer(8, 200, [], b'{"data":{"product":{"title":"A cup"}}}')
PATIENCE = 60


@pytest.fixture(params=["local", "redis", "layered"])
def answers(request: pytest.FixtureRequest, client: Redis, namespace: str) -> Answers:
    far = RedisAnswers(client, namespace)
    kinds: dict[str, Answers] = {"local": LocalAnswers(), "redis": far, "layered": Layered(LocalAnswers(), far)}
    return kinds[request.param]


async def test_an_answer_is_remembered_under_its_key(answers: Answers) -> None:
    await answers.put("mug", MUG, 60)
    await answers.put("cup", CUP, 60)
    assert [await answers.get(key) for key in ("mug", "cup", "plate")] == [MUG, CUP, None]


async def test_a_later_answer_takes_the_place_of_an_earlier_one(answers: Answers) -> None:
    await answers.put("mug", MUG, 60)
    await answers.put("mug", CUP, 60)
    assert await answers.get("mug") == CUP


async def test_an_answer_that_is_too_old_is_none(answers: Answers) -> None:
    await answers.put("mug", MUG, 60)
    assert await answers.get("mug", since=7) == MUG
    assert await answers.get("mug", since=8) is None
    await answers.put("mug", CUP, 60)
    assert await answers.get("mug", since=8) == CUP


async def test_what_another_process_made_later_is_found_behind_what_is_near(client: Redis, namespace: str) -> None:
    far = RedisAnswers(client, namespace)
    one, two = Layered(LocalAnswers(), far), Layered(LocalAnswers(), far)
    await one.put("mug", MUG, 60)
    await two.put("mug", CUP, 60)
    assert (await one.get("mug"), await one.get("mug", since=8)) == (MUG, CUP)


async def test_an_answer_is_forgotten_when_its_time_is_over(answers: Answers) -> None:
    await answers.put("mug", MUG, 0.05)
    async with asyncio.timeout(PATIENCE):
        while await answers.get("mug") is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_others_wrote_into_a_shared_cache_is_no_answer(client: Redis, namespace: str) -> None:
    answers = RedisAnswers(client, namespace)
    await client.set(f"{namespace}:answer:mug", b"\x93something else")
    assert await answers.get("mug") is None


async def test_two_shops_on_one_server_do_not_meet(client: Redis, namespace: str) -> None:
    await RedisAnswers(client, namespace).put("mug", MUG, 60)
    assert await RedisAnswers(client, f"{namespace}-other").get("mug") is None


async def test_a_process_holds_only_so_many_bytes() -> None:
    answers = LocalAnswers(most=5 * OVERHEAD)
    large = Answer(9, 200, [], bytes(2 * OVERHEAD))
    await answers.put("mug", MUG, 60)
    await answers.put("plate", large, 60)
    await answers.get("mug")
    await answers.put("plate", CUP, 60)
    await answers.put("plate", large, 60)
    await answers.put("bowl", CUP, 60)
    assert [await answers.get(key) for key in ("mug", "plate", "bowl")] == [None, large, CUP]
    await answers.put("tray", Answer(9, 200, [], bytes(9 * OVERHEAD)), 60)
    assert [await answers.get(key) for key in ("mug", "plate", "bowl", "tray")] == [None, large, CUP, None]


def limiter(kind: str, client: Redis, namespace: str, rate: Rate) -> Limiter:
    return LocalLimiter(rate) if kind == "local" else RedisLimiter(client, namespace, rate)


@pytest.mark.parametrize("kind", ["local", "redis"])
async def test_a_caller_may_ask_so_often_and_is_told_how_long_to_wait(kind: str, client: Redis, namespace: str) -> None:
    limits = limiter(kind, client, namespace, Rate(per_second=0.001, burst=3))
    assert [await limits.wait("anna") for _ in range(3)] == [0, 0, 0]
    assert 900 < await limits.wait("anna") <= 1000
    assert await limits.wait("ben") == 0


@pytest.mark.parametrize("kind", ["local", "redis"])
async def test_whoever_waits_may_ask_again(kind: str, client: Redis, namespace: str) -> None:
    limits = limiter(kind, client, namespace, Rate(per_second=10, burst=1))
    async with asyncio.timeout(PATIENCE):
        while (wait := await limits.wait("anna")) == 0:
            pass
        assert 0 < wait <= 0.1
        while await limits.wait("anna") > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait)


@given(now=st.floats(min_value=0, max_value=1e9), per_second=st.floats(min_value=0.01, max_value=1e4))
async def test_who_was_never_here_need_not_wait_whatever_the_clock_says(now: float, per_second: float) -> None:
    limits = LocalLimiter(Rate(per_second=per_second, burst=1), clock=lambda: now)
    assert await limits.wait("anna") == 0
    assert await limits.wait("anna") > 0


async def test_processes_count_together(client: Redis, namespace: str) -> None:
    rate = Rate(per_second=0.001, burst=4)
    one, two = RedisLimiter(client, namespace, rate), RedisLimiter(client, namespace, rate)
    waits = await asyncio.gather(*(limits.wait("anna") for limits in (one, two) for _ in range(10)))
    assert sum(wait == 0 for wait in waits) == 4
