"""After an upgrade: readers read the build of the new version as soon as it has come as far as the log.

Only a build that was never read takes over by itself, and only from an older version, or if it was made to give a read
model again what was parked. What was built anew by hand otherwise, and what somebody has switched back from, waits for
`counterfoil projections switch`; so does one that takes in less than the one that is read.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
import structlog

from commands.ports import EventStore, StoreError
from domain.shared.recorded import Position
from infra.postgres.failures import translated
from infra.postgres.partition_assignment import Fence
from infra.postgres.shutdown import closed
from infra.projections import manage
from infra.projections.manage import NotCaughtUp
from projections.engine.builds import Build, Status
from projections.engine.ports import StorageUnavailable
from projections.engine.projection import Projection

ANSWER_WITHIN, SWITCH_WITHIN = 5.0, 30.0
LOOK_EVERY, SELDOM = 1.0, 30.0
"""Seconds between two looks, while a new version is built and while there is none."""

NAMED = {"application_name": "counterfoil upgrading"}

log = structlog.get_logger()


async def take_over(url: str, store: EventStore, projections: Sequence[Projection], fence: Fence | None = None) -> None:
    """Switch to the newest version of each of these read models when it has caught up; work until cancelled."""
    newest = {projection.name: projection.version for projection in sorted(projections, key=lambda it: it.version)}
    prepared, head = False, None
    while True:
        waiting = True
        try:
            async with _connection(url) as connection:
                if not prepared:
                    await manage.prepare(connection, projections)
                    prepared = True
                waiting = not await switch_what_caught_up(connection, newest, head, fence)
            head = await store.head()
        except (StorageUnavailable, StoreError) as error:
            log.warning("upgrade of read models not looked after", error=repr(error))
        await asyncio.sleep(LOOK_EVERY if waiting else SELDOM)


def to_be_read(builds: Sequence[Build], newest: Mapping[str, int]) -> list[Build]:
    """The latest builds of the newest version that are to take over from the ones that are read."""
    read = {build.name: build.version for build in builds if build.status is Status.ACTIVE}
    latest = {build.name: build for build in builds if build.version == newest.get(build.name)}
    return [
        build
        for build in latest.values()
        if build.status is Status.BUILDING and (build.takes_over or build.version > read.get(build.name, build.version))
    ]


async def switch_what_caught_up(
    connection: asyncpg.Connection, newest: Mapping[str, int], head: Position | None, fence: Fence | None = None
) -> bool:
    """Whether nothing is left to switch. `head` was the end of the log a look ago; who has come so far is there"""
    known = await manage.builds(connection)
    waiting, parked = to_be_read(known, newest), {it.name: it.parked for it in known if it.status is Status.ACTIVE}
    for build in waiting:
        if head is None or build.position < head or build.error or build.parked > parked.get(build.name, 0):
            continue
        try:
            await manage.switch(connection, build.name, build.number, fence=fence)
        except NotCaughtUp:
            continue
        log.info("readers read a new version", build=build.schema, version=build.version)
    return not waiting


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    with translated():
        connection = await asyncpg.connect(
            url, timeout=ANSWER_WITHIN, command_timeout=SWITCH_WITHIN, server_settings=NAMED
        )
        try:
            yield connection
        finally:
            await closed(connection)
