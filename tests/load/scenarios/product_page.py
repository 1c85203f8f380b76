"""Pages of ten thousand different products over GraphQL: all that is known of one, its stock and its category."""

from collections.abc import AsyncIterator

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.scenarios.reading import measure_reads

RATE = Goal("8,000/s", "rate_per_second", 8_000)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    async for figure in measure_reads(bench, "page", "page", RATE):
        yield figure
