"""Real baskets through the whole shop, while its parts are killed one after the other."""

import re
import time
from pathlib import Path

import asyncpg
import httpx

from infra.postgres.embedded import EmbeddedPostgres
from tests.e2e.shop import PATIENCE, Program, data_folder, report_of, running

BASKETS = 40
DEMO = ("demo", "--exit", "--json", "--products", "0", "--write-port", "0", "--read-port", "0", "--web-port", "0")
KILLED = ("projections", "processes", "write-api", "read-api")


async def orders_placed(data: Path) -> int:
    try:
        connection = await asyncpg.connect(EmbeddedPostgres(data).url)
        placed: int = await connection.fetchval("select count(*) from events where type = 'order.placed.v3'")
        await connection.close()
    except (OSError, asyncpg.PostgresError):
        return 0
    return placed


async def until_orders(program: Program, wanted: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while await orders_placed(program.data) < wanted:
        assert program.process.poll() is None, program.errors.read_text()
        assert time.monotonic() < deadline, f"{wanted} orders were never placed"
        time.sleep(0.05)  # noqa: ASYNC251 - nothing else runs in this loop


async def opened(program: Program) -> str:
    """The shop's address, which is told before anything is imported."""
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(r"The shop is open at (\S+)\. ", program.errors.read_text())):
        assert program.process.poll() is None, program.errors.read_text()
        assert time.monotonic() < deadline, "The shop never opened."
        time.sleep(0.05)  # noqa: ASYNC251 - nothing else runs in this loop
    return found[1]


async def test_killing_every_part_in_turn_loses_no_order_and_no_cent() -> None:
    with data_folder() as data:
        with running(data, *DEMO, "--baskets", str(BASKETS)) as program:
            page = httpx.get(await opened(program), trust_env=False)  # noqa: ASYNC210 - nothing else runs in this loop
            assert page.status_code == 200
            assert await orders_placed(data) == 0
            for number, part in enumerate(KILLED, start=1):
                await until_orders(program, 5 * number)
                program.kill(part)
            assert program.process.wait(PATIENCE) == 0, program.errors.read_text() + program.out.read_text()
            report = report_of(program)
            restarts = [line for line in program.errors.read_text().splitlines() if "starting it again" in line]
            assert sorted(line.split()[0] for line in restarts if "frozen" not in line) == sorted(KILLED)

        assert report["failures"] == []
        assert (report["baskets"], report["first_basket"], report["orders"]) == (BASKETS, 0, BASKETS)
        assert report["shipped"] == report["orders"]
        assert report["check"] == "passed"
        assert report["departments"]["GROCERY"]["data_set"] > 0
        assert all(one["read_model"] == one["data_set"] for one in report["departments"].values())

        with running(data, *DEMO, "--baskets", "5") as again:
            assert again.process.wait(PATIENCE) == 0, again.errors.read_text()
            report = report_of(again)
        assert (report["baskets"], report["first_basket"], report["orders"]) == (5, BASKETS, 5)
        assert report["check"] == "passed"
