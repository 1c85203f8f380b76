"""Appends of one event to different streams through the adapter, against the library's own recorder in the same run.

No shop is open; callers and store share this process, whose time is given as the API's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from infra.postgres.embedded import EmbeddedPostgres
from tests.load import appends
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.folders import own_server
from tests.load.processor import seconds_of_server

THREADS, TIMES = 8, 20
APPENDS = {64: 60_000, 256: 100_000}


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    runs, seconds = bench.options.runs, bench.options.seconds / 5
    with own_server() as server:
        url, count = server.url, round(4_000 * seconds)
        theirs = await _median(server, runs, lambda: asyncio.to_thread(appends.theirs, url, THREADS, count))
        yield bench.signed(_figure("appends, the library's recorder", theirs, None))
        goal = Goal(
            f"{TIMES} times the library's {theirs[0].per_second:,}/s", "rate_per_second", TIMES * theirs[0].per_second
        )
        for at_once, most in APPENDS.items():
            ours = await _median(server, runs, partial(appends.ours, url, at_once, round(most * seconds)))
            bench.say(f"appends, {at_once}: {ours[0].per_second:,} a second, theirs {theirs[0].per_second:,}")
            yield bench.signed(_figure("appends", ours, goal))
    async for figure in appends.eventstoredb():
        yield bench.signed(_figure(f"appends, {figure.store}", (figure, None), None))


async def _median(
    server: EmbeddedPostgres, runs: int, measure_once: Callable[[], Awaitable[appends.Figure]]
) -> tuple[appends.Figure, float]:
    """With the server's processor time for each append, in microseconds."""
    found = list[tuple[appends.Figure, float]]()
    for _ in range(runs):
        before = seconds_of_server(server.pid())
        figure = await measure_once()
        found.append((figure, (seconds_of_server(server.pid()) - before) / figure.appends * 1e6))
    return sorted(found, key=lambda one: one[0].per_second)[(runs - 1) // 2]


def _figure(scenario: str, measured: tuple[appends.Figure, float | None], goal: Goal | None) -> Figure:
    figure, postgres = measured
    return Figure(
        scenario=scenario,
        connections=figure.at_once,
        rate_per_second=figure.per_second,
        p50_ms=figure.p50_ms,
        p95_ms=figure.p95_ms,
        p99_ms=figure.p99_ms,
        cpu_us={"api": figure.python_us} | ({} if postgres is None else {"postgres": round(postgres, 1)}),
        goal=goal,
        note=f"{figure.appends:,} appends",
    )
