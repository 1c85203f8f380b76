"""Following the log: what the server sends, held against what it answers when it is asked."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from functools import partial
from weakref import WeakSet

import structlog
from esdbclient import RecordedEvent

from commands.ports import Page, Seen, StoreUnavailable
from commands.recognising import recognise, seen_of
from domain.shared.backoff import Backoff
from domain.shared.recorded import START, Position
from infra.eventstore.eventstoredb import reading
from infra.eventstore.eventstoredb.connection import CALL, Connection
from infra.eventstore.eventstoredb.subscription_receiver import SubscriptionReceiver

QUIET = 0.5
"""Seconds without an event before the log is read for the position: a filtered subscription rarely reports it."""

OPENING = 5.0
LINGER = 0.05
BACKOFF = Backoff(0.1, 2.0)

log = structlog.get_logger()


class Followers:
    """Subscriptions that go on until they are left or all are sent home."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._link = Connection(uri, "follower", CALL)
        self._home = asyncio.Event()
        self._intakes = WeakSet[SubscriptionReceiver]()

    async def send_home(self) -> None:
        self._home.set()
        for intake in self._intakes:
            intake.wake()
        await self._link.close()

    async def follow(self, after: Position, types: Collection[str] | None, batch: int) -> AsyncGenerator[Page, None]:
        """Pages behind `after`, without an end; a lost subscription is made anew where the last page ended.

        Raises LogDiverged when the log has become another one meanwhile.
        """
        seen, lost = Seen(after, None), 1
        while not self._home.is_set():
            if not await self._recognised(seen):
                await self._rest(BACKOFF.pause(lost))
                continue
            intake = SubscriptionReceiver(self._uri, seen.position, types, room=2 * batch)
            self._intakes.add(intake)
            try:
                async for page in self._pages(intake, seen.position, types, batch):
                    seen, lost = seen_of(page), 1
                    yield page
            finally:
                await intake.close()
            if self._home.is_set():
                return
            log.warning("subscription lost", position=seen.position, reason=intake.trouble)
            if intake.refusal is not None and not isinstance(intake.refusal, StoreUnavailable):
                raise intake.refusal
            await self._rest(BACKOFF.pause(lost))
            lost += 1

    async def _recognised(self, seen: Seen) -> bool:
        """False: the server does not answer. Raises LogDiverged."""
        try:
            await recognise(partial(reading.event_at, self._link), seen)
        except StoreUnavailable as error:
            log.warning("subscription waits for the event store", position=seen.position, reason=str(error))
            return False
        return True

    async def _pages(
        self, intake: SubscriptionReceiver, after: Position, types: Collection[str] | None, batch: int
    ) -> AsyncGenerator[Page, None]:
        """Until the subscription ends, or shows itself deaf."""
        now = asyncio.get_running_loop().time
        quiet_since, owed = now(), START
        while not self._home.is_set():
            if intake and not intake.live and len(intake) < batch:
                await asyncio.sleep(LINGER)
            if events := intake.take(batch):
                quiet_since = now()
                if (page := _page(events, after, types)).position > after:
                    after = page.position
                    yield page
            elif intake.ended:
                if not intake.confirmed and (found := await self._passed(after, types, batch)) is not None:
                    yield found  # or it raises, with what is wrong with the position
                return
            elif not await intake.something(QUIET):
                if owed > intake.position or (not intake.confirmed and now() - quiet_since > OPENING):
                    intake.trouble = "it is silent"
                    return
                if not (intake.live or now() - quiet_since > OPENING):
                    continue
                if (found := await self._passed(after, types, batch)) is not None:
                    after = found.position
                    owed = found.records[-1].position if found.records else owed
                    yield found

    async def _passed(self, after: Position, types: Collection[str] | None, batch: int) -> Page | None:
        """What the log holds behind `after`, if anything, whatever the subscription said."""
        try:
            page = await reading.page(self._link, after, batch, types)
        except StoreUnavailable as error:
            log.warning("subscription waits for the event store", position=after, reason=str(error))
            return None
        return page if page.position > after else None

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._home.wait()
        except TimeoutError:
            return


def _page(events: list[RecordedEvent], after: Position, types: Collection[str] | None) -> Page:
    """Events and checkpoints as a page; what was passed already is left out."""
    records = [
        reading.record_of(event)
        for event in events
        if not event.is_checkpoint and (event.commit_position or 0) > after and reading.is_ours(event, types)
    ]
    return Page(records, Position(max(after, *(event.commit_position or 0 for event in events))))
