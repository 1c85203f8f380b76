"""Two processes of the write API and two of the read API: what ends a session ends it on all, and a kill ends none."""

import asyncio
import base64
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from infra.bootstrap.accounts import mailing
from infra.settings import Settings
from tests.hostile.parts import Running, running
from tests.support.harness.accounts import PASSWORD, Postbox, bearer, token_in
from tests.support.harness.front_desk import said

ANNA = "anna@shop.example"
NEW_PASSWORD = "five other unlikely words 8"
WITHIN = 3.0


@pytest.fixture
async def parts(database_url: str, tmp_path: Path) -> AsyncIterator[list[Running]]:
    """write-api, write-api, read-api, read-api."""
    names = ("write-api", "write-api", "read-api", "read-api")
    folders = [tmp_path / f"{number}" for number in range(len(names))]
    for folder in folders:
        folder.mkdir()
    keys = str(tmp_path / "keys")
    async with AsyncExitStack() as stack:
        starting = (
            stack.enter_async_context(running(name, database_url, folder, COUNTERFOIL_KEYS_FOLDER=keys))
            for name, folder in zip(names, folders, strict=True)
        )
        found = list(await asyncio.gather(*starting))
        yield found


async def registered(client: httpx.AsyncClient, database_url: str, folder: Path) -> Any:
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    settings = Settings(data=folder, database=database_url, vault_key=key, keys_folder=folder / "keys")
    await said(await client.post("/auth/register", json={"email": ANNA}), 202)
    async with mailing(settings) as mailer:
        object.__setattr__(mailer, "post", box := Postbox())
        await mailer.send_due()
    body = {"token": token_in(box.letters[0]), "password": PASSWORD}
    return await said(await client.post("/auth/register/complete", json=body), 201)


async def statuses(parts: Sequence[Running], tokens: Any, writers: int = 2) -> list[int]:
    """What each process answers to the access token: the write APIs, which come first, and the read APIs."""
    found = list[int]()
    for number, part in enumerate(parts):
        async with httpx.AsyncClient(base_url=part.url, trust_env=False, headers=bearer(tokens)) as client:
            if number < writers:
                answer = await client.get("/account")
            else:
                answer = await client.post("/graphql", json={"query": "{ me { subject } }"})
            found.append(answer.status_code)
    return found


async def test_what_ends_a_session_acts_on_four_processes_within_three_seconds_and_a_kill_loses_none(
    parts: list[Running], database_url: str, tmp_path: Path
) -> None:
    here, there = (httpx.AsyncClient(base_url=part.url, trust_env=False, timeout=30) for part in parts[:2])
    async with here, there:
        first = await registered(here, database_url, tmp_path)
        await all_take(parts, first)
        await said(await there.post("/auth/logout", json={"refresh_token": first["refresh_token"]}), 200)
        await all_refuse(parts, first)

        login = {"email": ANNA, "password": PASSWORD}
        lost, kept = [await said(await there.post("/auth/login", json=login), 200) for _ in range(2)]
        change = {"current": PASSWORD, "new": NEW_PASSWORD}
        await said(await here.put("/auth/password", json=change, headers=bearer(kept)), 200)
        await all_refuse(parts, lost)
        assert await statuses(parts, kept) == [200] * 4

        login = {"email": ANNA, "password": NEW_PASSWORD}
        second = await said(await there.post("/auth/login", json=login), 200)
        token = {"refresh_token": second["refresh_token"]}
        asked = [asyncio.create_task(there.post("/auth/refresh", json=token)) for _ in range(20)]
        await rotated(database_url)
        os.kill(parts[1].pid, signal.SIGKILL)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        repeated = await said(await here.post("/auth/refresh", json=token), 200)
        given = [it.json()["refresh_token"] for it in answers if isinstance(it, httpx.Response)]
        assert {*given, repeated["refresh_token"]} == {repeated["refresh_token"]}
        assert (await statuses([parts[0]], repeated)) == [200]

        living = [parts[0], *parts[2:]]
        await said(await here.delete("/account", headers=bearer(repeated)), 200)
        for ended in (repeated, kept):
            await all_refuse(living, ended, writers=1)


async def all_take(parts: Sequence[Running], tokens: Any) -> None:
    """Every process knows the key of the shop's first token within three seconds."""
    made = monotonic()
    while await statuses(parts, tokens) != [200] * len(parts):
        assert monotonic() - made < WITHIN
        await asyncio.sleep(0.1)


async def all_refuse(parts: Sequence[Running], tokens: Any, writers: int = 2) -> None:
    """Within three seconds of what was just done, no process takes the access token any more."""
    ended = monotonic()
    while await statuses(parts, tokens, writers) != [401] * len(parts):
        assert monotonic() - ended < WITHIN
        await asyncio.sleep(0.1)


async def rotated(database_url: str) -> None:
    """Wait until the rotation is committed."""
    connection = await asyncpg.connect(database_url)
    while not await connection.fetchval("select count(*) from identity.refresh where rotated_at is not null"):
        pass
    await connection.close()
