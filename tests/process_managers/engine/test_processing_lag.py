"""How late inputs are settled, as the runner tells it."""

import asyncio
from datetime import timedelta
from uuid import UUID

from process_managers.engine.inputs import Input
from process_managers.engine.processing_lag import ProcessingLag
from tests.support.fixtures.virtual_time import BEGINNING, run
from tests.support.harness.process_harness import ProcessHarness

NOW = BEGINNING + timedelta(seconds=10)


def input_at(seconds: int, stream: str = "show-1", attempt: UUID | None = None) -> Input:
    return Input(None, UUID(int=1), BEGINNING + timedelta(seconds=seconds), UUID(int=2), None, stream, 0, attempt)


def test_it_is_the_mean_since_it_was_asked_for() -> None:
    lateness = ProcessingLag()
    lateness.note([input_at(9), input_at(7)], NOW)
    lateness.note([input_at(8)], NOW)
    assert lateness.taken() == 2.0
    assert lateness.taken() is None
    lateness.note([input_at(4)], NOW)
    assert lateness.taken() == 6.0


def test_what_has_no_time_of_its_own_is_left_out() -> None:
    lateness = ProcessingLag()
    lateness.note([input_at(0, stream=""), input_at(0, attempt=UUID(int=3))], NOW)
    assert lateness.taken() is None


def test_a_clock_that_is_behind_makes_nothing_early() -> None:
    lateness = ProcessingLag()
    lateness.note([input_at(11), input_at(8)], NOW)
    assert lateness.taken() == 1.0


def test_a_runner_tells_how_late_it_is() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell("anna/play", 1)
        await harness.run_for(2)
        assert harness.progress.lateness == [(0.0, 0)]

        await harness.sell("ben/play", 2)
        await asyncio.sleep(60)
        await harness.run_for(2)
        assert harness.progress.lateness == [(0.0, 0), (30.0, 0)]

    run(story())
