"""Search with a term. There is no search engine in the shop yet, so this says that and measures nothing."""

from collections.abc import AsyncIterator

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal

GOAL = Goal("1,000/s, p95 under 100 ms", "rate_per_second", 1_000)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    for connections in (16, 64):
        figure = Figure(scenario="search", connections=connections, goal=GOAL, note="not there yet")
        yield bench.signed(figure)
