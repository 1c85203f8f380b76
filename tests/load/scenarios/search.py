"""Search over GraphQL: a page of twenty with all its numbers, and completions; on PostgreSQL, then on OpenSearch.

Terms are those by which relevance is judged, a third of them with a filter. Between the engines the whole catalogue is
copied into an index, which is timed. Without OpenSearch that half says so and measures nothing.
"""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.dev_servers.ports import ServiceMissing
from infra.dev_servers.registry import instances, ports
from infra.eventstore.factory import open_event_store
from infra.opensearch.client import opened
from infra.opensearch.indexing import Indexer
from infra.opensearch.source import Source
from infra.postgres.readers import Readers
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal
from tests.load.folders import temporary_folder
from tests.load.jobs import Job

AT_ONCE = (16, 64)
GOAL = Goal("1,000/s, p95 under 100 ms", "rate_per_second", 1_000)
PREFIX, PATIENCE = "bench", 60.0
SET = ("COUNTERFOIL_OPENSEARCH", "COUNTERFOIL_OPENSEARCH_PREFIX")


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    with _set_to():
        async for figure in _on_engine(bench, "PostgreSQL"):
            yield figure
        url = (await bench.shop()).url
        try:
            with temporary_folder() as folder, _node(folder) as node:
                yield bench.signed(await _indexed(node.address, url))
                await bench.quiet()
                with _set_to(node.address, PREFIX):
                    async for figure in _on_engine(bench, "OpenSearch"):
                        yield figure
                    await bench.quiet()
        except ServiceMissing as missing:
            yield bench.signed(Figure(scenario="search on OpenSearch", connections=0, note=str(missing)))


async def _on_engine(bench: Bench, engine: str) -> AsyncIterator[Figure]:
    for visit, goal in (("search", GOAL), ("complete", None)):
        for at_once in AT_ONCE:
            job = Job(visit=visit, at_once=at_once, seconds=bench.options.seconds)
            yield await bench.drive(f"{visit} on {engine}", job, goal)


async def _indexed(node: str, database: str) -> Figure:
    """The whole catalogue from the read model into an empty index."""
    readers = Readers(database, 1)
    async with opened(node, patience=PATIENCE) as client:
        began = time.perf_counter()
        store = (await open_event_store(database)).store
        rows = await Indexer(client, Source(readers), PREFIX, store.event_at).catch_up()
        seconds = time.perf_counter() - began
    await store.close()
    await readers.close()
    note = f"{rows:,} products in {seconds:.1f} s"
    return Figure(scenario="index into OpenSearch", connections=1, rate_per_second=round(rows / seconds, 1), note=note)


@contextmanager
def _node(folder: Path) -> Iterator[Instance]:
    (node,) = instances(folder, ("opensearch",))
    node.start(default_cache(), ports(node.server, 0))
    try:
        yield node
    finally:
        node.kill()


@contextmanager
def _set_to(*values: str) -> Iterator[None]:
    """What shops find in the environment; nothing of it without values."""
    before = {name: os.environ.pop(name) for name in SET if name in os.environ}
    os.environ.update(zip(SET, values, strict=False))
    try:
        yield
    finally:
        for name in SET:
            os.environ.pop(name, None)
        os.environ.update(before)
