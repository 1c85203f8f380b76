"""Everybody who came works on a fair share, nobody on what is another's, and what a dead one leaves is taken up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest

from infra.backup.store_migration import TAKE
from infra.postgres.membership import LeaseLost
from infra.postgres.partition_assignment import Fence, share_work

PIECES = tuple(f"piece {number}" for number in range(10))
WITHIN = 60


@dataclass(slots=True)
class Office:
    """Where everybody says what they work on."""

    url: str
    pieces: Sequence[str] = PIECES
    at_work: dict[str, frozenset[str]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def works(self, who: str) -> AsyncIterator["asyncio.Task[None]"]:
        async def work(fence: Fence, stop: asyncio.Event) -> None:
            mine = fence.pieces
            others = [piece for other, held in self.at_work.items() if other != who for piece in held]
            self.twice += mine.intersection(others)
            self.at_work[who] = mine
            await stop.wait()
            self.at_work[who] = frozenset()

        task = asyncio.create_task(share_work(self.url, "office", self.pieces, work))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})
            self.at_work.pop(who, None)

    async def until(self, sizes: list[int]) -> None:
        async with asyncio.timeout(WITHIN):
            while self.sizes != sizes:  # noqa: ASYNC110  # nobody announces it
                await asyncio.sleep(0.05)

    @property
    def sizes(self) -> list[int]:
        """How many pieces each works on, if all of them are worked on once."""
        held = Counter(piece for pieces in self.at_work.values() for piece in pieces)
        return sorted(map(len, self.at_work.values())) if held == Counter(self.pieces) else []


async def test_work_is_shared_out_anew_whenever_somebody_comes_or_goes(database_url: str) -> None:
    office = Office(database_url)
    async with office.works("anna"):
        await office.until([10])
        async with office.works("ben"):
            await office.until([5, 5])
            async with office.works("carl"), office.works("dora"):
                await office.until([2, 2, 3, 3])
            await office.until([5, 5])
        await office.until([10])
    assert office.twice == []


async def test_what_stands_together_stays_together(database_url: str) -> None:
    office = Office(database_url, pieces=("mugs", "cups", "bowls", "plates"))
    async with office.works("anna"):
        await office.until([4])
        async with office.works("ben"):
            await office.until([2, 2])
            assert office.at_work == {"anna": {"mugs", "cups"}, "ben": {"bowls", "plates"}}


async def test_those_who_are_too_many_stand_by(database_url: str) -> None:
    office = Office(database_url, pieces=PIECES[:2])
    async with office.works("anna"), office.works("ben"):
        await office.until([1, 1])
        async with office.works("carl"):
            await asyncio.sleep(1)
            assert office.sizes == [1, 1]
    assert office.twice == []


async def test_what_somebody_leaves_who_is_cut_off_is_taken_up_by_the_others(database_url: str) -> None:
    office = Office(database_url)
    async with office.works("anna") as anna:
        await office.until([10])
        async with office.works("ben"):
            await office.until([5, 5])
            admin = await asyncpg.connect(database_url)
            await admin.execute(
                "select pg_terminate_backend(pid) from (select pid from pg_locks where locktype = 'advisory' "
                "group by pid order by min(pid) limit 1) first_come"
            )
            await admin.close()
            with pytest.raises(LeaseLost, match="office"):
                await anna
            await office.until([0, 10])


async def test_an_error_of_the_work_is_its_own(database_url: str) -> None:
    async def work(_: Fence, __: asyncio.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(share_work(database_url, "office", PIECES, work), WITHIN)


async def test_work_that_is_kept_at_rest_is_not_begun(database_url: str) -> None:
    office, visitor = Office(database_url), await asyncpg.connect(database_url)
    async with office.works("anna"), office.works("ben"):
        await office.until([5, 5])
        assert not await visitor.fetchval(TAKE, "office")
    await until_true(visitor, TAKE, "office")
    async with office.works("carl"):
        await asyncio.sleep(1)
        assert office.sizes == []
        await visitor.close()
        await office.until([10])


async def until_true(connection: asyncpg.Connection, query: str, *args: object) -> None:
    async with asyncio.timeout(WITHIN):
        while not await connection.fetchval(query, *args):  # noqa: ASYNC110  # nobody announces it
            await asyncio.sleep(0.05)
