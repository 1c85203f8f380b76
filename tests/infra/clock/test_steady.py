"""Somebody sets the clock an hour forward or back: timers fire when their time has passed, not before, not never."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from infra.clock.steady import SLEW, STEP, SteadyClock
from tests.support.fixtures.virtual_time import BEGINNING, clock, run
from tests.support.harness.outing import PATIENCE
from tests.support.harness.process_harness import ProcessHarness, forgetful

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """A wall clock that can be set, and the seconds that have really passed."""

    def __init__(self) -> None:
        self.passed, self.ahead = 0.0, timedelta(0)

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.passed) + self.ahead

    def steady(self) -> float:
        return self.passed


def test_a_clock_that_is_a_little_off_is_followed_and_never_back() -> None:
    machine = Machine()
    told = SteadyClock(machine.wall, machine.steady)
    machine.passed, machine.ahead = 10, STEP
    assert told() == NOON + timedelta(seconds=10) + STEP
    machine.ahead = timedelta(0)
    assert told() == NOON + timedelta(seconds=10) + STEP
    machine.passed = 20
    assert told() == NOON + timedelta(seconds=20)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_is_told_once_and_made_up_for_slowly(jump: timedelta) -> None:
    machine = Machine()
    told = SteadyClock(machine.wall, machine.steady)
    machine.ahead = jump
    with structlog.testing.capture_logs() as said:
        assert told() == NOON
        machine.passed = 600
        assert told() == NOON + timedelta(minutes=10) + (jump / abs(jump)) * SLEW * timedelta(minutes=10)
    assert [(line["event"], line["seconds"]) for line in said] == [("clock jumped", jump.total_seconds())]
    while machine.passed < timedelta(hours=12).total_seconds():
        machine.passed += 600
        told()
    assert told() == machine.wall()


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_fires_no_timer_and_loses_none(jump: timedelta) -> None:
    async def story() -> None:
        set_to = timedelta(0)
        steady = SteadyClock(lambda: clock() + set_to, asyncio.get_running_loop().time)
        harness = ProcessHarness(around=lambda _: forgetful, clock=steady)
        await harness.sell("anna/play", 1)
        due = PATIENCE.total_seconds()
        async with harness.running():
            await asyncio.sleep(1)
            set_to = jump
            await asyncio.sleep(due * (1 - 2 * SLEW) - 1)
            assert [entry.phase for entry in await harness.heard("anna")] == ["half planned"]
            await asyncio.sleep(due * 4 * SLEW + 1)
            assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "late"]
        assert (await harness.heard("anna"))[0].input_at < BEGINNING + HOUR
        assert harness.progress.timers == {}

    run(story())


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_is_set_while_nobody_works_fires_no_timer_and_loses_none(jump: timedelta) -> None:
    async def story() -> None:
        time, set_to = asyncio.get_running_loop().time, timedelta(0)

        def wall() -> datetime:
            return clock() + set_to

        harness = ProcessHarness(around=lambda _: forgetful, clock=(before := SteadyClock(wall, time)))
        await harness.sell("anna/play", 1)
        due = PATIENCE.total_seconds()
        await harness.run_for(1)
        set_to = jump
        await asyncio.sleep(10)
        harness.clock = SteadyClock(wall, time, before.mark)
        async with harness.running():
            await asyncio.sleep(due * (1 - 2 * SLEW) - 11)
            assert [entry.phase for entry in await harness.heard("anna")] == ["half planned"]
            await asyncio.sleep(due * 4 * SLEW + 1)
            assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "late"]
        assert harness.progress.timers == {}

    run(story())


def test_a_clock_that_jumps_would_fire_it() -> None:
    async def story() -> None:
        set_to = timedelta(0)
        harness = ProcessHarness(around=lambda _: forgetful, clock=lambda: clock() + set_to)
        await harness.sell("anna/play", 1)
        async with harness.running():
            await asyncio.sleep(1)
            set_to = HOUR
            await asyncio.sleep(2)
        assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "late"]

    run(story())
