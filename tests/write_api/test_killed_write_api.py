"""kill -9 of the write API between storing and answering: whoever asks again gets the answer of what was stored."""

import asyncio
import base64
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import asyncpg
import httpx
import pytest

from infra.security.tokens import Tokens
from tests.support.harness.front_desk import problem, said

SECRET = "a secret of more than thirty-two bytes"
KEY = {"Idempotency-Key": "k"}
CARTS = "select stream, string_agg(type, ' ' order by revision) from events where stream ~ '^cart-' group by stream"
PATIENCE = 60


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both processes of a test find the same wrapping keys."""
    monkeypatch.setenv("COUNTERFOIL_KEYS_FOLDER", str(tmp_path / "keys"))


@asynccontextmanager
async def write_api(database: str, moment: str, spared: int = 0) -> AsyncIterator[httpx.AsyncClient]:
    """A write API in a process of its own, and a client of it. Where it was to die, the block ends when it is dead."""
    settings = {
        "COUNTERFOIL_DATABASE": database,
        "COUNTERFOIL_TOKEN_SECRET": SECRET,
        "COUNTERFOIL_VAULT_KEY": base64.b64encode(bytes(32)).decode(),
        "COUNTERFOIL_WEBHOOK_SECRET": "secret",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.write_api.mortal", moment, str(spared), stdout=PIPE, env={**os.environ, **settings}
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            port = int(await process.stdout.readline())
        token = Tokens(SECRET.encode()).issue("anna", ["shopper", "back_office"], timedelta(hours=1))
        headers = {"Authorization": f"Bearer {token}", **KEY}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as client:
            yield client
        if moment != "never":
            async with asyncio.timeout(PATIENCE):
                assert await process.wait() == -SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(("moment", "stored"), [("append?", 0), ("append!", 1)])
async def test_a_cart_that_was_opened_when_the_lights_went_out_is_opened_once(
    database_url: str, moment: str, stored: int
) -> None:
    async with write_api(database_url, moment) as client:
        with pytest.raises(httpx.TransportError):
            await client.post("/carts", json={})
    assert len(await carts(database_url)) == stored

    async with write_api(database_url, "never") as client:
        answers = await asyncio.gather(*(client.post("/carts", json={}) for _ in range(20)))
        opened = await said(answers[0], 201)
        other = await client.post("/carts", json={"items": [{"sku": "MUG", "quantity": 1}]})
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert (other.status_code, problem(other)["type"]) == (422, "urn:counterfoil:problem:command-id-reused")
    assert await carts(database_url) == [(f"cart-{opened['cart_id']}", "cart.opened.v1")]
    assert (opened["position"], opened["revision"]) == ("1", 0)


async def test_a_command_on_two_streams_that_was_cut_in_two_is_finished_by_its_repeat(database_url: str) -> None:
    """A variant claims its SKU first. The claim is stored, the variant is not, and the next try finds its own claim."""
    async with write_api(database_url, "append?", spared=2) as client:
        product = (await said(await client.post("/products", json={"title": "Mug"}, headers=named("p")), 201))[
            "product_id"
        ]
        with pytest.raises(httpx.TransportError):
            await client.post(f"/products/{product}/variants", json={"sku": "MUG"}, headers=named("v"))
    assert await types(database_url) == ["product.drafted.v1", "sku.claimed.v1"]

    async with write_api(database_url, "never") as client:
        for _ in range(2):
            await said(await client.post(f"/products/{product}/variants", json={"sku": "MUG"}, headers=named("v")), 201)
    assert await types(database_url) == ["product.drafted.v1", "sku.claimed.v1", "product.variant_added.v1"]


def named(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def carts(url: str) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(CARTS)
    await connection.close()
    return [tuple(row) for row in rows]


async def types(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("select type from events order by position")
    await connection.close()
    return [row["type"] for row in rows]
