"""Pages of other origins, as a browser asks for them: both APIs behind the server that they run in."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp

from infra.bootstrap.local_stack import free_port
from infra.bootstrap.serving import serve
from infra.http.load_shedding import LoadShedding, Room
from infra.settings import Settings
from read_api.app import create_app as read_api
from tests.hostile.parts import TOKENS, bearer
from tests.support.harness.front_desk import desk
from tests.support.harness.read_side import NoHistory, NoModels, OpenBook, ports

OURS, FOREIGN = "https://shop.example", "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"}
READ_BY_SCRIPTS = "Counterfoil-Position, ETag, Location, Retry-After, WWW-Authenticate"


@pytest.fixture(params=["write", "read"])
async def api(request: pytest.FixtureRequest) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """An API with one shared origin, and the path to post to."""
    app: ASGIApp = desk().app if request.param == "write" else read_api(ports(NoModels(), NoHistory(), OpenBook()))
    settings = Settings(cors_origins=(OURS,), token_secret=SecretStr(base64.b64encode(bytes(32)).decode()))
    ready, port = asyncio.Event(), free_port("127.0.0.1", 0)
    serving = asyncio.create_task(serve(LoadShedding(app, Room()), settings, port, ready.set, beside_others=False))
    async with AsyncExitStack() as stack:
        await ready.wait()
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        yield await stack.enter_async_context(client), "/carts" if request.param == "write" else "/graphql"
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def test_a_preflight_of_the_shared_origin_is_answered_and_no_other(
    api: tuple[httpx.AsyncClient, str],
) -> None:
    client, path = api
    answer = await client.options(path, headers={"Origin": OURS, **PREFLIGHT})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == OURS
    assert answer.headers["access-control-max-age"] == "600"
    assert "access-control-allow-credentials" not in answer.headers
    assert {"Authorization", "Idempotency-Key", "If-Match", "Content-Type"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    assert answer.headers["access-control-allow-methods"] == "GET, POST, PUT, PATCH, DELETE"
    refused = await client.options(path, headers={"Origin": FOREIGN, **PREFLIGHT})
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)


async def test_answers_and_refusals_may_be_read_by_pages_of_the_shared_origin_only(
    api: tuple[httpx.AsyncClient, str],
) -> None:
    client, path = api
    for body, headers in (({"query": "{ me { subject } }"}, {}), ({}, {"Authorization": "Bearer forged"})):
        ours = await client.post(path, json=body, headers={"Origin": OURS, **headers})
        assert ours.headers["access-control-allow-origin"] == OURS
        assert ours.headers["access-control-expose-headers"] == READ_BY_SCRIPTS
        assert ours.headers["vary"] == "Origin"
        foreign = await client.post(path, json=body, headers={"Origin": FOREIGN, **headers})
        assert "access-control-allow-origin" not in foreign.headers
    unheard = await client.post(path, headers=[("Origin", OURS), *[("Authorization", "Bearer a")] * 2])
    assert (unheard.status_code, unheard.headers["access-control-allow-origin"]) == (400, OURS)


async def test_two_tokens_are_refused_by_both_apis_alike(api: tuple[httpx.AsyncClient, str]) -> None:
    client, path = api
    mine = bearer()["Authorization"]
    other = f"Bearer {TOKENS.secret!r}"
    answers = [
        await client.post(path, json={}, headers=[("Authorization", first), ("Authorization", second)])
        for first, second in ((mine, other), (other, mine), (mine, mine))
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (
            400,
            '{"type":"about:blank","title":"Bad Request","status":400,'
            '"detail":"Send each of these headers once: Authorization (2 times)."}',
        )
    }
