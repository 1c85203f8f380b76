"""The read model of search in a database, and its copy in an OpenSearch that others use too."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import msgspec
from opensearchpy import AsyncOpenSearch

from commands.recognising import ends_before
from domain.shared.recorded import START, Position, Recorded
from infra.opensearch.client import opened
from infra.opensearch.engine import OpenSearchEngine
from infra.opensearch.indexing import Indexer, alias_of
from infra.opensearch.mapping import document
from infra.opensearch.source import Place, Source
from infra.postgres.readers import Readers
from infra.projections.builds import PostgresBuilds
from infra.projections.tables import SharedSchema
from projections.search.projection import PROJECTION
from tests.support.builders.event_log_builder import Log

PATIENCE = 20.0


@dataclass(slots=True)
class ReadModel:
    """What was told is in its rows after `feed`."""

    builds: PostgresBuilds
    readers: Readers
    tables: SharedSchema
    log: Log = field(default_factory=Log)
    position: Position = START

    async def feed(self) -> None:
        facts = [recorded for recorded in self.log.recorded if recorded.position > self.position]
        if facts:
            await self.take(facts, facts[-1].position, facts[-1].event_id)

    async def event_at(self, position: Position) -> UUID | None:
        """As EventStore.event_at, of what was told."""
        if position > len(self.log.recorded):
            raise ends_before(position, Position(len(self.log.recorded)))
        return self.log.recorded[position - 1].event_id if position else None

    async def take(self, facts: Sequence[Recorded[Any]], to: Position, event_id: UUID | None = None) -> None:
        """Take the next facts in, up to a position."""
        known = await self.builds.known()
        async with self.builds.moving(known, self.position, to, event_id) as tables:
            for build in known:
                await PROJECTION.project(facts, tables[build.schema])
        self.position = to


@asynccontextmanager
async def read_model(url: str) -> AsyncIterator[ReadModel]:
    builds, readers = PostgresBuilds(url), Readers(url, 2)
    await builds.prepare([PROJECTION])
    (build,) = await builds.known()
    yield ReadModel(builds, readers, SharedSchema(readers, build.schema))
    await readers.close()
    await builds.close()


@dataclass(slots=True)
class Copy:
    """An index of the read model's rows."""

    model: ReadModel
    client: AsyncOpenSearch
    indexer: Indexer
    engine: OpenSearchEngine

    async def differences(self) -> set[str]:
        """Ids of documents that are not what the rows of the read model say, or are there without a row."""
        source = self.indexer.source
        build = await source.active()
        assert build is not None
        rows = await source.changed(build, Place(), 10_000)
        await self.client.indices.refresh(index=self.engine.alias)
        query = {"query": {"exists": {"field": "product_id"}}, "size": 10_000}
        answer = await self.client.search(index=self.engine.alias, body=query)
        there = {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}
        expected = {
            f"{row.entry.product_id}~{row.entry.stretch}": document(row.entry, row.product) for row in rows if row.entry
        }
        plain = msgspec.json.decode(msgspec.json.encode(expected))
        return {it for it in plain.keys() | there.keys() if plain.get(it) != there.get(it)}

    async def settle(self) -> None:
        """Feed the read model, copy it, and let searches see it."""
        await self.model.feed()
        await self.indexer.catch_up()
        await self.client.indices.refresh(index=self.engine.alias)


@asynccontextmanager
async def copied(model: ReadModel, url: str, prefix: str | None = None) -> AsyncIterator[Copy]:
    """Under a prefix of its own, which is wiped at the end."""
    prefix = prefix or f"test-{uuid4().hex[:12]}"
    async with opened(url, patience=PATIENCE) as client:
        indexer = Indexer(client, Source(model.readers), prefix, model.event_at)
        try:
            yield Copy(model, client, indexer, OpenSearchEngine(client, alias_of(prefix)))
        finally:
            await client.indices.delete(index=f"{alias_of(prefix)}-*", params={"ignore_unavailable": "true"})
