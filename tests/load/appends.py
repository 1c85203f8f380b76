"""Appends per second: `python -m tests.load.appends [URL]` prints a table and writes build/appends.json.

One event of 300 bytes per append, each to a stream of its own, on the event loop that uvicorn uses, against an
embedded PostgreSQL with fsync on or the database of the URL. Beside our group commit stands the eventsourcing library's
own recorder for PostgreSQL with 8 threads; it needs psycopg (`pip install 'eventsourcing[postgres]'`) and is left out
where that is missing. The adapter of EventStoreDB runs against our test server, which tells what the adapter and its
client cost, and not what EventStoreDB can do.
"""

import asyncio
import json
import platform
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from os import cpu_count, getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from commands.ports import NO_STREAM, NewEvent
from domain.shared.recorded import Metadata
from infra.eventstore.factory import open_event_store
from infra.postgres.embedded import EmbeddedPostgres
from tests.eventstoredb_server.running import running

DATA = b'{"text":"' + b"x" * 289 + b'"}'
OURS = {1: 3_000, 64: 60_000, 256: 100_000}
EVENTSTOREDB = {1: 500, 64: 2_000}
EVENTSTOREDB_FOLLOWED = 5_000
TEST_SERVER = "eventstoredb adapter, test server"
THEIRS = {8: 4_000}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: `python_us` is processor time of this process per append."""

    store: str
    at_once: int
    appends: int
    per_second: int
    python_us: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


def _figure(store: str, at_once: int, began: float, processor: float, took: list[float]) -> Figure:
    seconds, used = time.perf_counter() - began, time.process_time() - processor
    took.sort()
    return Figure(
        store,
        at_once,
        len(took),
        round(len(took) / seconds),
        round(used / len(took) * 1e6, 1),
        round(took[len(took) // 2] * 1000, 2),
        round(took[len(took) * 95 // 100] * 1000, 2),
        round(took[len(took) * 99 // 100] * 1000, 2),
    )


async def ours(url: str, at_once: int, appends: int, name: str = "counterfoil") -> Figure:
    """So many callers, each with one append under way."""
    store = (await open_event_store(url)).store
    left, took = iter([_event(uuid4()) for _ in range(appends)]), list[float]()

    async def work() -> None:
        for event in left:
            began = time.perf_counter()
            await store.append(f"load-{event.event_id}", [event], expected=NO_STREAM)
            took.append(time.perf_counter() - began)

    began, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(at_once)))
    figure = _figure(name, at_once, began, processor, took)
    await store.close()
    return figure


async def followed(url: str, events: int) -> Figure:
    """A subscription that catches up; `took` is how long each page let wait."""
    store, took = (await open_event_store(url)).store, list[float]()
    start = await store.head()
    for n in range(0, events, 500):
        await store.append(
            f"load-{uuid4()}", [_event(uuid4()) for _ in range(min(500, events - n))], expected=NO_STREAM
        )
    began, processor = time.perf_counter(), time.process_time()
    waited = began
    async for page in store.subscribe(after=start, batch=1000):
        took += [time.perf_counter() - waited] * len(page.records)
        waited = time.perf_counter()
        if len(took) >= events:
            break
    figure = _figure(f"{TEST_SERVER}: events followed", 1, began, processor, took)
    await store.close()
    return figure


async def eventstoredb() -> AsyncIterator[Figure]:
    """The adapter of EventStoreDB, against our test server."""
    async with running() as (_, url):
        for at_once, appends in EVENTSTOREDB.items():
            yield await ours(url, at_once, appends, TEST_SERVER)
        yield await followed(url, EVENTSTOREDB_FOLLOWED)


def _event(command: UUID) -> NewEvent:
    metadata = Metadata(command_id=command, correlation_id=command, causation_id=command, actor="load")
    return NewEvent(uuid4(), "load.appended.v1", DATA, metadata)


def theirs(url: str, threads: int, appends: int) -> Figure:
    """The library's own recorder, called by so many threads."""
    from eventsourcing.persistence import InfrastructureFactory, StoredEvent

    parts = urlsplit(url)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.removeprefix("/"),
        "POSTGRES_HOST": parts.hostname or parse_qs(parts.query)["host"][0],
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": parts.username or "postgres",
        "POSTGRES_PASSWORD": parts.password or "",
        "POSTGRES_POOL_SIZE": str(threads),
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_ORIGINATOR_ID_TYPE": "text",
        "ORIGINATOR_ID_TYPE": "text",
    }
    factory = InfrastructureFactory.construct(env)
    recorder = factory.application_recorder()

    def append(_: int) -> float:
        began = time.perf_counter()
        recorder.insert_events([StoredEvent(f"load-{uuid4()}", 0, "load.appended.v1", DATA)])
        return time.perf_counter() - began

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(append, range(threads * 10)))
        began, processor = time.perf_counter(), time.process_time()
        took = list(pool.map(append, range(appends)))
        figure = _figure("eventsourcing recorder, threads", threads, began, processor, took)
    factory.close()
    return figure


async def measure(url: str) -> list[Figure]:
    """All figures, one after the other."""
    figures = [await ours(url, at_once, appends) for at_once, appends in OURS.items()]
    figures += [figure async for figure in eventstoredb()]
    if find_spec("psycopg") and find_spec("psycopg_pool"):
        figures += [await asyncio.to_thread(theirs, url, threads, appends) for threads, appends in THEIRS.items()]
    return figures


@contextmanager
def _server(words: list[str]) -> Iterator[str]:
    if words:
        yield words[0]
        return
    with TemporaryDirectory(prefix="counterfoil-load-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        yield server.start()
        server.stop()


async def _versions(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    postgres = await connection.fetchval("show server_version")
    await connection.close()
    return {"python": platform.python_version(), "postgresql": postgres} | {
        package: _version(package)
        for package in ("uvloop", "asyncpg", "msgspec", "esdbclient", "grpcio", "eventsourcing", "psycopg")
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _show(figures: list[Figure], title: str) -> None:
    table = Table("store", title=title, caption="ms and us: smaller is better")
    columns: dict[str, Callable[[Figure], str]] = {
        "at once": lambda figure: str(figure.at_once),
        "appends/s": lambda figure: f"{figure.per_second:,}",
        "Python us": lambda figure: f"{figure.python_us:g}",
        "p50 ms": lambda figure: f"{figure.p50_ms:g}",
        "p99 ms": lambda figure: f"{figure.p99_ms:g}",
    }
    for name in columns:
        table.add_column(name, justify="right")
    for figure in figures:
        table.add_row(figure.store, *(show(figure) for show in columns.values()))
    Console().print(table)


def main(words: list[str]) -> None:
    load = getloadavg()[0]
    with _server(words) as url:
        versions, figures = uvloop.run(_versions(url)), uvloop.run(measure(url))
    _show(figures, ", ".join(f"{name} {number}" for name, number in versions.items()))
    Path("build").mkdir(exist_ok=True)
    report = {
        "processors": cpu_count(),
        "load_before": load,
        "versions": versions,
        "figures": list(map(asdict, figures)),
    }
    Path("build/appends.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
