"""A database that stands still: both APIs say so soon, all parts wait, and go on when it does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import asyncpg
import httpx
import pytest
import structlog

from infra.bootstrap.composition import build_read_models
from infra.bootstrap.data_folder import with_secrets
from infra.bootstrap.local_stack import free_port
from infra.bootstrap.parts import PROCESSES, drive_processes, feed_projections
from infra.bootstrap.read_api import read_side
from infra.bootstrap.write_api import write_side
from infra.postgres.embedded import EmbeddedPostgres
from infra.projections.run import NAME
from infra.settings import Settings
from process_managers.engine.partitions import PARTITIONS
from projections.registry import PROJECTIONS
from tests.infra.eventstore.test_postgres_away import standing_still
from tests.support.fixtures.freezing import shares
from tests.support.fixtures.proxy import until

WITHIN = 60
SOON = 4.0
"""Seconds: 2.5 are promised, and machines that run tests are busy."""

ASKED = {"query": "{ categories { name } }"}
SEARCHED = {"query": '{ search(term: "mug", first: 1) { edges { node { title } } } }'}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with TemporaryDirectory(prefix="counterfoil-away-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        server.start()
        yield server
        server.stop()


@dataclass(frozen=True, slots=True)
class Shop:
    write: httpx.AsyncClient
    read: httpx.AsyncClient


@pytest.fixture
async def shop(server: EmbeddedPostgres) -> AsyncIterator[Shop]:
    settings = with_secrets(Settings(data=server.folder, database=server.url))
    await build_read_models(settings)
    async with AsyncExitStack() as opened:
        yield Shop(
            *[
                await opened.enter_async_context(
                    httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop", timeout=60)
                )
                for app in (
                    await opened.enter_async_context(write_side(settings)),
                    await opened.enter_async_context(read_side(settings)),
                )
            ]
        )


@asynccontextmanager
async def soon() -> AsyncIterator[None]:
    began = monotonic()
    yield
    assert monotonic() - began < SOON


async def well(api: httpx.AsyncClient) -> bool:
    answer = await api.get("/health")
    return (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def answered(api: httpx.AsyncClient) -> bool:
    return "errors" not in (await api.post("/graphql", json=ASKED)).json()


async def test_health_says_what_does_not_answer_and_that_the_process_lives(
    server: EmbeddedPostgres, shop: Shop
) -> None:
    wrong = {
        shop.write: {"event store": "no answer within 2 s", "database": "no answer within 2 s"},
        shop.read: {"event store": "no answer within 2 s", "read models": "no answer within 2 s"},
    }
    for api in wrong:
        assert await well(api)
        assert (await api.get("/health/ready")).is_success
    await asyncio.sleep(0.6)  # until the answer is not given again
    with standing_still(server):
        for api, expected in wrong.items():
            async with soon():
                answer = await api.get("/health")
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            assert answer.json()["wrong"] == expected
            assert (await api.get("/health/ready")).status_code == 503
            assert (await api.get("/health/live")).status_code == 204
    for api in wrong:
        await until(lambda api=api: well(api))  # type: ignore[misc]


async def test_queries_say_soon_that_they_cannot_be_answered_however_many_wait(
    server: EmbeddedPostgres, shop: Shop
) -> None:
    assert await answered(shop.read)
    with standing_still(server):
        async with soon():
            answers = await asyncio.gather(
                *(shop.read.post("/graphql", json=asked) for asked in (ASKED, SEARCHED) for _ in range(20))
            )
        codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
        assert codes[:20] == ["UNAVAILABLE"] * 20
        assert set(codes[20:]) <= {"UNAVAILABLE", "BUSY"}  # searches take turns, and no more than a few wait
        async with soon():
            again = await shop.read.post("/graphql", json=ASKED)
        assert again.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    await until(lambda: answered(shop.read))


async def test_processes_and_projections_wait_for_the_database_and_go_on(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    settings = with_secrets(Settings(data=tmp_path, database=server.url, write_port=free_port("127.0.0.1", 0)))
    came_up = asyncio.Queue[str]()
    parts = {
        PROCESSES: asyncio.create_task(drive_processes(settings, lambda: came_up.put_nowait(PROCESSES))),
        NAME: asyncio.create_task(feed_projections(settings, lambda: came_up.put_nowait(NAME))),
    }
    async with asyncio.timeout(WITHIN):
        assert {await came_up.get(), await came_up.get()} == set(parts)
    admin = await asyncpg.connect(server.url)

    async def all_at_work() -> bool:
        return [await shares(admin, name) for name in (PROCESSES, NAME)] == [[PARTITIONS], [len(PROJECTIONS)]]

    await until(all_at_work)
    with structlog.testing.capture_logs() as said:
        with standing_still(server):
            # The lease first, then what the part opens anew: each is tried until it can be had.
            await until(lambda: began_again(said, "lease lost", 2))
            await until(lambda: began_again(said, "cannot be reached", 2))
        await until(all_at_work)
    assert not any(part.done() for part in parts.values())
    for part in parts.values():
        part.cancel()
    await asyncio.wait(parts.values())
    assert all(part.cancelled() for part in parts.values())
    await admin.close()


async def began_again(said: list[structlog.typing.EventDict], reason: str, times: int) -> bool:
    return len([line for line in said if line["event"] == "work begins again" and reason in line["reason"]]) >= times
