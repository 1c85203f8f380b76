"""Completed checkouts: a cart, two more lines, address and payment, the order placed and read by its buyer.

A buyer sends three commands, waits until the order is in the list of orders that one page looks at for all buyers,
and reads it. So a checkout is done when GraphQL shows it, not when it was accepted.
"""

from collections.abc import AsyncIterator

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.jobs import Job

BUYERS = (1, 16, 64, 256)
ASKED = 500
RATE = Goal("1,000/s", "rate_per_second", 1_000)
LATENCY = Goal("p95 under 500 ms at 500/s", "p95_ms", 500)
SIZE = "select pg_database_size(current_database())"
ORDERS = "select count(*) from events where type = 'order.placed.v3'"


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    shop, best = await bench.shop(), 0.0
    size, orders = await shop.database(SIZE), await shop.database(ORDERS)
    for buyers in BUYERS:
        job = Job(visit="checkout", at_once=buyers, seconds=bench.options.seconds)
        figure = await bench.drive("checkout", job, RATE)
        best = max(best, figure.rate_per_second or 0.0)
        if buyers == BUYERS[-1]:
            placed = await shop.database(ORDERS) - orders
            grown = (await shop.database(SIZE) - size) / max(placed, 1) / 1024
            held = ", ".join(f"{part} {size:.0f}" for part, size in shop.megabytes().items())
            figure = figure.noting(f"{grown:.1f} KB of database an order", f"MB held under load: {held}")
        yield figure
    for rate, goal, what in ((ASKED, LATENCY, "the goal's rate"), (round(best * 0.5), None, "half of the best")):
        if rate:
            job = Job(visit="checkout", rate=rate, seconds=bench.options.seconds)
            yield await bench.drive("checkout, open loop", job, goal, f"{rate:,} a second requested, {what}")
