"""An event that a read model cannot take in is parked there with its stream; other streams and read models go on."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.shared.recorded import EventView, Position, Recorded
from projections.engine import parking
from projections.engine.ports import Tables, Unread
from projections.engine.projection import Projection
from tests.projections.engine.test_runner import Office, running, until
from tests.support.builders.event_log_builder import Log
from tests.support.fixtures.memory_builds import BatchLog, MemoryBuilds
from tests.support.fixtures.virtual_time import run
from tests.support.harness.counter import TicketSold


def told(streams: str) -> list[Recorded[Any]]:
    """An event for each letter, in the stream of that name."""
    log = Log()
    for stream in streams:
        log.tell(TicketSold(show=stream), stream=stream)
    return log.recorded


def unread(facts: Sequence[Recorded[Any]], position: int, kind: type[Any] | None = TicketSold) -> Unread:
    return Unread(Position(position), facts[position - 1].stream, "test.sold.v9", kind, ValueError("no"))


class Hall(Office):
    """A read model that writes what it was given into a list that follows the attempts of its builds."""

    def __init__(self, name: str, refuses: Sequence[int] = (), watches: bool = False) -> None:
        super().__init__(name)
        self.bad = frozenset(refuses)
        self.calls = 0
        self.projection = Projection(
            name=name,
            version=1,
            handles=(TicketSold,),
            tables=(),
            ddl="",
            project=self.project,
            watches=watches,
        )

    async def project(self, batch: Sequence[EventView[Any]], _: Tables) -> None:
        self.calls += 1
        positions = [int(recorded.position) for recorded in batch]
        if bad := self.bad.intersection(positions):
            raise OverflowError(f"No {min(bad)} here.")
        self.given += positions


async def test_one_event_is_parked_and_its_stream_waits_behind_it() -> None:
    log, builds = BatchLog(told("abacabbaca"), size=4), MemoryBuilds()
    good, bad = Hall("good"), Hall("bad", refuses=[2])
    builds.make(bad.projection)
    builds.make(good.projection)
    log.show(10)
    async with running(log, builds, good, bad):
        await until(builds, good_b1=10, bad_b1=10)
    assert good.given == list(range(1, 11))
    assert bad.given == [1, 3, 4, 5, 8, 9, 10]
    assert builds.parked == {"bad_b1": {"b": (2, 2)}}
    assert builds.builds["bad_b1"].error is None
    # Together, alone, and by halves down to the one; then batch by batch without it.
    assert bad.calls <= 2 + 2 * 3 + 2


async def test_what_could_not_be_read_is_parked_where_it_would_have_been_heard() -> None:
    facts = told("abab")
    log, builds = BatchLog(facts, size=4, unread=[unread(facts, 2)]), MemoryBuilds()
    handles, deaf = Hall("hears"), Hall("deaf")
    deaf.projection = Projection(name="deaf", version=1, handles=(), tables=(), ddl="", project=deaf.project)
    builds.make(handles.projection)
    builds.make(deaf.projection)
    log.show(4)
    async with running(log, builds, handles, deaf):
        await until(builds, hears_b1=4, deaf_b1=4)
    assert builds.parked == {"hears_b1": {"b": (2, 1)}}


async def test_of_two_bad_events_of_a_stream_the_first_is_parked() -> None:
    facts = told("aaaaa")
    log, builds, hall = BatchLog(facts, unread=[unread(facts, 4)]), MemoryBuilds(), Hall("hall", refuses=[2])
    builds.make(hall.projection)
    log.show(5)
    async with running(log, builds, hall):
        await until(builds, hall_b1=5)
    assert (hall.given, builds.parked) == ([1], {"hall_b1": {"a": (2, 3)}})


async def test_a_name_that_is_not_known_is_parked_where_somebody_watches() -> None:
    facts = told("abab")
    log, builds = BatchLog(facts, size=4, unread=[unread(facts, 2, kind=None)]), MemoryBuilds()
    watching, other = Hall("watching", watches=True), Hall("other")
    builds.make(watching.projection)
    builds.make(other.projection)
    log.show(4)
    async with running(log, builds, watching, other):
        await until(builds, watching_b1=4, other_b1=4)
    assert builds.parked == {"watching_b1": {"b": (2, 1)}}


async def test_a_stream_still_stands_still_after_a_restart() -> None:
    log, builds, hall = BatchLog(told("abab"), size=2), MemoryBuilds(), Hall("hall", refuses=[2])
    builds.make(hall.projection)
    log.show(2)
    async with running(log, builds, hall):
        await until(builds, hall_b1=2)
    log.show(4)
    async with running(log, builds, hall):
        await until(builds, hall_b1=4)
    assert (hall.given, builds.parked) == ([1, 3], {"hall_b1": {"b": (2, 1)}})


async def test_a_read_model_that_takes_in_nothing_stops_after_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MOST", 3)
    facts = told("abcdefghijklmnopqrstuvwxyz")
    log, builds, hall = BatchLog(facts), MemoryBuilds(), Hall("hall", refuses=range(1, 27))
    other = Hall("other")
    builds.make(hall.projection)
    builds.make(other.projection)
    log.show(26)
    async with running(log, builds, hall, other):
        await until(builds, other_b1=26)
    why = "TooManyParked: More than 3 events could not be taken in; the last: OverflowError: No 4 here."
    assert (builds.builds["hall_b1"].error, builds.builds["hall_b1"].position) == (why, 0)
    assert hall.calls < 20


@settings(max_examples=200, deadline=None)
@given(
    st.text("abc", min_size=1, max_size=12),
    st.sets(st.integers(1, 12)),
    st.sets(st.integers(1, 12)),
    st.integers(1, 12),
)
def test_each_stream_is_taken_in_up_to_its_first_bad_event_and_no_further(
    streams: str, refused: set[int], unreadable: set[int], size: int
) -> None:
    facts = told(streams)
    ends = range(1, len(facts) + 1)

    async def view() -> tuple[list[int], dict[str, tuple[int, int]]]:
        log = BatchLog(facts, size=size, unread=[unread(facts, n) for n in sorted(unreadable.intersection(ends))])
        builds, hall = MemoryBuilds(), Hall("hall", refuses=sorted(refused - unreadable))
        builds.make(hall.projection)
        log.show(len(facts))
        async with running(log, builds, hall):
            await until(builds, hall_b1=len(facts))
        return hall.given, builds.parked.get("hall_b1", {})

    taken_in, parked = run(view())
    bad = {n for n in ends if n in refused | unreadable}
    first = {stream: min((n for n in bad if facts[n - 1].stream == stream), default=None) for stream in set(streams)}
    expected = [n for n in ends if (end := first[facts[n - 1].stream]) is None or n < end]
    assert sorted(taken_in) == expected
    for stream in set(streams):
        mine = [n for n in taken_in if facts[n - 1].stream == stream]
        assert mine == sorted(mine)
    assert parked == {
        stream: (end, sum(fact.stream == stream and fact.position > end for fact in facts))
        for stream, end in first.items()
        if end is not None
    }
