"""Processes follow the log that their checkpoint was made from, and no other."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from commands.recognising import ADVICE
from domain.shared.recorded import START, Position
from infra.eventstore.factory import in_memory_store
from process_managers.engine.recognising import LATE, UNDER_WAY
from tests.support.fixtures.virtual_time import clock, run
from tests.support.harness.process_harness import ProcessHarness

PLANNED = ["half planned", "planned"]
OTHER = UUID(int=77)


async def an_evening() -> ProcessHarness:
    harness = ProcessHarness()
    await harness.sell("anna/play", 1)
    await harness.run_for(2)
    assert [entry.phase for entry in await harness.heard("anna")] == PLANNED
    return harness


def test_a_checkpoint_knows_the_event_where_it_stands() -> None:
    async def story() -> None:
        harness = await an_evening()
        last = (await harness.log())[-1]
        assert (harness.progress.at, harness.progress.event_id) == (last.position, last.event_id)

    run(story())


@pytest.mark.parametrize("sold", [1, 9], ids=["shorter", "other"])
def test_another_log_is_not_followed_and_nothing_new_is_to_begin(sold: int) -> None:
    async def story() -> None:
        before = await an_evening()
        restored = replace(before, store=in_memory_store(clock))
        for number in range(sold):
            await restored.sell(f"ben-{number}/play", 100 + number)
        stored = len(await restored.log())
        assert (stored < before.progress.at) == (sold == 1)
        with capture_logs() as logs:
            await restored.run_for(40)

        assert len(await restored.log()) == stored
        told = [(one["event"], one["log_level"], one["advice"]) for one in logs]
        assert told == [("log not followed", "error", ADVICE)] * 2
        assert set(before.progress.lateness[-30:]) == {(LATE, UNDER_WAY)}

    run(story())


def test_a_log_that_is_whole_again_is_followed_on() -> None:
    async def story() -> None:
        harness = await an_evening()
        known, harness.progress.event_id = harness.progress.event_id, OTHER
        async with harness.running():
            await harness.sell("ben/play", 2)
            await asyncio.sleep(3)
            assert await harness.heard("ben") == []
            harness.progress.event_id = known
            await asyncio.sleep(3)
            assert [entry.phase for entry in await harness.heard("ben")] == PLANNED

    run(story())


def test_a_checkpoint_of_an_earlier_version_is_believed_once() -> None:
    async def story() -> None:
        harness = await an_evening()
        known, harness.progress.event_id = harness.progress.event_id, None
        await harness.run_for(1)
        assert harness.progress.event_id == known

        harness.progress.at, harness.progress.event_id = Position(harness.progress.at + 1), None
        with capture_logs() as logs:
            await harness.run_for(1)
        assert [one["event"] for one in logs] == ["log not followed"]

    run(story())


def test_whoever_begins_anew_needs_to_recognise_nothing() -> None:
    async def story() -> None:
        harness = await an_evening()
        harness.progress.at = START
        with capture_logs() as logs:
            await harness.run_for(1)
        assert [one["event"] for one in logs] == ["processes running", "processes stopped"]

    run(story())
