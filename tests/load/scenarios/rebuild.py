"""All read models made from a long log, then made again beside those that are read, then the proof of that log. Once.

First one process makes them from nothing. Then two share the work of new builds, while somebody asks the read API for
lists of products. The log has about 36 events an order: a million are `--orders 28000`, ten million `--orders 280000`.
What the processes hold in memory is told at a tenth, at half and at the end of the log.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from domain.shared.recorded import Position
from infra.audit.check import check
from infra.bootstrap.data_folder import with_secrets
from infra.bootstrap.local_stack import free_port, parts_of
from infra.bootstrap.supervisor import Supervisor
from infra.eventstore.factory import open_event_store
from infra.postgres.embedded import EmbeddedPostgres
from infra.projections import manage
from infra.serialization.codec import JsonCodec
from infra.settings import Settings
from projections.registry import PROJECTIONS
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, percentile
from tests.load.folders import own_server
from tests.load.history import written
from tests.load.http import Client, Pool, VisitFailed
from tests.load.processor import megabytes_of, seconds_of, seconds_of_server

GOAL = Goal("100,000 events/s", "rate_per_second", 100_000)
MARKS = (10, 50, 100)
LOOK_EVERY, ASK_EVERY, PATIENCE = 0.1, 0.05, 3600.0
LIST = "{ products(first: 20) { edges { node { productId title price { formatted } } } } }"
NEWEST = """
select min(position) from (
    select distinct on (name) position from projection_builds where status <> 'dropped' order by name, build desc
) newest having count(*) = $1
"""


@dataclass(slots=True)
class _Work:
    """What was spent since it began, by the parts and by the server; what the parts hold on the way."""

    supervisor: Supervisor
    server: EmbeddedPostgres
    events: int
    megabytes: dict[int, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    before: tuple[float, float] = (0.0, 0.0)

    def spent(self) -> tuple[float, float]:
        return sum(map(seconds_of, self._pids())), seconds_of_server(self.server.pid())

    def look(self, position: int) -> None:
        for mark in MARKS:
            if mark not in self.megabytes and position * 100 >= self.events * mark:
                self.megabytes[mark] = sum(map(megabytes_of, self._pids()))

    def figure(self, what: str, goal: Goal | None = None, note: str = "") -> Figure:
        seconds, now = time.perf_counter() - self.began, self.spent()
        mine, postgres = ((after - before) / self.events * 1e6 for after, before in zip(now, self.before, strict=True))
        held = ", ".join(f"{megabytes:.0f} at {mark}%" for mark, megabytes in self.megabytes.items())
        told = f"{self.events:,} events in {seconds:.1f} s; MB held: {held}"
        return Figure(
            scenario=f"rebuild, {what}",
            connections=len(self.supervisor.parts),
            rate_per_second=round(self.events / seconds, 1),
            cpu_us={"projections": round(mine, 1), "postgres": round(postgres, 1)},
            goal=goal,
            note="; ".join(filter(None, (told, note))),
        )

    def _pids(self) -> list[int]:
        return [part.process.pid for part in self.supervisor.parts if part.process is not None]


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    with own_server() as server:
        port = free_port("127.0.0.1", 0)
        settings = with_secrets(Settings(data=server.folder, database=server.url, read_port=port))
        began, before = time.perf_counter(), (time.process_time(), seconds_of_server(server.pid()))
        events = await written(server.url, bench.options.orders)
        yield bench.signed(_alone("write the log", server, events, began, before))
        connection = await asyncpg.connect(server.url)
        async with _at_work(settings, 1, server, events) as work:
            await _built(connection, work)
            figure = work.figure("all read models from nothing")
        yield bench.signed(figure)
        async with _at_work(settings, 2, server, events) as work, _asking(settings) as asked:
            for projection in PROJECTIONS:
                await manage.rebuild(connection, projection)
            await _built(connection, work)
            answered = (
                f"a list meanwhile: p50 {percentile(sorted(asked), 50)} ms, p95 {percentile(sorted(asked), 95)} ms"
            )
            figure = work.figure("all read models beside those that are read", GOAL, answered)
            for projection in PROJECTIONS:
                await manage.switch(connection, projection.name)
        yield bench.signed(figure)
        began, before = time.perf_counter(), (time.process_time(), seconds_of_server(server.pid()))
        opened = await open_event_store(server.url)
        verdict = await check(server.url, opened.store, JsonCodec(), PROJECTIONS)
        await opened.store.close()
        yield bench.signed(_alone("check" if verdict.ok else "check (FAILED)", server, events, began, before))
        await connection.close()


def _alone(what: str, server: EmbeddedPostgres, events: int, began: float, before: tuple[float, float]) -> Figure:
    """What this process did."""
    seconds, now = time.perf_counter() - began, (time.process_time(), seconds_of_server(server.pid()))
    mine, postgres = (round((after - earlier) / events * 1e6, 1) for after, earlier in zip(now, before, strict=True))
    return Figure(
        scenario=f"rebuild, {what}",
        connections=1,
        rate_per_second=round(events / seconds, 1),
        errors=int("FAILED" in what),
        cpu_us={"projections": mine, "postgres": postgres},
        note=f"{events:,} events in {seconds:.1f} s",
    )


@asynccontextmanager
async def _at_work(settings: Settings, workers: int, server: EmbeddedPostgres, events: int) -> AsyncIterator[_Work]:
    supervisor = Supervisor(parts_of("projections", settings, workers), lambda _: None)
    try:
        await supervisor.start()
        work = _Work(supervisor, server, events)
        work.before = work.spent()
        yield work
    finally:
        await supervisor.stop()


async def _built(connection: asyncpg.Connection, work: _Work) -> None:
    """Until the newest build of every read model has come to the end of the log."""
    end, position = Position(work.events), 0
    async with asyncio.timeout(PATIENCE):
        while position < end:
            await asyncio.sleep(LOOK_EVERY)
            position = await connection.fetchval(NEWEST, len(PROJECTIONS)) or 0
            work.look(position)


@asynccontextmanager
async def _asking(settings: Settings) -> AsyncIterator[list[float]]:
    """Somebody asks for a list again and again; gives the milliseconds until each answer."""
    supervisor = Supervisor(parts_of("read-api", settings, 1), lambda _: None)
    pool = Pool(settings.read_port, 1)
    client, latencies = Client(pool, pool), list[float]()

    async def ask() -> None:
        while True:
            began = time.perf_counter()
            if not (await client.ask(LIST, {}))["products"]["edges"]:
                raise VisitFailed("an empty list")
            latencies.append(round((time.perf_counter() - began) * 1000, 2))
            await asyncio.sleep(ASK_EVERY)

    try:
        await supervisor.start()
        asking = asyncio.create_task(ask())
        yield latencies
        asking.cancel()
        await asyncio.wait([asking])
        if not asking.cancelled():
            asking.result()
    finally:
        pool.close()
        await supervisor.stop()
