"""What every visit costs in a shop with a tenth of the catalogue and its log, and in one with all of it.

Both are told beside each other, and how many rows of large tables a visit reads by going through them from one end to
the other: an index that is missing shows there long before it is felt. Processor time is compared, since it does not
depend on who else uses the machine; the goal is one of rates, as all others are.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import asyncpg

from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.jobs import Job

AT_ONCE = 16
VISITS = {
    "list": "list",
    "page": "page",
    "search": "search",
    "cart": "cart-read",
    "add": "add-to-cart",
    "checkout": "checkout",
}
CATALOGUE, TIMES, SOME, WITHIN = 92_331, 10, 1_000, 0.15
SCANNED = """
select schemaname || '.' || relname as name, seq_tup_read from pg_stat_user_tables where n_live_tup > $1
"""


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    whole = bench.options.products or CATALOGUE
    tenth = bench.options.data.with_name(f"{bench.options.data.name}-tenth")
    before = dict[str, Figure]()
    async with Bench(replace(bench.options, products=whole // TIMES, data=tenth), bench.console) as small:
        async for visit, figure in _visits(small):
            before[visit] = figure
            yield figure
    async for visit, figure in _visits(bench):
        rate, times = before[visit].rate_per_second or 0.0, _cost(figure) / _cost(before[visit])
        goal = Goal(f"within 15% of {rate:,.0f}/s", "rate_per_second", rate * (1 - WITHIN))
        yield replace(figure, goal=goal).noting(f"{times:.2f} times the processor time of a tenth")


async def _visits(bench: Bench) -> AsyncIterator[tuple[str, Figure]]:
    shop = await bench.shop()
    await _vacuumed(shop.url)
    events = await shop.database("select max(position) from events")
    share = f"{bench.options.products or CATALOGUE:,} products"
    for visit, scenario in VISITS.items():
        job = Job(visit=visit, at_once=AT_ONCE, seconds=bench.options.seconds)
        scanned = await _scanned(shop.url)
        figure = await bench.drive(f"growth, {scenario}, {share}", job, note=f"a log of {events:,} events")
        done = max(1.0, (figure.rate_per_second or 0.0) * bench.options.seconds * bench.options.runs)
        rows = {name: (read - scanned.get(name, 0)) / done for name, read in (await _scanned(shop.url)).items()}
        worst = [f"{name} {each:,.0f} rows a visit" for name, each in rows.items() if each > SOME]
        yield visit, figure.noting(f"read from end to end: {', '.join(worst)}" if worst else "")


def _cost(figure: Figure) -> float:
    """Microseconds of all parts for one visit, the generator's not included."""
    return sum(spent for part, spent in figure.cpu_us.items() if part != "generator") or 1.0


async def _vacuumed(url: str) -> None:
    """Done now, what imports and earlier scenarios have left to PostgreSQL's own vacuum is not done meanwhile."""
    connection = await asyncpg.connect(url)
    await connection.execute("vacuum analyze")
    await connection.close()


async def _scanned(url: str) -> Mapping[str, int]:
    """Rows of each table with more than a few that were read in no index, since the statistics began."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(SCANNED, SOME)
    await connection.close()
    return {row["name"]: row["seq_tup_read"] for row in rows}
