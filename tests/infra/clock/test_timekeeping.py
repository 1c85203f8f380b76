"""The time of a shop goes on when its parts start anew, whatever somebody did to the clock of the machine meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from infra.clock.steady import SLEW, STEP
from infra.clock.timekeeping import Timekeeper, most_likely, shop_clock
from infra.postgres.sessions import Sessions

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LITTLE = timedelta(minutes=1)
"""More than a test takes between two looks at a clock."""


class Machine:
    """A clock that can be set, and starts of the machine, from which on it counts seconds."""

    def __init__(self) -> None:
        self.ahead, self.up, self.boot = timedelta(0), 100.0, "first"

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def steady(self) -> float:
        return self.up

    def starts(self) -> None:
        self.up, self.boot = 1.0, "second"

    def keeper(self, sessions: Sessions) -> Timekeeper:
        return Timekeeper(sessions, self.wall, self.steady, self.boot)


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    sessions = Sessions(database_url, "test", 2)
    yield sessions
    await sessions.close()


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_a_part_that_starts_anew_goes_on_where_the_last_one_stood(jump: timedelta, sessions: Sessions) -> None:
    machine = Machine()
    before = await machine.keeper(sessions).started()
    machine.up += 3
    await machine.keeper(sessions).keep(before)
    machine.ahead, machine.up, stood = jump, machine.up + 60, before.mark.shown
    with structlog.testing.capture_logs() as said:
        after = await machine.keeper(sessions).started()
    way = jump / abs(jump)
    assert after.mark.shown - stood == timedelta(seconds=60 + way * SLEW * 60)
    assert [line["event"] for line in said] == ["clock jumped"]
    assert abs(said[0]["seconds"] - jump.total_seconds()) < 2 * LITTLE.total_seconds()


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_a_part_that_is_told_to_believes_the_machine(jump: timedelta, sessions: Sessions) -> None:
    machine = Machine()
    await machine.keeper(sessions).started()
    machine.ahead = jump
    for at_its_word in (True, False):
        told = await machine.keeper(sessions).started(at_its_word=at_its_word)
        assert abs(told.mark.shown - machine.wall()) < LITTLE


@pytest.mark.parametrize("ahead", [DAY, -DAY])
async def test_a_machine_that_was_started_anew_is_held_against_the_database(
    ahead: timedelta, sessions: Sessions
) -> None:
    machine = Machine()
    before = await machine.keeper(sessions).started()
    machine.starts()
    machine.ahead = ahead
    with structlog.testing.capture_logs() as said:
        after = await machine.keeper(sessions).started()
    assert timedelta(0) <= after.mark.shown - before.mark.shown < LITTLE
    assert [line["event"] for line in said] == ["clock doubted", "clock jumped"]


async def test_parts_that_start_together_show_one_time(sessions: Sessions) -> None:
    machine = Machine()
    await machine.keeper(sessions).started()
    machine.ahead = HOUR
    clocks = await asyncio.gather(*(machine.keeper(sessions).started() for _ in range(4)))
    machine.up += 10
    assert {clock() for clock in clocks} == {clocks[0].mark.shown}


async def test_the_time_is_kept_while_a_part_runs(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.clock.timekeeping.KEEP_EVERY", 0.01)

    async def kept() -> datetime:
        return await sessions.persistently(lambda it: it.fetchval("select max(shown) from timekeeping.shown"), 5)

    async with shop_clock(sessions) as clock:
        first, start = await kept(), clock.mark.shown
        async with asyncio.timeout(60):
            while await kept() <= first:  # noqa: ASYNC110 - what is waited for happens in the database
                await asyncio.sleep(0.01)
    assert first == start


@pytest.mark.parametrize(
    ("clocks", "last", "shown"),
    [
        ([NOON, NOON + HOUR], None, NOON),
        ([NOON + HOUR, NOON + DAY], NOON, NOON + HOUR),
        ([NOON - DAY, NOON + HOUR], NOON, NOON + HOUR),
        ([NOON - STEP / 2, NOON + HOUR], NOON, NOON - STEP / 2),
        ([NOON - DAY, NOON - HOUR], NOON, NOON),
    ],
)
def test_the_earliest_clock_is_believed_that_is_not_behind_what_was_shown(
    clocks: list[datetime], last: datetime | None, shown: datetime
) -> None:
    assert most_likely(clocks, last) == shown
