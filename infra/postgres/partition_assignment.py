"""Pieces of work shared out among all members of a work, and shared out anew when a member comes, leaves or is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import structlog

from infra.postgres.lease_schema import END_WRITERS, GIVE_BACK, HOLDS, MAKE, MEMBERS, PIECES, REMOVE, TAKE
from infra.postgres.membership import LOOK_EVERY, LeaseLost, Membership, member_of

DRAIN_EVERY = 0.05
FROZEN, ENDED = "its term ended", "its session ended"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fence:
    """The pieces that are held, for all who write under the lease."""

    membership: Membership
    pieces: frozenset[str]

    @property
    def valid(self) -> bool:
        """Whether the pieces cannot have another holder yet, by the clock of this machine."""
        return self.membership.valid

    async def check(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Keep the transaction from being committed beside one of a later holder. Raises LeaseLost."""
        asked = self.membership.work, self.membership.token, list(self.pieces)
        if not await connection.fetchval(HOLDS, *asked):
            raise LeaseLost(self.membership.work)


@dataclass(slots=True, eq=False)
class Assignment:
    """The pieces that are ours. They stay ours until `settle` gives some of them back, the last ones first.

    So those that stand together in `pieces` stay together, as far as no member is lost.
    """

    pieces: Sequence[str]
    membership: Membership
    mine: frozenset[str] = field(default_factory=frozenset)

    @property
    def fence(self) -> Fence:
        return Fence(self.membership, self.mine)

    async def uneven(self) -> None:
        """Wait until we have more than our share, or others have left some of it. Raises LeaseLost."""
        while True:
            too_many, free = await self._looked()
            if too_many > 0 or (too_many < 0 and free):
                return
            await asyncio.sleep(LOOK_EVERY)

    async def settle(self) -> None:
        """Give back what is too much, take what is free of our share. No work may be under way on what is given back.

        Raises LeaseLost.
        """
        before = self.mine
        too_many, free = await self._looked()
        held = [piece for piece in self.pieces if piece in self.mine]
        if given := held[len(held) - max(too_many, 0) :]:
            await self._ask_to(GIVE_BACK, given)
            self.mine -= frozenset(given)
        if wanted := list(free)[: max(-too_many, 0)]:
            seen = [free[piece] for piece in wanted]
            taken = [row["piece"] for row in await self._ask_to(TAKE, wanted, seen)]
            await self._end_writers(taken)
            self.mine |= frozenset(taken)
        if self.mine != before:
            log.info("share settled", of=self.membership.work, pieces=len(self.mine), among=len(self.pieces))

    async def _looked(self) -> tuple[int, dict[str, int]]:
        """How many pieces we have too many (less than zero: too few), and which are free, with their last token."""
        # Pieces first: a token that is not among the members after that will never be again.
        tokens = {row["piece"]: row["token"] for row in await self._pieces()}
        members = await self.membership.fetch(MEMBERS, self.membership.work)
        removed = await self._removed(members, list(tokens.values()))
        here = sorted(row["token"] for row in members if row["token"] not in removed)
        if self.membership.token not in here:
            self.membership.end()
            raise LeaseLost(self.membership.work)
        each, left = divmod(len(self.pieces), len(here))
        fair = each + (here.index(self.membership.token) < left)
        free = {piece: tokens[piece] for piece in self.pieces if tokens[piece] not in here}
        return len(self.mine) - fair, free

    async def _pieces(self) -> Sequence[asyncpg.Record]:
        rows = await self.membership.fetch(PIECES, self.membership.work)
        if {row["piece"] for row in rows}.issuperset(self.pieces):
            return rows
        await self.membership.execute(MAKE, self.membership.work, list(self.pieces))
        return await self.membership.fetch(PIECES, self.membership.work)

    async def _removed(self, members: Sequence[asyncpg.Record], tokens: Sequence[int]) -> frozenset[int]:
        """Remove the members whose term or session has ended, so that they cannot come back under their token."""
        others = [row for row in members if row["token"] != self.membership.token]
        gone = [row["token"] for row in others if row["gone"]]
        late = [row["token"] for row in others if row["late"] and not row["gone"]]
        if not gone and not late:
            return frozenset()
        removed = await self.membership.fetch(REMOVE, self.membership.work, gone, late)
        for row in removed:
            if row["token"] not in tokens:
                log.info("member removed", of=self.membership.work, holder=row["holder"], token=row["token"])
                continue
            log.warning(
                "share taken over",
                of=self.membership.work,
                holder=row["holder"],
                token=row["token"],
                pieces=tokens.count(row["token"]),
                reason=FROZEN if row["token"] in late else ENDED,
            )
        return frozenset(row["token"] for row in removed)

    async def _end_writers(self, taken: Sequence[str]) -> None:
        """End the sessions that still write under an earlier token, and wait until they have ended."""
        while ended := (await self._ask_to_end(taken)):
            log.warning("writer of an ended lease cut off", of=self.membership.work, sessions=ended)
            await asyncio.sleep(DRAIN_EVERY)

    async def _ask_to_end(self, taken: Sequence[str]) -> int:
        (row,) = await self.membership.fetch(END_WRITERS, self.membership.work, taken)
        ended: int = row[0]
        return ended

    async def _ask_to(self, statement: str, *args: object) -> Sequence[asyncpg.Record]:
        return await self.membership.fetch(statement, self.membership.work, self.membership.token, *args)


@asynccontextmanager
async def share_of(dsn: str, name: str, pieces: Sequence[str]) -> AsyncIterator[Assignment]:
    """Take part in the work `name`, and run the body. All who take part must name the same pieces."""
    async with member_of(dsn, name) as membership:
        yield Assignment(pieces, membership)


Work = Callable[[Fence, asyncio.Event], Awaitable[None]]
"""Works on the pieces that a fence names until the event is set; what is in hand then is finished."""


async def share_work(dsn: str, name: str, pieces: Sequence[str], work: Work) -> None:
    """Work on our share of the pieces until cancelled; on another share whenever it changes. Raises LeaseLost.

    Work whose lease is lost is cancelled.
    """
    async with share_of(dsn, name, pieces) as share:
        while True:
            await share.settle()
            await _until_uneven(share, work)


async def _until_uneven(share: Assignment, work: Work) -> None:
    stop = asyncio.Event()
    working = asyncio.ensure_future(work(share.fence, stop) if share.mine else stop.wait())
    uneven = asyncio.ensure_future(share.uneven())
    lost = asyncio.ensure_future(share.membership.lost.wait())
    try:
        try:
            await asyncio.wait({working, uneven, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, uneven, lost):
            task.cancel()
        await asyncio.wait({working, uneven, lost})
    failed = None if working.cancelled() else working.exception()
    if share.membership.lost.is_set():
        raise LeaseLost(share.membership.work) from failed
    if failed is not None:
        raise failed
    if not uneven.cancelled():
        uneven.result()
