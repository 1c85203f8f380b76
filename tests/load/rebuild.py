"""Events per second while read models are rebuilt, and while `check` proves them.

`python -m tests.load.rebuild [--orders N] [URL]` writes N orders of three lines (about 40 events each) to an embedded
PostgreSQL or to an empty database, rebuilds every read model alone and then all at once, runs the proofs, prints a
table and writes build/rebuild.json.
"""

import asyncio
import json
import platform
import sys
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from os import cpu_count, getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
from rich.console import Console
from rich.table import Table

from commands.ports import EventStore
from infra.audit.check import check
from infra.codec import JsonCodec
from infra.eventstore.opening import open_event_store
from infra.postgres import EmbeddedPostgres
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.projections.run import run_projections
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from tests.support.sale import Sale, sale
from tests.support.shop import Append, Shop, Writer

PATIENCE = 3600.0
ENDS = {3: Sale.cancelled, 7: Sale.rejected, 11: Sale.short}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: `python_us` is processor time of this process per event of the log."""

    what: str
    events: int
    seconds: float
    per_second: int
    python_us: float


@dataclass(slots=True)
class Watch:
    """Stops wall time and processor time."""

    wall: float = 0.0
    processor: float = 0.0

    def start(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def figure(self, what: str, events: int) -> Figure:
        seconds, used = time.perf_counter() - self.wall, time.process_time() - self.processor
        return Figure(what, events, round(seconds, 2), round(events / seconds), round(used / events * 1e6, 1))


def history(orders: int) -> Iterator[Append]:
    """A range of products, and orders of which some are cancelled, rejected or picked short."""
    shop = Shop(products=2000, units=10**6)
    yield from shop.opening()
    for number in range(orders):
        yield from ENDS.get(number % 20, Sale.delivered)(sale(shop, number, lines=3))


async def measured(url: str, orders: int) -> AsyncIterator[Figure]:
    """Write the log, rebuild from it, prove it."""
    watch, store = Watch(), (await open_event_store(url)).store
    watch.start()
    await Writer(store).write(history(orders))
    events = int(await store.head())
    yield watch.figure("write the log", events)
    for projections in [*([projection] for projection in PROJECTIONS), list(PROJECTIONS)]:
        await emptied(url)
        watch.start()
        await _rebuild(url, store, projections)
        name = projections[0].name if len(projections) == 1 else "all read models"
        yield watch.figure(f"rebuild {name}", events)
    watch.start()
    verdict = await check(url, store, JsonCodec(), PROJECTIONS)
    yield watch.figure("check" if verdict.ok else "check (FAILED)", events)
    await store.close()


async def emptied(url: str) -> None:
    """No read model is built."""
    connection = await asyncpg.connect(url)
    await manage.install(connection)
    for build in await manage.builds(connection):
        await connection.execute(f"drop schema {build.schema} cascade")
    await connection.execute("truncate projection_builds")
    await connection.close()


async def _rebuild(url: str, store: EventStore, projections: Sequence[Projection]) -> None:
    runner = asyncio.create_task(run_projections(url, store, JsonCodec(), projections))
    async with ActiveBuilds(url) as active:
        await active.wait_for([projection.name for projection in projections], await store.head(), PATIENCE)
    runner.cancel()
    await asyncio.wait([runner])


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with TemporaryDirectory(prefix="counterfoil-load-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        yield server.start()
        server.stop()


async def _all(url: str, orders: int) -> list[Figure]:
    figures = list[Figure]()
    async for figure in measured(url, orders):
        sys.stderr.write(f"{figure.what}: {figure.per_second:,} events/s\n")
        figures.append(figure)
    return figures


def _show(figures: Sequence[Figure]) -> None:
    table = Table("", title=f"{figures[0].events:,} events", caption="us: smaller is better")
    for name in ("seconds", "events/s", "Python us"):
        table.add_column(name, justify="right")
    for figure in figures:
        table.add_row(figure.what, f"{figure.seconds:g}", f"{figure.per_second:,}", f"{figure.python_us:g}")
    Console().print(table)


def main() -> None:
    """Print and write the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--orders", type=int, default=5000)
    asked, load = parser.parse_args(), getloadavg()[0]
    with _database(asked.url) as url:
        figures = asyncio.run(_all(url, asked.orders))
    _show(figures)
    Path("build").mkdir(exist_ok=True)
    report = {
        "processors": cpu_count(),
        "load_before": load,
        "python": platform.python_version(),
        "figures": list(map(asdict, figures)),
    }
    Path("build/rebuild.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
