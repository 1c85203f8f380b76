"""Lists of twenty products over GraphQL, filtered by category, in one of four orders, page after page."""

from collections.abc import AsyncIterator

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.scenarios.reading import measure_reads

RATE = Goal("5,000/s", "rate_per_second", 5_000)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    async for figure in measure_reads(bench, "list", "list", RATE):
        yield figure
