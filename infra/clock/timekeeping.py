"""One time for all parts of a shop: kept in the database, so that it goes on when a part is started anew.

A part that starts where the shop ran before goes on from there, by the clock that counts since the machine was started:
what was done to the wall clock meanwhile changes nothing. After a start of the machine, or on another one, nobody knows
how much time has passed; then the wall clock is held against the database's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from commands.ports import StoreUnavailable
from infra.clock.steady import STEP, Mark, SteadyClock, seconds_since_boot
from infra.eventstore.factory import utc_now
from infra.postgres.sessions import Connection, Sessions

KEEP_EVERY = 5.0
PATIENCE = 15.0

DDL = """
    create schema if not exists timekeeping;
    create table if not exists timekeeping.shown (
        boot  text primary key,
        at    double precision not null,
        shown timestamptz not null
    );
"""

LOOK = """
    select clock_timestamp() as database, (select max(shown) from timekeeping.shown) as last, kept.at, kept.shown
      from (select) one left join timekeeping.shown kept on kept.boot = $1
"""

KEEP = """
    insert into timekeeping.shown values ($1, $2, $3)
    on conflict (boot) do update set at = excluded.at, shown = excluded.shown
"""

log = structlog.get_logger()


def boot_id() -> str:
    """The id of this start of the machine (random(4)); empty where there is none."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def most_likely(clocks: Sequence[datetime], last: datetime | None) -> datetime:
    """The earliest of some clocks, so that nothing happens too early; none that is behind what was shown `last`."""
    return min((it for it in clocks if last is None or it > last - STEP), default=last or min(clocks))


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """Keeps the time of a shop on the schema `timekeeping`, for one start of one machine."""

    sessions: Sessions
    wall: Callable[[], datetime] = utc_now
    steady: Callable[[], float] = seconds_since_boot
    boot: str = ""

    async def started(self, *, at_its_word: bool = False) -> SteadyClock:
        """A clock that goes on where the shop's time stands. `at_its_word`: from what the wall clock shows instead.

        Raises StoreUnavailable.
        """

        async def work(connection: Connection) -> SteadyClock:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended('timekeeping.ddl', 0))")
                await connection.execute(DDL)
                if at_its_word:
                    await connection.execute("delete from timekeeping.shown")
                since = None if at_its_word else await self._since(connection)
                clock = SteadyClock(self.wall, self.steady, since)
                await connection.execute(KEEP, *self._row(clock))
            return clock

        return await self.sessions.persistently(work, PATIENCE)

    async def keep(self, clock: SteadyClock) -> None:
        """Have the time go on from here should all parts die now. Raises StoreUnavailable."""
        await self.sessions.persistently(lambda it: it.execute(KEEP, *self._row(clock)), PATIENCE)

    async def _since(self, connection: Connection) -> Mark:
        found, at = await connection.fetchrow(LOOK, self.boot), self.steady()
        assert found is not None
        if self.boot and found["at"] is not None and found["at"] <= at:
            return Mark(found["shown"], found["at"])
        wall = self.wall()
        shown = most_likely([wall, found["database"]], found["last"])
        if abs(wall - shown) > STEP:
            log.warning("clock doubted", machine=wall, database=found["database"], last=found["last"], taken=shown)
        return Mark(shown, at)

    def _row(self, clock: SteadyClock) -> tuple[str, float, datetime]:
        shown = clock()
        return self.boot, clock.mark.at, shown


@asynccontextmanager
async def shop_clock(sessions: Sessions, *, at_its_word: bool = False) -> AsyncIterator[SteadyClock]:
    """The time of the shop, kept while it is used. Raises StoreUnavailable."""
    keeper = Timekeeper(sessions, boot=boot_id())
    clock = await keeper.started(at_its_word=at_its_word)
    keeping = asyncio.create_task(_keep(keeper, clock))
    try:
        yield clock
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def _keep(keeper: Timekeeper, clock: SteadyClock) -> None:
    while True:
        await asyncio.sleep(KEEP_EVERY)
        with suppress(StoreUnavailable):
            await keeper.keep(clock)
