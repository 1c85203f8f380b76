"""Visitors browse the pages, fill carts and buy, over HTTP with cookies and forms: a page each ten seconds.

Of fifty visitors ten fill carts and one buys. For each kind of page the table names the time of the page, of its read
and of its command. Before, one visitor alone walks the same way: the shop at rest. Nothing is kept in a cache, and
styles, scripts and pictures are not loaded, which browsers keep.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Run
from tests.load.jobs import Good
from tests.load.visitors import Visitors

AT_REST = Goal("p95 under 50 ms", "p95_ms", 50)
BUSY = Goal("p95 under 300 ms", "p95_ms", 300)
ALONE_FOR = 0.25
"""Of the time that the crowd has."""


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    shop, seconds = await bench.shop(), bench.options.minute
    goods = msgspec.json.decode(shop.goods.read_bytes(), type=list[Good])
    origin = f"http://127.0.0.1:{shop.settings.web_port}"
    alone, crowd = Visitors(origin, goods, pause=0.1, buys=1), Visitors(origin, goods, pause=bench.options.pause)
    share = seconds * ALONE_FOR
    async for figure in _figures(bench, "web at rest", alone, 1, (share, share), AT_REST):
        yield figure
    async for figure in _figures(bench, "web", crowd, bench.options.visitors, (crowd.pause, seconds), BUSY):
        yield figure


async def _figures(
    bench: Bench, name: str, crowd: Visitors, visitors: int, warm_and_measured: tuple[float, float], goal: Goal
) -> AsyncIterator[Figure]:
    """A line of all pages, with the processor time; then those of each kind of page."""
    warm, seconds = warm_and_measured
    shop = await bench.shop()
    await shop.caught_up()
    before = {**shop.cpu(), "generator": time.process_time()}
    await crowd.come(visitors, seconds, warm)
    after = {**shop.cpu(), "generator": time.process_time()}
    share = seconds / (seconds + warm)
    cpu = {part: (after[part] - before[part]) * share for part in before}
    pages = crowd.pages
    kinds = sorted({*pages.times, *pages.errors})
    every = [ms for kind in kinds for ms in pages.times[kind]["page"]]
    errors = {f"{kind}: {error}": times for kind in kinds for error, times in pages.errors[kind].items()}
    web = f"web {cpu['web'] / max(len(every), 1) * 1e6:,.0f} us"
    rows: list[tuple[str, Sequence[float], Mapping[str, int], Mapping[str, float], Goal | None, str]] = [
        (f"{name}, all pages", every, errors, cpu, goal, web)
    ]
    for kind in kinds:
        times = pages.times[kind]
        rows.append((f"{name}, {kind}", times["page"], pages.errors[kind], {}, goal, ""))
        rows += [
            (f"{name}, {kind}: {part}", times[part], {}, {}, None, "") for part in ("read", "command") if times[part]
        ]
    for scenario, latencies, failed, spent, bound, note in rows:
        run = Run(len(latencies), seconds, latencies, failed, spent)
        yield bench.signed(Figure.of(scenario, visitors, run, bound, note))
