"""Jobs of the back office: the same in PostgreSQL as in memory, sealed, fenced, carried out once through kill -9."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.http.connection_slots import ConnectionSlots
from infra.postgres.lease import lease
from infra.postgres.membership import LeaseLost
from infra.postgres.sessions import Sessions as Connections
from infra.web.jobs import MOST_UNDER_WAY, PostgresJobs, key_of
from tests.support.fixtures.memory_jobs import MemoryJobs
from tests.support.fixtures.served import served
from web.ports import Job, Rights, Row, TooManyJobs, Work

SECRET = b"a secret of more than thirty-two bytes"
WORK = Work(title="Cancel orders", path="/orders/{row}/cancel", back="/desk/orders", body={"reason": "Recalled"})
RIGHTS = Rights(token="token-1", expires=4e9, address="192.0.2.7")
WITHIN = 60


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[PostgresJobs]:
    connections = Connections(database_url, "test", 3)
    jobs = PostgresJobs(connections, key_of(SECRET))
    await jobs.prepare()
    yield jobs
    await connections.close()


@pytest.fixture(params=["memory", "PostgreSQL"])
def jobs(request: pytest.FixtureRequest) -> PostgresJobs | MemoryJobs:
    found: PostgresJobs = request.getfixturevalue("stored")
    return MemoryJobs() if request.param == "memory" else found


def seen(*rows: Row, position: int = 0) -> Job:
    return Job(work=WORK, rows=list(rows), position=position)


async def test_a_job_waits_until_each_of_its_rows_is_settled(jobs: PostgresJobs | MemoryJobs) -> None:
    await jobs.start("j", "ada", WORK, RIGHTS, ["o-2", "o-1"])
    assert await jobs.next() == ("j", seen(Row("o-2"), Row("o-1")), RIGHTS)
    await jobs.settle("j", "o-1", "", 9)
    await jobs.settle("j", "o-2", "It has left.")
    assert await jobs.next() is None
    assert await jobs.find("j", "ada") == seen(Row("o-2", "It has left."), Row("o-1", ""), position=9)


async def test_a_job_that_is_started_twice_is_one(jobs: PostgresJobs | MemoryJobs) -> None:
    await jobs.start("j", "ada", WORK, RIGHTS, ["o-1"])
    await jobs.settle("j", "o-1", "")
    await jobs.start("j", "ada", WORK, RIGHTS, ["o-1", "o-2"])
    assert await jobs.find("j", "ada") == seen(Row("o-1", ""))


async def test_what_failed_waits_again_under_other_rights(jobs: PostgresJobs | MemoryJobs) -> None:
    await jobs.start("j", "ada", WORK, RIGHTS, ["o-1", "o-2"])
    await jobs.settle("j", "o-1", "", 9)
    await jobs.settle("j", "o-2", "It has left.")
    fresh = Rights(token="token-2", expires=5e9)
    await jobs.repeat("j", "ben", fresh)
    assert await jobs.next() is None
    await jobs.repeat("j", "ada", fresh)
    assert await jobs.next() == ("j", seen(Row("o-1", ""), Row("o-2"), position=9), fresh)


async def test_jobs_are_seen_by_their_owner_only_and_carried_out_in_their_order(
    jobs: PostgresJobs | MemoryJobs,
) -> None:
    await jobs.start("z", "ada", WORK, RIGHTS, ["o-1"])
    await jobs.start("a", "ben", WORK, RIGHTS, ["o-1"])
    assert await jobs.find("z", "ben") is None
    assert await jobs.find("none", "ada") is None
    found = await jobs.next()
    assert found is not None
    assert found[0] == "z"


async def test_one_person_has_few_jobs_under_way(jobs: PostgresJobs | MemoryJobs) -> None:
    for number in range(MOST_UNDER_WAY):
        await jobs.start(f"j{number}", "ada", WORK, RIGHTS, ["o-1"])
    with pytest.raises(TooManyJobs):
        await jobs.start("more", "ada", WORK, RIGHTS, ["o-1"])
    assert await jobs.find("more", "ada") is None
    await jobs.start("j0", "ada", WORK, RIGHTS, ["o-1"])
    await jobs.start("theirs", "ben", WORK, RIGHTS, ["o-1"])
    await jobs.settle("j0", "o-1", "")
    await jobs.start("more", "ada", WORK, RIGHTS, ["o-1"])


async def test_the_store_tells_neither_token_nor_reason_and_forgets_the_token_at_the_end(
    stored: PostgresJobs, database_url: str
) -> None:
    await stored.start("j", "ada", WORK, RIGHTS, ["o-1"])
    connection = await asyncpg.connect(database_url)
    (before,) = await connection.fetch("select * from web.jobs")
    await stored.settle("j", "o-1", "")
    (after,) = await connection.fetch("select * from web.jobs")
    await connection.close()
    for hidden in ("token-1", "Recalled", "192.0.2.7"):
        assert hidden not in str(before)
        assert hidden.encode() not in before["work"] + before["rights"]
    assert after["rights"] is None


async def test_a_job_of_another_secret_or_moved_to_another_row_is_removed(
    stored: PostgresJobs, database_url: str
) -> None:
    await stored.start("j", "ada", WORK, RIGHTS, ["o-1"])
    other = PostgresJobs(stored.connections, key_of(b"another secret"))
    assert await other.find("j", "ada") is None
    connection = await asyncpg.connect(database_url)
    await connection.execute("insert into web.jobs select 'k', owner, started_at, work, rights from web.jobs")
    await connection.execute("update web.job_rows set job = 'k'")
    await connection.close()
    assert await stored.next() is None
    assert await stored.find("k", "ada") is None


async def test_jobs_of_yesterday_are_removed(stored: PostgresJobs, database_url: str) -> None:
    await stored.start("old", "ada", WORK, RIGHTS, ["o-1"])
    connection = await asyncpg.connect(database_url)
    await connection.execute("update web.jobs set started_at = started_at - interval '25 hours'")
    await stored.start("new", "ada", WORK, RIGHTS, ["o-1"])
    await stored.remove_old()
    rows = await connection.fetch("select job from web.job_rows")
    await connection.close()
    assert [row["job"] for row in rows] == ["new"]


async def test_who_has_lost_the_lease_settles_nothing(stored: PostgresJobs, database_url: str) -> None:
    await stored.start("j", "ada", WORK, RIGHTS, ["o-1"])
    async with lease(database_url, "web jobs") as fence:
        late = stored.under(fence)
    async with lease(database_url, "web jobs"):
        with pytest.raises(LeaseLost):
            await late.settle("j", "o-1", "It failed.")
    assert await stored.find("j", "ada") == seen(Row("o-1"))


class StallingApi:
    """A write API that carries out each key once, and at some moment ceases to answer."""

    def __init__(self, stalls_after: int) -> None:
        self.sent = Counter[str]()
        self.effects = Counter[str]()
        self.stalls_after = stalls_after
        self.stalled = asyncio.Event()
        self.answers = asyncio.Event()

    async def cancel(self, request: Request) -> JSONResponse:
        key = request.headers["idempotency-key"]
        self.effects[request.path_params["order"]] += key not in self.sent
        self.sent[key] += 1
        if len(self.sent) == self.stalls_after:
            self.stalled.set()
        if len(self.sent) > self.stalls_after - 8:
            await self.answers.wait()
        return JSONResponse({"position": "7", "revision": 1}, 202)


@asynccontextmanager
async def web_process(database_url: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """What carries out jobs, in a process of its own, killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.infra.web.carrying_out", database_url, f"http://127.0.0.1:{port}", SECRET.decode()
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def test_a_killed_process_is_followed_by_another_and_each_row_is_done_once(
    stored: PostgresJobs, database_url: str
) -> None:
    rows = [f"o-{number}" for number in range(40)]
    api = StallingApi(stalls_after=24)
    app = Starlette(routes=[Route("/orders/{order}/cancel", api.cancel, methods=["POST"])])
    async with asyncio.timeout(WITHIN), served(app, ConnectionSlots(100, 100)) as server:
        await stored.start("j", "ada", WORK, RIGHTS, rows)
        async with web_process(database_url, server.port):
            await api.stalled.wait()
        api.answers.set()
        async with web_process(database_url, server.port):
            while await stored.next() is not None:  # noqa: ASYNC110  # another process ends it
                await asyncio.sleep(0.05)
    assert api.effects == Counter(rows)
    assert sum(api.sent.values()) - len(api.sent) == 8
    assert await stored.find("j", "ada") == seen(*(Row(row, "") for row in rows), position=7)
