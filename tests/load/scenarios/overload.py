"""Three times as many commands as the shop can carry out: the excess is refused early, and then all is as before.

First what it can carry out is measured; then half of that, three times that, and half of it again right afterwards.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from tests.load.bench import Bench, replaced
from tests.load.figures import Figure, Goal, Run
from tests.load.jobs import Job

CALM, RUSH = 0.5, 3.0
AT_ONCE = 64
CONNECTIONS = 2_000
REFUSED = "503"
SERVED = Goal("p95 of the served under 1 s", "p95_ms", 1_000)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    job = Job(visit="add", seconds=bench.options.seconds, connections=CONNECTIONS)
    (full,) = await bench.once([replaced(job, at_once=AT_ONCE)])
    before = await _at(bench, job, full.rate * CALM)
    yield bench.signed(Figure.of("overload, before", CONNECTIONS, before, note=f"half of {full.rate:,.0f} a second"))
    rush = await _at(bench, job, full.rate * RUSH)
    refused = sum(count for kind, count in rush.errors.items() if REFUSED in kind)
    others = {kind: count for kind, count in rush.errors.items() if REFUSED not in kind}
    note = f"{full.rate * RUSH:,.0f} a second sent, {refused:,} were refused"
    yield bench.signed(Figure.of("overload, rush", CONNECTIONS, replace(rush, errors=others), SERVED, note))
    after = await _at(bench, job, full.rate * CALM)
    usual = Figure.of("", 0, before).p95_ms or 0.0
    goal = Goal("p95 at most twice that of before", "p95_ms", 2 * usual)
    yield bench.signed(Figure.of("overload, after", CONNECTIONS, after, goal, "as before the rush"))


async def _at(bench: Bench, job: Job, rate: float) -> Run:
    (run,) = await bench.once([replaced(job, rate=rate)])
    return run
