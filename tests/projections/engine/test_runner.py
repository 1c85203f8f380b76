"""The runner's moves, step by step, on builds and a log in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from domain.shared.frozen import replace
from domain.shared.recorded import EventView, Position, Recorded
from projections.engine import parking, runner
from projections.engine.ports import Tables
from projections.engine.projection import Projection
from projections.engine.runner import Runner
from tests.support.builders.event_log_builder import Log
from tests.support.fixtures.memory_builds import BatchLog, MemoryBuilds
from tests.support.harness.counter import TicketSold

PATIENCE = 60.0


class Office:
    """A read model that remembers which positions it was given, and refuses one of them."""

    def __init__(self, name: str = "office", refuses: int | None = None, version: int = 1) -> None:
        self.given = list[int]()
        self.tried = list[int]()
        self.refuses = refuses
        self.projection = Projection(
            name=name, version=version, handles=(TicketSold,), tables=(), ddl="", project=self.project
        )

    async def project(self, batch: Sequence[EventView[Any]], _: Tables) -> None:
        positions = [int(recorded.position) for recorded in batch]
        self.tried += positions
        if self.refuses in positions:
            raise ValueError(f"No {self.refuses} here.")
        self.given += positions


def ten() -> Sequence[Recorded[Any]]:
    log = Log()
    return log.tell(*(TicketSold(show=str(n)) for n in range(10)))


@asynccontextmanager
async def running(log: BatchLog, builds: MemoryBuilds, *offices: Office) -> AsyncIterator[None]:
    at_work = asyncio.create_task(Runner([office.projection for office in offices], log, builds).run())
    try:
        yield
        assert not at_work.done()
    finally:
        at_work.cancel()
        await asyncio.wait([at_work])


async def until(builds: MemoryBuilds, **positions: int) -> None:
    """Let the runner work until the builds stand there."""
    async with asyncio.timeout(PATIENCE):
        while {schema: build.position for schema, build in builds.builds.items() if schema in positions} != positions:
            await builds.next_step()


async def test_what_stands_together_is_moved_together() -> None:
    log, builds, one, two = BatchLog(ten(), size=4), MemoryBuilds(), Office("one"), Office("two")
    builds.make(one.projection)
    builds.make(two.projection)
    log.show(10)
    async with running(log, builds, one, two):
        await until(builds, one_b1=10, two_b1=10)
    both = ["one_b1", "two_b1"]
    assert builds.moves == [(both, 0, 4), (both, 4, 8), (both, 8, 10)]
    assert log.readings == [0]
    assert one.given == two.given == list(range(1, 11))


async def test_a_build_that_lags_catches_up_joins_where_the_first_stand_and_overtakes_nobody() -> None:
    log, builds, old, new = BatchLog(ten(), size=4), MemoryBuilds(), Office("old"), Office("new")
    builds.make(old.projection, Position(6))
    builds.make(new.projection)
    log.show(6)
    async with running(log, builds, old, new):
        await until(builds, new_b1=6)
        log.show(10)
        await until(builds, old_b1=10, new_b1=10)
    assert builds.moves == [(["new_b1"], 0, 4), (["new_b1"], 4, 6), (["old_b1", "new_b1"], 6, 10)]
    assert (old.given, new.given) == ([7, 8, 9, 10], list(range(1, 11)))


async def test_a_batch_that_goes_beyond_the_first_lane_is_cut() -> None:
    log, builds, old, new = BatchLog(ten(), sizes={3: 2}), MemoryBuilds(), Office("old"), Office("new")
    builds.make(old.projection, Position(3))
    builds.make(new.projection)
    log.show(10)
    async with running(log, builds, old, new):
        await until(builds, old_b1=10, new_b1=10)
    both = ["old_b1", "new_b1"]
    assert builds.moves == [(["old_b1"], 3, 5), (["new_b1"], 0, 5), (both, 5, 7), (both, 7, 9), (both, 9, 10)]
    assert (old.given, new.given) == (list(range(4, 11)), list(range(1, 11)))


async def _rebuilt_one_after_the_other() -> MemoryBuilds:
    """One is read and has come to the end; one has been built anew for a moment, and then another one."""
    log, builds, read, early, late = BatchLog(ten(), size=3), MemoryBuilds(), Office("read"), Office("a"), Office("b")
    builds.make(read.projection, Position(10))
    builds.make(early.projection, Position(4))
    builds.make(late.projection)
    log.show(10)
    async with running(log, builds, read, early, late):
        await until(builds, a_b1=10, b_b1=10)
    assert (early.given, late.given) == (list(range(5, 11)), list(range(1, 11)))
    return builds


async def test_who_has_only_just_gone_ahead_waits_and_the_log_is_read_together() -> None:
    builds, both = await _rebuilt_one_after_the_other(), ["a_b1", "b_b1"]
    assert builds.moves == [(["b_b1"], 0, 3), (["b_b1"], 3, 4), (both, 4, 7), (both, 7, 10)]


async def test_nobody_waits_for_who_is_far_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "NEAR", 3)
    builds = await _rebuilt_one_after_the_other()
    assert builds.moves == [
        (["a_b1"], 4, 7),
        (["b_b1"], 0, 3),
        (["a_b1"], 7, 10),
        (["b_b1"], 3, 6),
        (["b_b1"], 6, 9),
        (["b_b1"], 9, 10),
    ]


async def test_who_raises_too_often_stands_still_and_is_left_alone_until_a_restart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parking, "MOST", 0)
    log, builds, good, bad = BatchLog(ten(), size=3), MemoryBuilds(), Office("good"), Office("bad", refuses=5)
    builds.make(bad.projection)
    builds.make(good.projection)
    log.show(8)
    async with running(log, builds, good, bad):
        await until(builds, good_b1=8)
        builds.make(good.projection)
        log.show(10)
        await until(builds, good_b1=10, good_b2=10)
    why = "TooManyParked: More than 0 events could not be taken in; the last: ValueError: No 5 here."
    assert (builds.builds["bad_b1"].position, builds.builds["bad_b1"].error) == (3, why)
    assert bad.tried == [1, 2, 3, 4, 5, 6, 4, 5, 6, 4, 5, 6, 5]
    bad.refuses = None
    async with running(log, builds, good, bad):
        await until(builds, bad_b1=10)
    assert builds.builds["bad_b1"].error is None
    assert [*dict.fromkeys(bad.given)] == list(range(1, 11))


async def test_when_all_of_a_lane_fail_the_next_one_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MOST", 0)
    log, builds, bad, good = BatchLog(ten(), size=2), MemoryBuilds(), Office("bad", refuses=7), Office("good")
    builds.make(bad.projection, Position(6))
    builds.make(good.projection)
    log.show(10)
    async with running(log, builds, bad, good):
        await until(builds, good_b1=10)
    assert (builds.builds["bad_b1"].error or "").endswith("ValueError: No 7 here.")
    assert good.given == list(range(1, 11))


async def test_storage_that_is_away_is_asked_again_and_nobody_is_blamed() -> None:
    log, builds, office = BatchLog(ten()), MemoryBuilds(unavailable=1), Office()
    builds.make(office.projection)
    log.show(10)
    async with running(log, builds, office):
        await until(builds, office_b1=10)
    assert office.given == list(range(1, 11))
    assert builds.builds["office_b1"].error is None


async def test_a_checkpoint_that_somebody_moved_is_taken_from_where_it_stands() -> None:
    log, builds, office = BatchLog(ten(), size=4), MemoryBuilds(), Office()
    builds.make(office.projection)
    log.show(4)
    async with running(log, builds, office):
        await until(builds, office_b1=4)
        builds.builds.clear()
        builds.make(office.projection, Position(8))
        builds.news.clear()
        log.show(10)
        await until(builds, office_b1=10)
    assert office.given == [1, 2, 3, 4, 9, 10]


async def test_builds_of_a_version_that_the_code_does_not_know_stand_still() -> None:
    log, builds, old, new = BatchLog(ten()), MemoryBuilds(), Office(), Office(version=2)
    builds.make(old.projection, Position(2))
    log.show(10)
    async with running(log, builds, new):
        await until(builds, office_b2=10)
    assert builds.builds["office_b1"].position == 2
    assert old.given == []


async def test_each_build_knows_the_event_where_it_stands() -> None:
    facts, builds, old, new = ten(), MemoryBuilds(), Office("old"), Office("new")
    log = BatchLog(facts, sizes={3: 2})
    builds.make(old.projection, Position(3))
    builds.make(new.projection)
    log.show(5)
    async with running(log, builds, old, new):
        await until(builds, old_b1=5, new_b1=5)
        assert {build.event_id for build in builds.builds.values()} == {facts[4].event_id}


async def test_a_batch_that_is_cut_ends_at_the_event_of_the_lane_in_front() -> None:
    facts, builds, old, new = ten(), MemoryBuilds(), Office("old"), Office("new")
    log = BatchLog(facts, sizes={3: 0})
    builds.make(old.projection, Position(3))
    builds.make(new.projection)
    log.show(10)
    async with running(log, builds, old, new):
        await until(builds, new_b1=3)
    assert {schema: build.event_id for schema, build in builds.builds.items()} == {
        "old_b1": facts[2].event_id,
        "new_b1": facts[2].event_id,
    }


@pytest.mark.parametrize("there", [4, 10], ids=["shorter", "other"])
async def test_builds_of_another_log_stand_still_and_say_why_until_it_is_back(
    there: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOOK_AGAIN", 0.01)
    facts, builds, old, new = ten(), MemoryBuilds(), Office("old"), Office("new")
    log = BatchLog(facts)
    builds.make(old.projection)
    log.show(6)
    async with running(log, builds, old):
        await until(builds, old_b1=6)

    others = [told._replace(event_id=UUID(int=number)) for number, told in enumerate(facts, start=1_000)]
    log.recorded = others[:there]
    builds.make(new.projection)
    log.show(there)
    async with running(log, builds, old, new):
        await until(builds, new_b1=there)
        error = builds.builds["old_b1"].error or ""
        assert error.startswith("Made from another log: There is ")
        assert (builds.builds["old_b1"].position, old.given) == (6, [1, 2, 3, 4, 5, 6])

        builds.builds["new_b1"] = replace(builds.builds["new_b1"], position=Position(0))
        log.recorded = facts
        log.show(10)
        await until(builds, old_b1=10)
        assert builds.builds["old_b1"].error is None


async def test_a_build_of_an_earlier_version_gets_the_event_where_it_stands_though_nothing_happens() -> None:
    facts, builds, office = ten(), MemoryBuilds(), Office()
    log = BatchLog(facts)
    builds.make(office.projection, Position(3))
    log.show(3)
    async with running(log, builds, office), asyncio.timeout(PATIENCE):
        while builds.builds["office_b1"].event_id is None:
            await builds.next_step()
    assert (builds.builds["office_b1"].event_id, builds.moves) == (facts[2].event_id, [])
