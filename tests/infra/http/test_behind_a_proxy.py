"""Both APIs as they are put together: the settings about callers reach what keeps them."""

import base64
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from pydantic import SecretStr

from infra.bootstrap.read_api import read_side
from infra.bootstrap.write_api import write_side
from infra.http.load_shedding import LoadShedding
from infra.settings import Settings
from tests.hostile.parts import TOKENS

PROXY, STRANGER = "203.0.113.7", "198.51.100.99"
SIDES = {"write": (write_side, "/sessions"), "read": (read_side, "/graphql")}


@pytest.fixture(params=SIDES)
async def api(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[tuple[LoadShedding, str]]:
    """One request of an address, and no more for a long time; three of a known subject."""
    settings = Settings(
        database=database_url,
        token_secret=SecretStr(TOKENS.secret.decode()),
        vault_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        webhook_secret=SecretStr("secret"),
        rate_limit=0.002,
        address_rate_limit=0.001,
        trusted_proxies=(PROXY,),
        sockets_each=7,
        sockets=70,
    )
    side, path = SIDES[request.param]
    opened: AbstractAsyncContextManager[LoadShedding] = side(settings)
    async with opened as turnstile:
        yield turnstile, path


async def test_callers_behind_the_proxy_are_limited_one_by_one(api: tuple[LoadShedding, str]) -> None:
    turnstile, path = api

    async def limited(peer: str, behind: str) -> bool:
        transport = httpx.ASGITransport(turnstile, client=(peer, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            answer = await client.post(path, json={"query": "{ me { subject } }"}, headers={"X-Forwarded-For": behind})
        return answer.status_code == 429

    callers = [(PROXY, "192.0.2.1"), (PROXY, "192.0.2.1"), (PROXY, "192.0.2.2"), (STRANGER, "192.0.2.3")]
    assert [await limited(*caller) for caller in callers] == [False, True, False, False]
    assert await limited(STRANGER, "192.0.2.4")


async def test_the_turnstile_tells_them_apart_as_well(api: tuple[LoadShedding, str]) -> None:
    turnstile, path = api
    scope = {"type": "http", "client": (PROXY, 1), "headers": [(b"x-forwarded-for", b"192.0.2.1")]}
    assert turnstile.caller(scope) == "192.0.2.1"
    if path == "/graphql":
        assert (turnstile.room.sockets, turnstile.room.sockets_each) == (70, 7)
