"""Processes and projections with one, two and four workers, each alone with the database; and one worker killed.

A backlog of checkouts waits: measured from when all workers are up until every order is placed. It has to be worked off
within ten seconds, or checkouts end for want of a reservation. Then the read models are made anew from that log. At
last one of two workers of the processes is killed: measured until the other one has all of the work.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from domain.shared.recorded import Position
from infra.bootstrap.data_folder import with_secrets
from infra.bootstrap.local_stack import parts_of
from infra.bootstrap.supervisor import Supervisor
from infra.postgres.embedded import EmbeddedPostgres
from infra.projections.active import ActiveBuilds
from infra.settings import Settings
from process_managers.engine.partitions import PARTITIONS
from projections.registry import PROJECTIONS
from tests.load import backlog
from tests.load.bench import Bench
from tests.load.figures import Figure
from tests.load.folders import own_server
from tests.load.history import emptied
from tests.load.processor import seconds_of, seconds_of_server
from tests.support.fixtures.freezing import shares

WORKERS = (1, 2, 4)
LOOK_EVERY, PATIENCE = 0.05, 900.0
PLACED = "select count(*) from events where type = 'order.placed.v3'"
HEAD = "select max(position) from events"


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    orders = bench.options.orders // 5
    with own_server() as server:
        settings = with_secrets(Settings(data=server.folder, database=server.url, test_gateway=True))
        await backlog.receive(server.url)
        connection = await asyncpg.connect(server.url)
        placed = 0
        for workers in WORKERS:
            await backlog.check_out(server.url, f"of-{workers}", orders)
            placed += orders
            async with _at_work("processes", settings, workers, server) as clock:
                await _until(connection, PLACED, placed)
                figure = clock.figure("workers, processes", orders, "checkouts")
            bench.say(f"{figure.scenario}, {workers}: {figure.rate_per_second:.0f} a second")
            yield bench.signed(figure)
        yield bench.signed(await _killed(connection, settings))
        events = await connection.fetchval(HEAD)
        for workers in WORKERS:
            await emptied(server.url)
            async with _at_work("projections", settings, workers, server) as clock:
                async with ActiveBuilds(server.url) as active:
                    await active.wait_for([it.name for it in PROJECTIONS], Position(events), PATIENCE)
                figure = clock.figure("workers, projections", events, "events")
            bench.say(f"{figure.scenario}, {workers}: {figure.rate_per_second:.0f} a second")
            yield bench.signed(figure)
        await connection.close()


class _Clock:
    """Reads wall time and processor time from when the workers are up."""

    def __init__(self, part: str, supervisor: Supervisor, server: EmbeddedPostgres) -> None:
        self.part, self.supervisor, self.server = part, supervisor, server
        self.began, self.spent = time.monotonic(), self._spent()

    def _spent(self) -> tuple[float, float]:
        workers = [part.process.pid for part in self.supervisor.parts if part.process is not None]
        return sum(map(seconds_of, workers)), seconds_of_server(self.server.pid())

    def figure(self, scenario: str, done: int, what: str) -> Figure:
        seconds, (mine, postgres) = time.monotonic() - self.began, self._spent()
        return Figure(
            scenario=scenario,
            connections=len(self.supervisor.parts),
            rate_per_second=round(done / seconds, 1),
            cpu_us={
                self.part: round((mine - self.spent[0]) / done * 1e6, 1),
                "postgres": round((postgres - self.spent[1]) / done * 1e6, 1),
            },
            note=f"{done:,} {what} in {seconds:.1f} s",
        )


@asynccontextmanager
async def _at_work(part: str, settings: Settings, workers: int, server: EmbeddedPostgres) -> AsyncIterator[_Clock]:
    supervisor = Supervisor(parts_of(part, settings, workers), lambda _: None)
    try:
        await supervisor.start()
        yield _Clock(part, supervisor, server)
    finally:
        await supervisor.stop()


async def _killed(connection: asyncpg.Connection, settings: Settings) -> Figure:
    """One of two is killed and not started again."""
    parts = parts_of("processes", settings, 2)
    for part in parts:
        await part.start()
    await _shares(connection, [PARTITIONS // 2] * 2)
    first, second = (part.process for part in parts)
    assert first is not None
    assert second is not None
    os.kill(first.pid, signal.SIGKILL)
    began = time.monotonic()
    await _shares(connection, [PARTITIONS])
    moved = time.monotonic() - began
    second.terminate()
    await asyncio.gather(first.wait(), second.wait())
    return Figure(
        scenario="workers, one of two killed",
        connections=2,
        p50_ms=round(moved * 1000, 1),
        note="until the other one had all of the work",
    )


async def _shares(connection: asyncpg.Connection, wanted: list[int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await shares(connection, "processes") != wanted:  # noqa: ASYNC110  # nobody announces it
            await asyncio.sleep(LOOK_EVERY)


async def _until(connection: asyncpg.Connection, count: str, wanted: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await connection.fetchval(count) < wanted:  # noqa: ASYNC110  # nobody announces it
            await asyncio.sleep(LOOK_EVERY)
