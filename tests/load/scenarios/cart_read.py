"""Shoppers read their carts of three lines over GraphQL, each with a token of their own."""

from collections.abc import AsyncIterator

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.jobs import Job

GOAL = Goal("3,000/s", "rate_per_second", 3_000)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    for at_once in (16, 64):
        job = Job(visit="cart", at_once=at_once, seconds=bench.options.seconds)
        yield await bench.drive("cart-read", job, GOAL)
