"""What several writers store by guess is what one would have stored by looking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest

from commands.ports import ANY, NO_STREAM, Appended, ConcurrentChange, EventIdTaken
from domain.shared.recorded import Position
from infra.eventstore.factory import utc_now
from infra.eventstore.hash_chain import stated_hash
from infra.eventstore.postgres.append_rules import EMPTY, Head
from infra.eventstore.postgres.head_cache import HeadCache
from infra.eventstore.postgres.store import PostgresEventStore
from tests.infra.eventstore.making import assert_sound, event, recorded_at, whole_log

HEAD = Head(3, "a" * 64)


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[PostgresEventStore]:
    store = PostgresEventStore(database_url, utc_now)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[PostgresEventStore]:
    store = PostgresEventStore(database_url, utc_now)
    await store.open()
    yield store
    await store.close()


async def test_a_known_stream_is_appended_to_in_one_call(one: PostgresEventStore, database_url: str) -> None:
    await one.append("stock-a", [event()], expected=NO_STREAM)
    await one.append("stock-a", [event()], expected=0)
    connection = await asyncpg.connect(database_url)
    statement = "select query from pg_stat_activity where application_name = 'counterfoil committer'"

    assert await connection.fetchval(statement) == "select append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    await connection.close()


async def test_a_guess_that_somebody_made_wrong_is_put_right(
    one: PostgresEventStore, other: PostgresEventStore
) -> None:
    await one.append("stock-a", [event()], expected=NO_STREAM)
    await other.append("stock-a", [event(), event()], expected=ANY)

    answers = await asyncio.gather(
        one.append("stock-a", [event()], expected=0),
        one.append("stock-a", [event()], expected=2),
        one.append("stock-a", [event()], expected=ANY),
        one.append("stock-b", [event()], expected=NO_STREAM),
        return_exceptions=True,
    )

    assert isinstance(answers[0], ConcurrentChange)
    assert list(answers[1:]) == [Appended(Position(4), 3), Appended(Position(5), 4), Appended(Position(6), 0)]
    assert_sound(await whole_log(one))


async def test_a_stream_that_is_not_new_any_more_is_noticed(one: PostgresEventStore, other: PostgresEventStore) -> None:
    await one.append("stock-b", [event()], expected=NO_STREAM)
    await other.append("stock-a", [event()], expected=NO_STREAM)

    with pytest.raises(ConcurrentChange):
        await one.append("stock-a", [event()], expected=NO_STREAM)


async def test_an_event_that_is_stored_is_not_stored_again(one: PostgresEventStore, other: PostgresEventStore) -> None:
    await one.append("stock-b", [event()], expected=NO_STREAM)
    again, elsewhere = event(), event()
    await other.append("stock-a", [again], expected=NO_STREAM)
    await other.append("stock-c", [elsewhere], expected=NO_STREAM)

    assert await one.append("stock-a", [again], expected=NO_STREAM) == Appended(Position(2), 0, repeated=True)
    with pytest.raises(EventIdTaken):
        await one.append("stock-d", [elsewhere], expected=NO_STREAM)
    assert len(await whole_log(one)) == 3


async def test_a_clock_that_is_behind_another_writers_does_not_record_the_past(
    one: PostgresEventStore, database_url: str
) -> None:
    behind = PostgresEventStore(database_url, lambda: utc_now() - timedelta(hours=1))
    await behind.append("stock-a", [event()], expected=NO_STREAM)
    await one.append("stock-b", [event()], expected=NO_STREAM)
    await behind.append("stock-a", [event()], expected=0)

    log = await whole_log(one)
    assert [record.position for record in log] == [1, 2, 3]
    assert_sound(log)
    first, second, third = (recorded_at(record) for record in log)
    assert second - first > timedelta(minutes=59)
    assert third == second
    await behind.close()


async def test_writers_who_guess_against_each_other_leave_an_unbroken_log(
    one: PostgresEventStore, other: PostgresEventStore
) -> None:
    async def write(store: PostgresEventStore) -> None:
        for _ in range(50):
            with suppress(ConcurrentChange):
                await store.append("stock-a", [event()], expected=len(await store.read("stock-a")) - 1)
            await store.append("stock-b", [event()], expected=ANY)

    await asyncio.gather(*(write(store) for store in (one, other, one, other)))

    log = await whole_log(one)
    assert [record.position for record in log] == list(range(1, len(log) + 1))
    assert len([record for record in log if record.stream == "stock-b"]) == 200
    assert_sound(log)


async def test_a_guess_that_another_history_of_the_stream_made_wrong_is_put_right(
    one: PostgresEventStore, database_url: str
) -> None:
    """As when a replica takes over that had not heard of the last events."""
    await one.append("stock-a", [event(), event()], expected=NO_STREAM)
    raw = await asyncpg.connect(database_url)
    await raw.execute("alter table events disable trigger events_are_final; delete from events where revision = 1")
    with pytest.raises(ConcurrentChange):
        await one.append("stock-a", [event()], expected=1)

    fresh = PostgresEventStore(database_url, utc_now)
    await one.append("stock-a", [event()], expected=0)
    await raw.execute("delete from events where revision = 1")
    await fresh.append("stock-a", [event()], expected=0)
    await one.append("stock-a", [event()], expected=1)

    assert_sound(await whole_log(one))
    await fresh.close()
    await raw.close()


def test_a_new_stream_is_guessed_and_one_that_nothing_is_known_of_is_not() -> None:
    guesses = HeadCache()
    guesses.learn({"stock-a": HEAD})

    assert guesses.heads([("stock-a", 3), ("stock-new", NO_STREAM), ("stock-new", 0), ("stock-a", ANY)]) == {
        "stock-a": HEAD,
        "stock-new": EMPTY,
    }
    assert guesses.heads([("stock-a", 3), ("stock-b", 0)]) is None


async def test_a_stream_that_was_read_is_known_as_far_as_it_was_read(one: PostgresEventStore) -> None:
    await one.append("stock-a", [event()], expected=NO_STREAM)
    (record,) = await one.read("stock-a")
    guesses = HeadCache()

    guesses.seen(record)
    assert guesses.heads([("stock-a", 0)]) == {"stock-a": Head(0, stated_hash(record.metadata))}
    guesses.learn({"stock-a": HEAD})
    guesses.seen(record)
    assert guesses.heads([("stock-a", 0)]) == {"stock-a": HEAD}


def test_the_streams_seen_longest_ago_are_forgotten() -> None:
    guesses = HeadCache(most=2)
    guesses.learn({"a": EMPTY, "b": EMPTY})
    guesses.learn({"a": EMPTY, "c": EMPTY})

    assert [guesses.heads([(name, ANY)]) is None for name in "abc"] == [False, True, False]
