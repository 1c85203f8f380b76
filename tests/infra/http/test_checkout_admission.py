"""Checkouts are asked to wait when the processes are late, and let in again when they are not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from commands.ports import StoreUnavailable
from infra.http.checkout_admission import EVERY, HOLDS, MANY, CheckoutAdmission, look_of
from infra.postgres.sessions import Connection, Sessions
from infra.processes.progress import PostgresProgress

ASKED = 100


@dataclass(slots=True)
class Day:
    """A clock, and processes that are as late as somebody says; None: nobody can be asked."""

    late: float | None = 0.0
    now: float = 0.0
    looks: int = 0
    admission: CheckoutAdmission = field(init=False)

    def __post_init__(self) -> None:
        self.admission = CheckoutAdmission(self._look, lambda: self.now)

    async def _look(self) -> float:
        self.looks += 1
        if self.late is None:
            raise StoreUnavailable("away")
        return self.late

    async def let_in(self, seconds: float = EVERY) -> int:
        """How many of a hundred get in, some time later; the first of them makes somebody look."""
        self.now += seconds
        self.admission.has_room()
        await asyncio.sleep(0)
        return sum(self.admission.has_room() for _ in range(ASKED))


@pytest.mark.parametrize(
    ("late", "let_in"), [(0.0, 100), (0.25, 100), (0.4375, 75), (0.625, 50), (0.8125, 25), (1.0, 0), (60.0, 0)]
)
async def test_the_later_they_are_the_fewer_get_in(late: float, let_in: int) -> None:
    assert await Day(late).let_in() == let_in


async def test_only_beginnings_have_to_wait() -> None:
    day = Day(late=1.0)
    await day.let_in()
    paths = ("/carts", "/checkouts", "/checkouts/one/cancel", "/checkouts/one/payments", "/orders/one/cancel")
    assert [path for path in paths if day.admission.closes(path)] == ["/checkouts"]


async def test_all_get_in_again_when_they_have_caught_up() -> None:
    day = Day(late=1.5)
    assert await day.let_in() == 0
    day.late = 0.0
    assert await day.let_in(EVERY / 2) == 0
    assert await day.let_in(EVERY / 2) == 100


async def test_one_looks_for_all_who_ask() -> None:
    day = Day()
    await day.let_in()
    await day.let_in(EVERY / 2)
    assert day.looks == 1
    await day.let_in(EVERY / 2)
    assert day.looks == 2


async def test_what_was_seen_long_ago_keeps_nobody_out() -> None:
    day = Day(late=60.0)
    await day.let_in()
    day.now += HOLDS
    assert day.admission.has_room()


async def test_a_database_that_is_away_keeps_nobody_out() -> None:
    day = Day(late=60.0)
    await day.let_in()
    day.late = None
    assert await day.let_in() == 100


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    sessions = Sessions(database_url, "test", 1)
    await PostgresProgress(sessions).prepare()
    yield sessions
    await sessions.close()


async def test_the_latest_of_all_runners_counts(sessions: Sessions) -> None:
    look = look_of(sessions, MANY)
    assert await look() == 0.0
    one, other = (PostgresProgress(sessions, frozenset(partitions)) for partitions in ({0, 1}, {2, 3}))
    await one.late(0.25, 2 * MANY)
    await other.late(3.5, MANY)
    assert await look() == 3.5
    await other.late(0.125, MANY)
    assert await look() == 0.25


async def test_a_machine_that_is_slow_with_few_keeps_nobody_out(sessions: Sessions) -> None:
    await PostgresProgress(sessions).late(3.5, MANY - 1)
    assert await look_of(sessions, MANY)() == 0.0
    assert await look_of(sessions)() == 3.5


async def test_a_runner_that_tells_nothing_any_more_does_not_count(sessions: Sessions) -> None:
    await PostgresProgress(sessions).late(60.0, MANY)

    async def time_passes(connection: Connection) -> None:
        await connection.execute("update processes.lateness set told_at = told_at - interval '4 seconds'")

    await sessions.persistently(time_passes, 1.0)
    assert await look_of(sessions)() == 0.0
