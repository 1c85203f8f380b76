"""What staff and API keys may do, for a process that verifies tokens."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from commands.ports import EventStore
from infra.bootstrap.composition import codec
from infra.identity.api_keys import PostgresApiKeys
from infra.identity.staff_keeper import StaffKeeper, kept
from infra.postgres.sessions import Sessions
from infra.security.staff_access import StaffAccess


@asynccontextmanager
async def staff_access(
    store: EventStore, sessions: Sessions, clock: Callable[[], datetime]
) -> AsyncIterator[StaffAccess]:
    """Staff and keys, kept up to date. The schema `identity` is there."""
    async with kept(StaffKeeper(store, codec(), PostgresApiKeys(sessions), clock, StaffAccess())) as access:
        yield access
