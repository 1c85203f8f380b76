"""Who works on what: pieces of work shared out among all who came, and shared out anew when somebody comes or dies.

Everybody holds an advisory lock (PostgreSQL, 13.3.5) for being there and one for each piece that is theirs, all in one
session. So the server itself knows who is there and who has what, and whoever is killed leaves it all at that moment.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import asyncpg
import structlog

from infra.postgres.lease import ANSWER_WITHIN, LOOK_EVERY, acquired, held, lock

T = TypeVar("T")

HERE, HOLDING = "here", "holding"

LOCKS = """
    select objid::bigint as key, pid = pg_backend_pid() as mine, classid::bigint = $1 as here, pid from pg_locks
     where locktype = 'advisory' and objsubid = 2 and granted and classid::bigint in ($1, $2)
       and database = (select oid from pg_database where datname = current_database())
"""

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Assignment:
    """The pieces that are ours. They stay ours until `settle` gives some of them back, the last ones first.

    So those that stand together in `pieces` stay together, as far as nobody dies.
    """

    name: str
    pieces: Sequence[str]
    _connection: asyncpg.Connection
    mine: frozenset[str] = frozenset()
    _keys: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self._keys = {_key(piece): piece for piece in self.pieces}
        if len(self._keys) < len(self.pieces):
            raise ValueError(f"Two pieces of {self.name} have the same key.")

    async def uneven(self) -> None:
        """Wait until we have more than our share, or others have left some of it."""
        while True:
            too_many, free = await self._looked()
            if too_many > 0 or (too_many < 0 and free):
                return
            await asyncio.sleep(LOOK_EVERY)

    async def settle(self) -> None:
        """Give back what is too much, take what is free of our share. Nobody may be at work on what is given back."""
        before = self.mine
        too_many, free = await self._looked()
        held = [piece for piece in self.pieces if piece in self.mine]
        for piece in held[len(held) - max(too_many, 0) :]:
            await self._ask("pg_advisory_unlock", piece)
            self.mine -= {piece}
        for piece in free[: max(-too_many, 0)]:
            if await self._ask("pg_try_advisory_lock", piece):
                self.mine |= {piece}
        if self.mine != before:
            log.info("share settled", of=self.name, pieces=len(self.mine), among=len(self.pieces))

    async def _looked(self) -> tuple[int, Sequence[str]]:
        """How many pieces we have too many (less than zero: too few), and which are nobody's."""
        kinds = self._kind(HERE) % 2**32, self._kind(HOLDING) % 2**32
        rows = await self._said(self._connection.fetch(LOCKS, *kinds, timeout=ANSWER_WITHIN))
        here = sorted((row["pid"], row["mine"]) for row in rows if row["here"])
        rank = next(number for number, (_, mine) in enumerate(here) if mine)
        each, left = divmod(len(self.pieces), len(here))
        taken = {row["key"] for row in rows if not row["here"]}
        free = [piece for key, piece in self._keys.items() if key % 2**32 not in taken]
        return len(self.mine) - each - (rank < left), free

    async def _ask(self, function: str, piece: str) -> bool:
        query, key = f"select {function}($1, $2)", (self._kind(HOLDING), _key(piece))
        return await self._said(self._connection.fetchval(query, *key, timeout=ANSWER_WITHIN))

    async def _said(self, asking: Awaitable[T]) -> T:
        """What the server says. One that does not answer in time, or not sensibly, has lost us."""
        try:
            return await asking
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._connection.terminate()
            await asyncio.sleep(ANSWER_WITHIN)
            raise

    def _kind(self, kind: str) -> int:
        return _key(f"{self.name} {kind}")


@asynccontextmanager
async def share_of(dsn: str, name: str, pieces: Sequence[str]) -> AsyncIterator[Assignment]:
    """Take part in the work `name`, and run the body.

    All who take part must name the same pieces. When the connection is lost, others take our pieces: the body is
    cancelled and LeaseLost raised. Who holds the lease `name` keeps everybody out, and gets it when nobody is there.
    """

    async def come(connection: asyncpg.Connection) -> None:
        await lock(name, connection, "_shared")
        await connection.execute("select pg_advisory_lock($1, pg_backend_pid())", _key(f"{name} {HERE}"))

    connection = await acquired(dsn, name, come)
    async with held(connection, name):
        yield Assignment(name, pieces, connection)


Work = Callable[[frozenset[str], asyncio.Event], Awaitable[None]]
"""Works on pieces until it is told to stop; what is in hand then is finished."""


async def share_work(dsn: str, name: str, pieces: Sequence[str], work: Work) -> None:
    """Work on our share of the pieces until cancelled; on another share whenever it changes. Raises LeaseLost."""
    async with share_of(dsn, name, pieces) as share:
        while True:
            await share.settle()
            await _until_uneven(share, work)


async def _until_uneven(share: Assignment, work: Work) -> None:
    stop = asyncio.Event()
    working = asyncio.ensure_future(work(share.mine, stop) if share.mine else stop.wait())
    uneven = asyncio.ensure_future(share.uneven())
    try:
        await asyncio.wait({working, uneven}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        uneven.cancel()
        stop.set()
        await asyncio.wait({working, uneven})
    await working
    if not uneven.cancelled():
        uneven.result()


def _key(text: str) -> int:
    """A signed number of 32 bits, as keys of locks are."""
    return int.from_bytes(zlib.crc32(text.encode()).to_bytes(4), signed=True)
