"""More commands than the write API can carry out: some are worked on, some wait, the rest are told at once."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from infra.bootstrap.write_api import write_side
from infra.http.load_shedding import LoadShedding
from infra.settings import Settings
from tests.hostile.parts import TOKENS, bearer
from tests.support.fixtures.watched import WatchedStore
from tests.support.harness.front_desk import problem

INSIDE, WAITING, MORE = 3, 2, 40
WITHIN = 60


@pytest.fixture
async def door(database_url: str, tmp_path: Path) -> AsyncIterator[LoadShedding]:
    settings = Settings(
        data=tmp_path,
        database=database_url,
        token_secret=SecretStr(TOKENS.secret.decode()),
        vault_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        webhook_secret=SecretStr("secret"),
        write_at_once=INSIDE,
        write_waiting=WAITING,
    )
    async with write_side(settings) as door:
        yield door


async def test_the_excess_is_refused_early_and_the_rush_leaves_nothing_behind(door: LoadShedding) -> None:
    """The store is held by a latch, so that nothing depends on how fast the machine is."""
    handler = door.app.state.ports.handler  # type: ignore[attr-defined]
    door.room = type(door.room)(at_once=INSIDE, waiting=WAITING, patience=WITHIN)
    go_on, appends = asyncio.Event(), list[str]()

    async def latch(point: str) -> None:
        if point == "append?":
            appends.append(point)
            await go_on.wait()

    handler.store = WatchedStore(handler.store, latch)
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=bearer()) as client:

        async def open_cart(number: int) -> httpx.Response:
            return await client.post("/carts", json={}, headers={"Idempotency-Key": str(number)})

        let_in = [asyncio.create_task(open_cart(number)) for number in range(INSIDE + WAITING)]
        async with asyncio.timeout(WITHIN):
            while (door.inside, door.waiting, len(appends)) != (INSIDE, WAITING, INSIDE):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            refused = await asyncio.gather(*(open_cart(number) for number in range(MORE)))
        assert {(one.status_code, one.headers["retry-after"], problem(one)["type"]) for one in refused} == {
            (503, "1", "urn:counterfoil:problem:overloaded")
        }
        assert len(appends) == INSIDE
        assert (await client.get("/health")).status_code == 200

        go_on.set()
        async with asyncio.timeout(WITHIN):
            assert [one.status_code for one in await asyncio.gather(*let_in)] == [201] * (INSIDE + WAITING)
            # The same keys again: those that were refused left nothing behind, those that were let in are known.
            again = [await open_cart(number) for number in range(MORE)]
        assert [one.status_code for one in again] == [201] * MORE
        assert [one.json() for one in again[: len(let_in)]] == [(await one).json() for one in let_in]
        assert (door.inside, door.waiting, len(appends)) == (0, 0, MORE)
