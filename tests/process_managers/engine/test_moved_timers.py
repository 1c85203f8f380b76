"""A timer is heard at the time it was set to last."""

import asyncio
from datetime import timedelta

from process_managers.engine.ports import Timer
from process_managers.engine.process import TimerFired
from tests.process_managers.engine.test_runner import ANNA, phases
from tests.support.fixtures.virtual_time import BEGINNING, run
from tests.support.harness.outing import PATIENCE
from tests.support.harness.process_harness import ProcessHarness, forgetful


def test_a_timer_that_was_moved_is_heard_at_its_new_time_only() -> None:
    """Also when it is found at its old time, as after a crash between the journal and the list of timers."""

    async def story() -> None:
        harness = ProcessHarness(around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        async with harness.running():
            await asyncio.sleep(5)
            await harness.sell("anna/play", 2)
            await asyncio.sleep(1)
            stale = Timer(
                process="outing", instance="anna", name="dinner", due=BEGINNING + PATIENCE, correlation_id=ANNA
            )
            (moved,) = harness.progress.timers.values()
            assert moved.due == BEGINNING + timedelta(seconds=5) + PATIENCE
            await harness.progress.advance(harness.progress.at, [stale])
            await asyncio.sleep(8)
            assert phases(await harness.heard("anna")) == ["half planned", "half planned"]
            await harness.progress.advance(harness.progress.at, [moved])
            await asyncio.sleep(2)
            assert phases(await harness.heard("anna")) == ["half planned", "half planned", "late"]
        fired = (await harness.heard("anna"))[-1]
        assert fired.input.message == TimerFired(process="outing", instance="anna", name="dinner", due=moved.due)

    run(story())
