"""Everything together for a minute at fixed rates: checkouts, lists, pages, and probes that read what they wrote.

At the rates of the goal, and at a fifth, a tenth and a fiftieth of them. The rates are held when as many are served as
come; the lag of the read models is looked at in the middle of the minute and at its end, before anything could catch
up.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.jobs import Job
from tests.load.shop import Shop

PROBES = 10.0
WARM = 1.0
SHARES = (0.02, 0.1, 0.2, 1.0)
LAG = "{ projections { state lagEvents lagSeconds } }"
VISIBLE = Goal("p95 under 250 ms", "p95_ms", 250)


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    for share in SHARES:
        async for figure in _at(bench, share):
            yield figure


async def _at(bench: Bench, share: float) -> AsyncIterator[Figure]:
    shop, seconds = await bench.shop(), bench.options.minute
    rates = [rate * share for rate in bench.options.mix]
    jobs = [
        Job(visit=visit, rate=rate, seconds=seconds, warm=WARM, seed=seed)
        for seed, (visit, rate) in enumerate(zip(("checkout", "list", "page", "fresh"), [*rates, PROBES], strict=True))
    ]
    looks = asyncio.create_task(_lags(shop, [seconds / 2, seconds], 2 * WARM))
    runs = await bench.once(jobs)
    middle, end = await looks
    goals = [Goal(f"{rate:,.0f}/s held", "rate_per_second", 0.98 * rate) for rate in rates]
    busy = ", ".join(f"{part} {spent / runs[0].seconds:.0%}" for part, spent in runs[0].cpu.items())
    notes = {
        "checkout": f"of a core: {busy}, and three more generators",
        "visible": f"read models behind: {middle} in the middle, {end} at the end",
    }
    for name, run, goal in zip(("checkout", "list", "page", "visible"), runs, [*goals, VISIBLE], strict=True):
        scenario, alone = f"mixed {share:.0%}, {name}", replace(run, cpu={"generator": run.cpu["generator"]})
        figure = Figure.of(scenario, jobs[0].connections, alone, goal, notes.get(name, ""))
        bench.say(f"{scenario}: {figure.rate_per_second} a second, {figure.errors} errors {figure.note}")
        yield bench.signed(figure)


async def _lags(shop: Shop, moments: list[float], warm: float) -> list[str]:
    """How far the slowest read model is behind at each of the moments, counted from when the load begins."""
    found, waited = list[str](), 0.0
    async with shop.client() as client:
        for moment in moments:
            await asyncio.sleep(moment + warm - waited)
            waited = moment + warm
            answer = await client.ask(LAG, subject="bench", role="back_office")
            found.append(_slowest([one for one in answer["projections"] if one["state"] == "ACTIVE"]))
    return found


def _slowest(active: list[dict[str, Any]]) -> str:
    behind = max(active, key=lambda one: one["lagEvents"])
    return f"{behind['lagEvents']:,} events ({behind['lagSeconds']:.1f} s)"
