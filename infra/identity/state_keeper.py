"""Keeps what a process knows of signing keys and of ended sessions up to date."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from commands.ports import StoreUnavailable
from infra.identity.schema import PATIENCE
from infra.identity.signing_keys import SigningKeys, signer_of
from infra.postgres.sessions import Connection, Sessions
from infra.security.session_state import SessionState

EVERY = 1.0
MAINTAINED_EVERY = 60
"""Rounds."""

ENDED = "select session_id::text as id from identity.revoked where until > $1"
log = structlog.get_logger()


@dataclass(slots=True)
class StateKeeper:
    """Reads the keys and the list of ended sessions into `state`. `maintains`: it makes and drops keys too."""

    sessions: Sessions
    keys: SigningKeys
    clock: Callable[[], datetime]
    state: SessionState
    maintains: bool = False

    async def maintain(self) -> None:
        """Raises StoreUnavailable."""
        if self.maintains:
            await self.keys.maintain(self.clock())

    async def read_keys(self) -> None:
        """Raises StoreUnavailable."""
        keys = await self.keys.read()
        self.state.keys = {key.verifying.kid: key.verifying for key in keys}
        self.state.signing = signer_of(keys, self.clock())

    async def read_ended(self) -> None:
        """Raises StoreUnavailable."""
        asked_at = time.monotonic()

        async def work(connection: Connection) -> frozenset[str]:
            return frozenset(row["id"] for row in await connection.fetch(ENDED, self.clock()))

        self.state.ended = await self.sessions.persistently(work, PATIENCE)
        self.state.heard_at = asked_at

    async def run(self) -> None:
        """Until cancelled."""
        rounds = 0
        while True:
            await asyncio.sleep(EVERY)
            rounds += 1
            try:
                if rounds % MAINTAINED_EVERY == 0:
                    await self.maintain()
                await self.read_keys()
                await self.read_ended()
            except StoreUnavailable as error:
                log.warning("sessions and signing keys not read", reason=str(error))


@asynccontextmanager
async def kept(keeper: StateKeeper) -> AsyncIterator[SessionState]:
    """The state, read once and kept up to date until the block ends. Raises StoreUnavailable."""
    await keeper.maintain()
    await keeper.read_keys()
    await keeper.read_ended()
    running = asyncio.create_task(keeper.run())
    try:
        yield keeper.state
    finally:
        running.cancel()
        await asyncio.wait([running])
