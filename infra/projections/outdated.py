"""Reading builds that another version of the code has made, as long as they can be read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg

from infra.projections.readers import OfOtherShape, Readers
from projections.ports import BeingRebuilt


@dataclass(frozen=True, slots=True)
class Outdated:
    """Readers of tables of which `model` is of another version; `share` tells how much of its next build is there.

    All methods raise BeingRebuilt, and what Readers raise.
    """

    readers: Readers
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

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OfOtherShape as error:
            raise BeingRebuilt(self.model, self.share(self.model)) from error
