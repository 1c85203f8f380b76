"""Pull the plug before and after each thing the runner does: nothing is lost, nothing happens twice."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from domain.shared.journal import JournalEntry
from domain.shared.recorded import Recorded
from process_managers.engine import instance, workers
from process_managers.engine.checkpoint import Checkpoint
from process_managers.engine.instance import Instance, with_entry
from process_managers.engine.runner import Limits
from process_managers.engine.watermark import Watermark
from tests.support.fixtures.virtual_time import run
from tests.support.fixtures.watched import Crash, Plug
from tests.support.harness.counter import TicketCancelled, TicketSold
from tests.support.harness.process_harness import ProcessHarness


async def evening() -> ProcessHarness:
    """Anna gets both, Ben's dinner is sold out, so he gives the play back and is on the list for a minute."""
    harness = ProcessHarness(limits=Limits(page=2))
    await harness.sell_out("ben/dinner")
    await harness.sell("anna/play", 1)
    await harness.sell("ben/play", 2)
    return harness


ANNA = [TicketSold(show="anna/play"), TicketSold(show="anna/dinner")]
BEN = [
    TicketSold(show="ben/play"),
    TicketCancelled(show="ben/play"),
    TicketSold(show="ben/list"),
    TicketCancelled(show="ben/list"),
]


async def crash_and_go_on(at: int, then_at: int | None = None) -> tuple[ProcessHarness, bool]:
    harness = await evening()
    crashed = False
    for plug in [Plug(at), *([Plug(then_at)] if then_at else [])]:
        try:
            await replace(harness, point=plug.point).run_for(75)
        except* Crash:
            crashed = True
    await harness.run_for(150)
    return harness, crashed


async def verdict(harness: ProcessHarness) -> None:
    facts = (await harness.facts())[3:]
    assert [fact for fact in facts if fact.show.startswith("anna")] == ANNA
    assert [fact for fact in facts if fact.show.startswith("ben")] == BEN
    assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "planned"]
    assert {entry.phase for entry in (await harness.heard("ben"))[3:]} == {"half planned", "off"}
    assert harness.progress.timers == {}
    assert harness.progress.at == await harness.store.head()


def points() -> int:
    """How many things the runner does on a quiet evening."""

    async def story() -> int:
        plug = Plug(10**9)
        harness = await evening()
        await replace(harness, point=plug.point).run_for(150)
        await verdict(harness)
        return len(plug.passed)

    return run(story())


def test_a_crash_anywhere_loses_nothing_and_repeats_nothing() -> None:
    async def story(at: int) -> None:
        harness, crashed = await crash_and_go_on(at)
        assert crashed
        await verdict(harness)

    count = points()
    assert count > 30
    for at in range(1, count - 2):
        run(story(at))


def test_a_second_crash_after_the_first_does_no_harm_either() -> None:
    async def story(at: int, then_at: int) -> None:
        harness, _ = await crash_and_go_on(at, then_at)
        await verdict(harness)

    for at in range(1, points(), 3):
        for then_at in range(1, 16):
            run(story(at, then_at))


def found_by_crashes() -> bool:
    async def story(at: int) -> None:
        harness, _ = await crash_and_go_on(at)
        await verdict(harness)

    for at in range(1, points() - 2):
        try:
            run(story(at))
        except AssertionError:
            return True
    return False


def test_a_checkpoint_before_delivery_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watermark, "low", property(lambda self: self.high))
    assert found_by_crashes()


def test_a_journal_that_is_not_delivered_again_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def settled(*story: Any) -> Instance:
        return with_entry(*story)._replace(unsettled=())

    monkeypatch.setattr(workers, "with_entry", settled)
    assert found_by_crashes()


def test_command_ids_that_differ_from_time_to_time_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "command_id", lambda *_: uuid4())
    monkeypatch.setattr(
        workers, "with_entry", lambda process, before, entry: with_entry(process, before, renumbered(entry))
    )
    assert found_by_crashes()


def renumbered(entry: Recorded[JournalEntry]) -> Recorded[JournalEntry]:
    asked = tuple(replace(one, command_id=uuid4()) for one in entry.fact.asked)
    return entry._replace(fact=replace(entry.fact, asked=asked))


def test_timers_stored_apart_from_the_position_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def store(self: Checkpoint) -> list[object]:
        timers, self._timers = self._timers, []
        await self.progress.advance(self.watermark.low, [])
        await self.progress.advance(self.watermark.low, timers)
        await self.progress.fired(self._rung)
        rung, self._rung = self._rung, []
        return list(rung)

    monkeypatch.setattr(Checkpoint, "store", store)
    assert found_by_crashes()
