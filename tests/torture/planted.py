"""Bugs that are planted when a part starts: each is one that a real system of this kind has had.

A part looks for what it is made of when it starts, so what is put in place of it here is found.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from commands.ports import Page
from domain.shared.recorded import Position
from infra.eventstore.postgres.group_commit import Committer
from infra.eventstore.postgres.store import PostgresEventStore
from infra.payments import gateway
from infra.projections.builds import PostgresBuilds
from process_managers import registry
from process_managers.engine import runner
from projections.engine.builds import Build
from projections.engine.ports import FedTables
from tests.simulation.bugs import NewKeys, forgetting
from tests.support.fixtures.watched import WatchedCommands, WatchedProgress, WatchedStore

LATE_BY = 0.3
"""Seconds that a wrong order of two steps gives to whoever pulls the plug."""

COMMITS_LATE_BY = 0.6
"""More than shoppers on a busy machine think between two commands, so that a commit is nearly always on its way."""

SKIPS = 0.05
STEPS = (200, 1200)


def acknowledge_before_commit() -> None:
    """The answer goes out while the commit is still on its way; the commit is always a statement of its own."""
    execute, fetch = asyncpg.Connection.execute, asyncpg.Connection.fetch
    under_way = dict[int, asyncio.Task[str]]()

    async def committed(connection: Any) -> None:
        if (commit := under_way.pop(id(connection), None)) is not None:
            await commit

    async def late(connection: Any) -> str:
        await asyncio.sleep(COMMITS_LATE_BY)
        return await execute(connection, "commit")

    async def execute_at_once(self: Any, query: str, *values: Any, **options: Any) -> str:
        await committed(self)
        if query != "commit":
            return await execute(self, query, *values, **options)
        under_way[id(self)] = asyncio.create_task(late(self))
        return "COMMIT"

    async def fetch_behind(self: Any, *values: Any, **options: Any) -> Any:
        await committed(self)
        return await fetch(self, *values, **options)

    async def no_guess(*_: object) -> None:
        return None

    Committer._as_guessed = no_guess  # type: ignore[method-assign, assignment]
    asyncpg.Connection.execute = execute_at_once  # type: ignore[method-assign]
    asyncpg.Connection.fetch = fetch_behind  # type: ignore[method-assign]


def checkpoint_before_projection() -> None:
    """A read model says that it has come so far, and then goes there."""
    moving = PostgresBuilds.moving

    @asynccontextmanager
    async def moved_first(
        self: PostgresBuilds, builds: Sequence[Build], start: Position, to: Position, event_id: UUID | None = None
    ) -> AsyncIterator[Mapping[str, FedTables]]:
        async with moving(self, builds, start, to, event_id):
            pass
        await asyncio.sleep(LATE_BY)
        async with self._connection() as connection, connection.transaction():
            yield {build.schema: self._tables_of(connection, build.schema) for build in builds}

    PostgresBuilds.moving = moved_first  # type: ignore[method-assign]


def forget_a_release() -> None:
    """The processes never give stock back."""
    registry.PROCESSES = tuple(map(forgetting, registry.PROCESSES))


def repeat_a_charge() -> None:
    """Each try of a call to the gateway gets an idempotency key of its own."""
    real = gateway.TestGateway
    gateway.TestGateway = lambda *with_what: NewKeys(real(*with_what))  # type: ignore[misc, assignment]


def skip_a_late_commit() -> None:
    """A reader takes the number that a writer has in hand, and has not committed, for one that it has seen."""
    read = PostgresEventStore._page

    async def page(self: PostgresEventStore, after: Position, limit: int, types: Collection[str] | None) -> Page:
        page = await read(self, after, limit, types)
        if page.records or random.random() > SKIPS:
            return page
        return Page([], Position(page.position + 1))

    PostgresEventStore._page = page  # type: ignore[method-assign]


def forget_what_stands_behind_the_checkpoint() -> None:
    """A publisher that takes over goes on at the checkpoint, and does not look what was told since."""
    from infra.kafka.cloudevents import Outgoing  # only the publisher has need of it, and the others start sooner
    from infra.kafka.progress import Progress

    def stands(_: Progress, __: Outgoing) -> bool:
        return False

    Progress.stands = stands  # type: ignore[method-assign, assignment]


def die_between_steps() -> None:
    """No bug: the processes are gone at a point of their own choice, between any two steps, again and again."""
    left = random.randint(*STEPS)
    real = runner.Runner

    async def point(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(store: Any, codec: Any, processes: Any, progress: Any, commands: Any, *rest: Any, **more: Any) -> Any:
        return real(
            WatchedStore(store, point),
            codec,
            processes,
            WatchedProgress(progress, point),
            WatchedCommands(commands, point),
            *rest,
            **more,
        )

    runner.Runner = watched  # type: ignore[misc, assignment]


def nothing() -> None:
    """The shop as it is."""


BUGS: Mapping[str, tuple[str, Callable[[], None]]] = {
    "none": ("", nothing),
    "acknowledge-before-commit": ("write-api", acknowledge_before_commit),
    "checkpoint-before-projection": ("projections", checkpoint_before_projection),
    "forget-a-release": ("processes", forget_a_release),
    "repeat-a-charge": ("processes", repeat_a_charge),
    "skip-a-late-commit": ("processes", skip_a_late_commit),
    "forget-what-was-told": ("publisher", forget_what_stands_behind_the_checkpoint),
    "die-between-steps": ("processes", die_between_steps),
}
"""The part that has the bug, and how it comes by it."""
