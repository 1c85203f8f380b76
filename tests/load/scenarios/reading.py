"""What lists and pages have in common: rates at some numbers of connections, latencies at a thousand of them."""

from collections.abc import AsyncIterator

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.jobs import Job

AT_ONCE, MANY = (1, 16, 64), 1_000
LATENCY = Goal("p95 under 300 ms", "p95_ms", 300)
SHARE = 0.5


async def measure_reads(bench: Bench, scenario: str, visit: str, goal: Goal) -> AsyncIterator[Figure]:
    """Closed loops, the most connections against the latency, then an open loop at half of the best rate."""
    best = 0.0
    for at_once in AT_ONCE:
        job = Job(visit=visit, at_once=at_once, seconds=bench.options.seconds)
        figure = await bench.drive(scenario, job, goal)
        best = max(best, figure.rate_per_second or 0.0)
        yield figure
    job = Job(visit=visit, at_once=MANY, connections=MANY, seconds=bench.options.seconds)
    yield await bench.drive(scenario, job, LATENCY)
    if best:
        rate = round(best * SHARE)
        job = Job(visit=visit, rate=rate, connections=MANY, seconds=bench.options.seconds)
        yield await bench.drive(f"{scenario}, open loop", job, None, f"{rate:,} a second requested, half of the best")
