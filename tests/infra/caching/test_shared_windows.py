"""Limits on logins in Redis: one count for all processes, stricter without it, and bounded in names."""

import asyncio

import pytest
from redis.asyncio import Redis

from commands.accounts.errors import TooManyAttempts
from commands.accounts.ports import Attempt, Realm
from infra.caching.breaker import redis_at
from infra.caching.shared_windows import AWAY_SHARE, RedisWindows
from infra.identity.attempts import ACCOUNT_FROM_NETWORK, Limit, LoginAttempts
from infra.security.derived_keys import KeyedHash

ANNA = Attempt(realm=Realm.SHOPPER, address="anna@shop.example", network="n1")


def process(client: Redis, namespace: str) -> LoginAttempts:
    """The limits of one process of several."""
    keys = KeyedHash([bytes(32)])
    return LoginAttempts(RedisWindows(client, namespace), keys, keys)


async def admitted(attempts: LoginAttempts, attempt: Attempt = ANNA) -> bool:
    try:
        await attempts.begin(attempt)
    except TooManyAttempts:
        return False
    return True


async def test_processes_count_together_also_when_all_guess_at_once(client: Redis, namespace: str) -> None:
    processes = [process(client, namespace) for _ in range(4)]
    found = await asyncio.gather(*(admitted(processes[n % 4]) for n in range(40)))
    assert sum(found) == ACCOUNT_FROM_NETWORK.most
    with pytest.raises(TooManyAttempts) as refused:
        await processes[0].begin(ANNA)
    assert 890 <= refused.value.retry_after <= 900


async def test_a_success_in_one_process_forgives_in_all(client: Redis, namespace: str) -> None:
    one, other = process(client, namespace), process(client, namespace)
    assert [await admitted(one) for _ in range(5)] == [True] * 5
    await other.succeeded(ANNA)
    assert [await admitted(one) for _ in range(6)] == [True] * 5 + [False]


async def test_without_redis_each_process_allows_less(namespace: str) -> None:
    nowhere = redis_at("redis://127.0.0.1:1")
    attempts = process(nowhere, namespace)
    allowed = int(ACCOUNT_FROM_NETWORK.most * AWAY_SHARE)
    assert [await admitted(attempts) for _ in range(5)] == [True] * allowed + [False] * (5 - allowed)
    assert allowed == 2
    await nowhere.aclose()


async def test_invented_names_beyond_the_most_are_not_kept_in_redis(client: Redis, namespace: str) -> None:
    limit, windows = Limit("invented", 5, 900), RedisWindows(client, namespace, most_names=20)
    for n in range(60):
        assert await windows.count(limit, f"name-{n}") == 0
    kept = [key async for key in client.scan_iter(f"{namespace}:attempts:*")]
    assert len(kept) == 20
    assert all([0 < await client.pttl(key) <= 900_000 for key in kept])
    beyond = [await windows.count(limit, "name-59") > 0 for _ in range(2)]
    assert beyond == [False, True]  # counted here, and stricter


async def test_a_window_that_is_over_begins_anew(client: Redis, namespace: str) -> None:
    limit, windows = Limit("short", 1, 0.05), RedisWindows(client, namespace)
    assert await windows.count(limit, "x") == 0
    wait = await windows.count(limit, "x")
    assert 0 < wait <= 0.05
    await asyncio.sleep(wait + 0.01)
    assert await windows.count(limit, "x") == 0
