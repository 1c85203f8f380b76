"""Connect to OpenSearch as the settings say: to search, to index, and to read how far the index is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from commands.recognising import EventAt
from infra.circuit import Circuit
from infra.opensearch.client import opened
from infra.opensearch.engine import OpenSearchEngine
from infra.opensearch.fallback import PATIENCE, WithFallback
from infra.opensearch.indexing import Indexer, alias_of
from infra.opensearch.source import Source
from infra.postgres.lease import lease
from infra.postgres.readers import Readers
from projections.engine.ports import SharedTables
from projections.search.postgres import PostgresSearch
from projections.search.question import SearchEngine

LEASE = "search-index"
PATIENCE_OF_COPIES = 30.0


@dataclass(frozen=True, slots=True)
class Search:
    """Implements read_api.ports.Search."""

    engine: OpenSearchEngine
    circuit: Circuit = field(default_factory=lambda: Circuit("OpenSearch"))

    def __call__(self, tables: SharedTables, *, fresh: bool) -> SearchEngine:
        return WithFallback(self.engine, PostgresSearch(tables), self.circuit, fresh)


@asynccontextmanager
async def search(url: str, prefix: str) -> AsyncIterator[Search]:
    async with opened(url, patience=PATIENCE) as client:
        yield Search(OpenSearchEngine(client, alias_of(prefix)))


async def follow(url: str, prefix: str, database: str, event_at: EventAt) -> None:
    """Keep the index equal to the read model until cancelled; `event_at` is the log's. Raises LeaseLost."""
    readers = Readers(database, 1)
    try:
        async with lease(database, f"{LEASE}-{prefix}"), opened(url, patience=PATIENCE_OF_COPIES) as client:
            await Indexer(client, Source(readers), prefix, event_at).run()
    finally:
        await readers.close()
