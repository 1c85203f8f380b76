"""Checkpoint and timers: stored together, the same in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commands.ports import Seen
from domain.shared.recorded import START, Position
from infra.postgres.sessions import Sessions
from infra.processes.progress import PostgresProgress
from process_managers.engine.partitions import partition_of
from process_managers.engine.ports import CancelledTimer, Progress, Timer
from tests.support.fixtures.progress import MemoryProgress

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=15)
CORRELATION = UUID(int=7)
EARLIER, BETWEEN, HERE = UUID(int=11), UUID(int=12), UUID(int=13)


def timer(name: str, due: datetime, instance: str = "anna") -> Timer:
    return Timer(process="checkout", instance=instance, name=name, due=due, correlation_id=CORRELATION)


def cancelled(name: str, instance: str = "anna") -> CancelledTimer:
    return CancelledTimer(process="checkout", instance=instance, name=name)


@pytest.fixture(params=["memory", "postgres"])
async def progress(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Progress]:
    if request.param == "memory":
        yield MemoryProgress()
        return
    sessions = Sessions(database_url, "test", 1)
    stored = PostgresProgress(sessions)
    await stored.prepare()
    await stored.prepare()
    yield stored
    await sessions.close()


async def test_a_new_runner_starts_before_everything(progress: Progress) -> None:
    assert await progress.position() == START
    assert await progress.due(LATER, 10) == []


async def test_the_position_never_goes_back(progress: Progress) -> None:
    await progress.advance(Position(9), [])
    await progress.advance(Position(4), [])
    assert await progress.position() == Position(9)


async def test_timers_come_when_they_are_due_the_earliest_first(progress: Progress) -> None:
    pay, reserve, ship = timer("pay", LATER), timer("reserve", NOON), timer("ship", NOON, "ben")
    await progress.advance(Position(1), [pay, reserve, ship])

    assert await progress.due(NOON - timedelta(seconds=1), 10) == []
    assert await progress.due(NOON, 10) == [reserve, ship]
    assert await progress.due(LATER, 10) == [reserve, ship, pay]
    assert await progress.due(LATER, 1) == [reserve]


async def test_the_last_word_on_a_timer_counts(progress: Progress) -> None:
    moved, gone, back = timer("pay", LATER), cancelled("reserve"), timer("ship", NOON)
    await progress.advance(
        Position(1), [timer("pay", NOON), moved, timer("reserve", NOON), gone, cancelled("ship"), back]
    )
    assert await progress.due(LATER, 10) == [back, moved]

    await progress.advance(Position(2), [cancelled("pay"), cancelled("never set")])
    assert await progress.due(LATER, 10) == [back]


async def test_a_moved_timer_is_due_at_its_new_time_only(progress: Progress) -> None:
    await progress.advance(Position(1), [timer("pay", NOON), timer("ship", LATER)])
    await progress.advance(Position(2), [timer("pay", LATER), timer("ship", NOON)])
    assert await progress.due(LATER - timedelta(seconds=1), 10) == [timer("ship", NOON)]
    assert await progress.due(LATER, 10) == [timer("ship", NOON), timer("pay", LATER)]


async def test_a_fired_timer_is_forgotten_unless_it_was_set_anew(progress: Progress) -> None:
    pay, reserve = timer("pay", NOON), timer("reserve", NOON)
    await progress.advance(Position(1), [pay, reserve])
    await progress.advance(Position(2), [timer("pay", LATER)])
    await progress.fired([pay, reserve])
    assert await progress.due(LATER, 10) == [timer("pay", LATER)]


async def test_each_partition_has_its_own_position_and_timers(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 1)
    annas, bens = partition_of("anna"), partition_of("ben")
    anna, ben = (PostgresProgress(sessions, frozenset({partition})) for partition in (annas, bens))
    both = PostgresProgress(sessions, frozenset({annas, bens}))
    await both.prepare()
    pay, ship = timer("pay", NOON), timer("ship", NOON, "ben")
    await anna.advance(Position(9), [pay])
    await ben.advance(Position(4), [ship])
    assert [await each.position() for each in (anna, ben, both)] == [Position(9), Position(4), Position(4)]
    assert [await each.ahead() for each in (anna, ben, both)] == [{}, {}, {annas: Position(9)}]
    assert [await each.due(NOON, 10) for each in (anna, ben, both)] == [[pay], [ship], [pay, ship]]
    await sessions.close()


async def test_what_was_kept_before_there_were_partitions_is_kept(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 1)
    anna = PostgresProgress(sessions, frozenset({partition_of("anna")}))
    await anna.prepare()
    pay = timer("pay", NOON)
    await anna.advance(Position(2), [pay])
    await sessions.persistently(
        lambda c: c.execute(
            "update processes.process_progress set runner = 'processes'; update processes.timers set partition = null"
        ),
        5,
    )
    assert await PostgresProgress(sessions).position() == Position(2)
    assert await PostgresProgress(sessions, frozenset({partition_of("ben")})).due(NOON, 10) == [pay]
    await sessions.close()


async def test_a_position_is_stored_with_the_event_there(progress: Progress) -> None:
    assert await progress.seen() == {Seen(START, None)}
    await progress.advance(Position(9), [], HERE)
    await progress.advance(Position(4), [], EARLIER)
    assert await progress.seen() == {Seen(Position(9), HERE)}
    await progress.fill(Seen(Position(9), EARLIER))
    assert await progress.seen() == {Seen(Position(9), HERE)}


async def test_partitions_that_stand_apart_know_their_own_events(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 1)
    one, other = PostgresProgress(sessions, frozenset({1})), PostgresProgress(sessions, frozenset({2}))
    both = PostgresProgress(sessions, frozenset({1, 2}))
    await both.prepare()
    await one.advance(Position(9), [], HERE)
    await other.advance(Position(4), [], EARLIER)
    await both.advance(Position(7), [], BETWEEN)
    assert await one.seen() == {Seen(Position(9), HERE)}
    assert await other.seen() == {Seen(Position(7), BETWEEN)}
    assert await both.seen() == {Seen(Position(9), HERE), Seen(Position(7), BETWEEN)}
    await sessions.close()


async def test_a_database_of_an_earlier_version_gets_the_events_of_its_positions(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 1)
    await sessions.persistently(
        lambda c: c.execute(
            "create schema processes; create table processes.process_progress (runner text primary key, position bigint"
            " not null); insert into processes.process_progress values ('processes', 3), ('processes/1', 5)"
        ),
        5,
    )
    progress = PostgresProgress(sessions, frozenset({1, 2}))
    await progress.prepare()
    assert await progress.seen() == {Seen(Position(3), None), Seen(Position(5), None)}
    await progress.fill(Seen(Position(3), EARLIER))
    await progress.fill(Seen(Position(5), HERE))
    assert await progress.seen() == {Seen(Position(3), EARLIER), Seen(Position(5), HERE)}
    await sessions.close()
