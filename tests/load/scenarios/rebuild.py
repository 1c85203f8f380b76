"""All read models made anew from a log of orders; then the proof of that log. Once, for it takes long.

The log has about 40 events an order; a million events is `--orders 25000`.
"""

from collections.abc import AsyncIterator

from tests.load import rebuild
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.folders import own_server
from tests.load.processor import seconds_of_server

GOAL = Goal("100,000 events/s", "rate_per_second", 100_000)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    with own_server() as server:
        before = seconds_of_server(server.pid())
        async for found in rebuild.measured(server.url, bench.options.orders):
            spent, before = seconds_of_server(server.pid()) - before, seconds_of_server(server.pid())
            bench.say(f"{found.what}: {found.per_second:,} events a second")
            yield bench.signed(_figure(found, spent))


def _figure(found: rebuild.Figure, postgres: float) -> Figure:
    return Figure(
        scenario=f"rebuild, {found.what.removeprefix('rebuild ')}",
        connections=1,
        rate_per_second=found.per_second,
        errors=int(found.what == "check (FAILED)"),
        cpu_us={"projections": found.python_us, "postgres": round(postgres / found.events * 1e6, 1)},
        goal=GOAL if found.what == "rebuild all read models" else None,
        note=f"{found.events:,} events in {found.seconds:g} s",
    )
