"""Reading builds that another version of the code has made, as long as they can be read."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

import asyncpg

from infra.postgres.readers import OfOtherShape, Reading
from projections.engine.ports import BeingRebuilt


@dataclass(frozen=True, slots=True)
class Outdated:
    """Readers of tables of which `model` is of another version; `share` is the share of the next build that is done.

    All methods raise BeingRebuilt, and what Readers raise.
    """

    readers: Reading
    model: str
    share: Callable[[str], float | None]

    async def execute(self, query: str, /, *args: object) -> str:
        with self._told():
            return await self.readers.execute(query, *args)

    async def fetch(self, query: str, /, *args: object) -> Sequence[asyncpg.Record]:
        with self._told():
            return await self.readers.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: object) -> asyncpg.Record | None:
        with self._told():
            return await self.readers.fetchrow(query, *args)

    @asynccontextmanager
    async def in_turn(self) -> "AsyncIterator[Outdated]":
        async with self.readers.in_turn() as turn:
            yield replace(self, readers=turn)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OfOtherShape as error:
            raise BeingRebuilt(self.model, self.share(self.model)) from error
