"""Keeps what a process knows of staff and of API keys up to date, from their two streams."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog

from commands.ports import NO_STREAM, Codec, EventStore, StoreUnavailable
from commands.routes import API_KEY, API_KEYS, STAFF, STAFF_ROSTER, Route
from infra.identity.api_keys import PostgresApiKeys
from infra.security.staff_access import StaffAccess

EVERY = 1.0
AT_A_TIME = 500

S = TypeVar("S")
log = structlog.get_logger()


@dataclass(slots=True)
class StaffKeeper:
    """Folds what is new in the streams into `access`, and notes which keys were used."""

    store: EventStore
    codec: Codec
    keys: PostgresApiKeys
    clock: Callable[[], datetime]
    access: StaffAccess
    _roster_at: int = NO_STREAM
    _keys_at: int = NO_STREAM

    async def look(self) -> None:
        """Raises StoreUnavailable."""
        asked_at = time.monotonic()
        roster, self._roster_at = await self._further(STAFF, STAFF_ROSTER, self.access.roster, self._roster_at)
        keys, keys_at = await self._further(API_KEY, API_KEYS, self.access.keys, self._keys_at)
        if keys_at != self._keys_at:
            self.access.digests = await self.keys.digests()
        self.access.roster, self.access.keys, self._keys_at = roster, keys, keys_at
        self.access.read_at = asked_at
        if self.access.used:
            used, self.access.used = self.access.used, set()
            await self.keys.note_use(used, self.clock())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except StoreUnavailable as error:
                log.warning("staff not read", reason=str(error))
            except Exception as error:
                log.exception("staff not read", reason=type(error).__name__)

    async def _further(self, route: Route, stream: str, state: S, revision: int) -> tuple[S, int]:
        while records := await self.store.read(stream, after=revision, limit=AT_A_TIME):
            facts = [self.codec.decode_event(record).fact for record in records]
            state, revision = route.decider.replay(facts, since=state), records[-1].revision
        return state, revision


@asynccontextmanager
async def kept(keeper: StaffKeeper) -> AsyncIterator[StaffAccess]:
    """The access, kept up to date until the block ends. What cannot be read at first is read as soon as it can."""
    with suppress(StoreUnavailable):
        await keeper.look()
    running = asyncio.create_task(keeper.run())
    try:
        yield keeper.access
    finally:
        running.cancel()
        await asyncio.wait([running])
