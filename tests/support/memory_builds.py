"""Builds in memory, and a log that hands out the batches that a test prepares."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from domain.shared.recorded import START, Position, Recorded
from projections.engine.builds import Build, CheckpointMoved, Status
from projections.engine.ports import Batch, FedTables, StorageUnavailable
from projections.engine.projection import Projection


@dataclass(slots=True)
class MemoryBuilds:
    """`moves` are the transactions that were stored: which builds, from where, to where."""

    builds: dict[str, Build] = field(default_factory=dict)
    moves: list[tuple[list[str], int, int]] = field(default_factory=list)
    unavailable: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _step: asyncio.Event = field(default_factory=asyncio.Event)

    async def next_step(self) -> None:
        """Wait until something here has changed."""
        await self._step.wait()

    async def prepare(self, projections: Sequence[Projection]) -> None:
        for projection in projections:
            if all(
                (build.name, build.version) != (projection.name, projection.version) for build in self.builds.values()
            ):
                self.make(projection)

    async def known(self) -> Sequence[Build]:
        self.news.clear()
        return list(self.builds.values())

    async def changed(self) -> None:
        await self.news.wait()

    @asynccontextmanager
    async def moving(
        self, builds: Sequence[Build], start: Position, to: Position
    ) -> AsyncIterator[Mapping[str, FedTables]]:
        if self.unavailable:
            self.unavailable -= 1
            raise StorageUnavailable
        schemas = [build.schema for build in builds]
        if any(self.builds[schema].position != start for schema in schemas):
            raise CheckpointMoved(str(schemas))
        yield {schema: Nothing() for schema in schemas}
        for schema in schemas:
            self.builds[schema] = replace(self.builds[schema], position=to, error=None)
        self.moves.append((schemas, start, to))
        self._happened()

    async def fail(self, build: Build, error: str) -> None:
        self.builds[build.schema] = replace(self.builds[build.schema], error=error)
        self._happened()

    def make(self, projection: Projection, position: Position = START) -> None:
        """Add a build, as `projections rebuild` does."""
        numbers = [build.number for build in self.builds.values() if build.name == projection.name]
        status = Status.BUILDING if numbers else Status.ACTIVE
        build = Build(
            name=projection.name,
            number=len(numbers) + 1,
            version=projection.version,
            status=status,
            position=position,
        )
        self.builds[build.schema] = build
        self.news.set()
        self._happened()

    def _happened(self) -> None:
        self._step.set()
        self._step = asyncio.Event()


class Nothing:
    """Tables of a read model that writes no rows."""

    async def execute(self, statement: str, *values: object) -> str:
        raise NotImplementedError

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        raise NotImplementedError

    async def fetchrow(self, statement: str, *values: object) -> Any:
        raise NotImplementedError

    async def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        raise NotImplementedError


@dataclass(slots=True)
class BatchLog:
    """A log of which readers see as much as `shown` says, in batches of `size`, or of a size by where they began."""

    recorded: Sequence[Recorded[Any]]
    size: int = 100
    sizes: Mapping[int, int] = field(default_factory=dict)
    shown: int = 0
    readings: list[int] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, after: Position) -> AsyncGenerator[Batch]:
        self.readings.append(after)
        size = self.sizes.get(after, self.size)
        while True:
            more = self._more
            facts = self.recorded[after : min(after + size, self.shown)]
            if facts:
                after = facts[-1].position
                yield Batch(facts, after)
            else:
                await more.wait()

    def show(self, count: int) -> None:
        """Let readers see the first `count` facts."""
        self.shown = count
        self._more.set()
        self._more = asyncio.Event()
