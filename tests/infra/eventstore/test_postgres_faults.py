"""PostgreSQL stalls, refuses and hangs up; the log does not notice."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from time import monotonic

import asyncpg
import pytest

from commands.ports import ANY, NO_STREAM, Appended, Expected, NewEvent, StoreUnavailable
from domain.shared.recorded import START, Position
from infra.eventstore.factory import utc_now
from infra.eventstore.hash_chain import NotStorable, timestamp
from infra.eventstore.postgres.append_rules import EMPTY, seal_all
from infra.eventstore.postgres.notifications import Listener
from infra.eventstore.postgres.schema import CHANNEL, LOCK
from infra.eventstore.postgres.store import PostgresEventStore
from infra.eventstore.postgres.subscription import Bell
from infra.postgres.sessions import TRY_AGAIN, Connection, connect
from tests.infra.eventstore.acknowledged import Acknowledged, assert_kept
from tests.infra.eventstore.making import event, whole_log
from tests.infra.eventstore.test_following import follow
from tests.support.fixtures.proxy import AFTER, BEFORE, until, wire_to


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PostgresEventStore]:
    store = PostgresEventStore(database_url, utc_now)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def raw(database_url: str, store: PostgresEventStore) -> AsyncIterator[Connection]:
    """A connection to the same database, behind the back of the store."""
    assert await store.head() == START
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def insert(raw: Connection, position: int, stream: str, new: NewEvent) -> None:
    ((revision, metadata),) = seal_all(stream, [new], EMPTY, timestamp(utc_now()))
    row = position, stream, revision, new.event_id, new.type, new.data.decode(), metadata.decode()
    await raw.execute("insert into events values ($1, $2, $3, $4, $5, $6, $7)", *row)


async def somebody_waits(raw: Connection) -> None:
    """Until a session waits for a lock."""
    await until(lambda: raw.fetchval("select count(*) from pg_locks where not granted"))


@pytest.mark.parametrize("with_lock", [True, False], ids=["as agreed", "without the lock"])
async def test_nobody_sees_a_later_event_before_one_whose_writer_stalls(
    store: PostgresEventStore, raw: Connection, with_lock: bool
) -> None:
    early, late = event(), event()
    stalled = raw.transaction()
    await stalled.start()
    if with_lock:
        await raw.execute("select pg_advisory_xact_lock($1)", LOCK)
    await insert(raw, 1, "stock-early", early)
    following = asyncio.create_task(follow(store, 2))
    appending = asyncio.create_task(store.append("stock-late", [late], expected=NO_STREAM))
    await somebody_waits(raw)

    assert (await store.head(), await whole_log(store)) == (START, [])
    await stalled.commit()

    assert await appending == Appended(Position(2), 0)
    assert [record.event_id for record in await following] == [early.event_id, late.event_id]
    assert await whole_log(store) == await following


async def test_a_writer_that_stalls_and_gives_up_leaves_no_gap(store: PostgresEventStore, raw: Connection) -> None:
    stalled = raw.transaction()
    await stalled.start()
    await raw.execute("select pg_advisory_xact_lock($1)", LOCK)
    await insert(raw, 1, "stock-early", event())
    appending = asyncio.create_task(store.append("stock-late", [event()], expected=NO_STREAM))
    await somebody_waits(raw)

    await stalled.rollback()

    assert await appending == Appended(Position(1), 0)


async def test_a_writer_that_stalls_too_long_makes_the_store_unavailable(database_url: str, raw: Connection) -> None:
    store = PostgresEventStore(database_url, utc_now, patience=0.5)
    async with raw.transaction():
        await raw.execute("select pg_advisory_xact_lock($1)", LOCK)
        began = monotonic()
        with pytest.raises(StoreUnavailable):
            await store.append("stock-a", [event()], expected=NO_STREAM)
        assert monotonic() - began < 5
        assert list(await store.read("stock-a")) == []
    assert (await store.append("stock-a", [event()], expected=NO_STREAM)).revision == 0
    await store.close()


async def test_an_event_that_only_the_database_refuses_fails_alone(store: PostgresEventStore, raw: Connection) -> None:
    await raw.execute("alter table events add check (type <> 'refused')")

    outcomes = await asyncio.gather(
        *(store.append(f"stock-{n}", [event(type="refused" if n == 5 else "fine")], expected=ANY) for n in range(9)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [Appended] * 5 + [NotStorable] + [Appended] * 3
    assert await store.head() == 8


async def test_a_read_that_only_the_database_refuses_fails_alone(store: PostgresEventStore) -> None:
    for n in range(9):
        await store.append(f"stock-{n}", [event()], expected=NO_STREAM)

    answers = await asyncio.gather(
        *(store.read(f"stock-{n}", after=-(2**80) if n == 5 else NO_STREAM) for n in range(9)), return_exceptions=True
    )

    assert [len(it) if isinstance(it, list) else type(it) for it in answers] == [1] * 5 + [StoreUnavailable] + [1] * 3


@pytest.mark.parametrize("when", [BEFORE, AFTER])
@pytest.mark.parametrize(
    ("expected", "step", "last"),
    [(NO_STREAM, 0, True), (ANY, 0, False), (ANY, 1, False), (ANY, 2, False), (ANY, 3, True)],
    ids=["all in one", "begin", "look", "insert", "commit"],
)
async def test_a_connection_lost_at_any_step_of_a_commit_stores_everything_once(
    store: PostgresEventStore, database_url: str, expected: Expected, step: int, last: bool, when: str
) -> None:
    async with wire_to(database_url) as wire:
        fragile = PostgresEventStore(wire.url, utc_now)
        for stream, known in (("looked at", ANY), ("guessed", NO_STREAM)):  # then every statement is prepared
            await fragile.append(f"stock-{stream}", [event()], expected=known)
        wire.passing, wire.when = step, when

        at = await asyncio.gather(
            *(fragile.append(f"stock-{n}", [event(), event()], expected=expected) for n in range(20))
        )

        assert wire.connections == 2
        assert [each.repeated for each in at] == [last and when == AFTER] * 20
        await fragile.close()
    log = await whole_log(store)
    told = [
        Acknowledged(each.position, f"stock-{n}", 1, tuple(r.event_id for r in log if r.stream == f"stock-{n}"))
        for n, each in enumerate(at)
    ]
    assert_kept(told, log)
    assert len(log) == 42


async def test_connections_lost_in_the_middle_of_the_load_lose_nothing(
    store: PostgresEventStore, raw: Connection
) -> None:
    told, lost, writers, appends = list[Acknowledged](), dict[str, int](), 8, 60
    following = asyncio.create_task(follow(store, 2 * writers * appends))

    async def write(writer: int) -> None:
        stream = f"stock-{writer}"
        for n in range(appends):
            events = [event(), event()]
            at = await store.append(stream, events, expected=2 * n - 1)
            told.append(Acknowledged(at.position, stream, at.revision, tuple(e.event_id for e in events)))
            read = await store.read(stream, after=at.revision - 2)
            assert [record.event_id for record in read] == [each.event_id for each in events]

    async def progress() -> None:
        before = len(told)

        async def made() -> bool:
            return len(told) > before

        await until(made)

    async def hang_up() -> None:
        for victim in count():
            who = f"counterfoil {('committer', 'reader', 'listener')[victim % 3]}"
            cut = await raw.fetchval(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name = $1",
                who,
            )
            lost[who] = lost.get(who, 0) + cut
            await progress()

    hanging_up = asyncio.create_task(hang_up())
    await asyncio.gather(*(write(writer) for writer in range(writers)))
    hanging_up.cancel()

    log = await whole_log(store)
    assert_kept(told, log)
    assert len(log) == 2 * writers * appends
    assert await following == log
    assert lost["counterfoil committer"] >= 3
    assert lost["counterfoil reader"] >= 3
    assert lost["counterfoil listener"] >= 1


async def test_a_subscription_does_not_need_to_be_told(store: PostgresEventStore, raw: Connection) -> None:
    pages = aiter(store.subscribe(after=START))
    first = asyncio.ensure_future(anext(pages))
    ready = "application_name = 'counterfoil listener' and query ilike 'listen%' and state = 'idle'"
    await until(lambda: raw.fetchval(f"select count(*) from pg_stat_activity where {ready}"))
    await store.append("stock-a", [event()], expected=NO_STREAM)
    assert (await first).position == 1
    second = asyncio.ensure_future(anext(pages))
    assert [await store.head() for _ in range(9)] == [1] * 9  # time to find nothing and to wait

    untold = event()
    await insert(raw, 2, "stock-b", untold)

    async with asyncio.timeout(60):
        assert [record.event_id for record in (await second).records] == [untold.event_id]


async def test_what_was_asked_before_the_store_is_closed_is_stored(
    store: PostgresEventStore, database_url: str
) -> None:
    closing = PostgresEventStore(database_url, utc_now)
    appends = [asyncio.create_task(closing.append(f"stock-{n}", [event()], expected=NO_STREAM)) for n in range(50)]
    await asyncio.sleep(0)
    await closing.close()

    assert sorted([(await append).position for append in appends]) == list(range(1, 51))
    assert await store.head() == 50


async def test_a_listener_that_hears_nothing_any_more_notices(database_url: str, raw: Connection) -> None:
    async with wire_to(database_url) as wire:
        bell = Bell()
        ready = bell.next_ring()
        listener = Listener(wire.url, bell, quiet=0.1)
        listener.start()
        await ready.wait()
        ready = bell.next_ring()

        wire.go_deaf()
        async with asyncio.timeout(60):
            await ready.wait()
        assert wire.connections == 2

        rung = bell.next_ring()
        await raw.execute("select pg_notify($1, '1')", CHANNEL)
        async with asyncio.timeout(60):
            await rung.wait()
        await listener.close()


async def test_a_process_that_freezes_does_not_hold_the_log_for_ever(database_url: str, raw: Connection) -> None:
    frozen = await connect(database_url, "committer")
    assert await frozen.fetchval("show idle_in_transaction_session_timeout") == "5s"
    await frozen.execute("set idle_in_transaction_session_timeout = '200ms'")
    await frozen.execute(f"begin; select pg_advisory_xact_lock({LOCK})")

    await raw.execute("select pg_advisory_lock($1)", LOCK)

    with pytest.raises(TRY_AGAIN):
        await frozen.execute("commit")


@pytest.mark.parametrize(
    "url",
    ["postgresql://postgres@127.0.0.1:1/none", "postgresql://postgres@127.0.0.1/x?port=many", "postgresql://[::1/x"],
)
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        await PostgresEventStore(url, utc_now, patience=0.2).open()


async def test_a_database_of_another_name_is_unavailable_at_once(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        await PostgresEventStore(database_url.replace("/test_", "/no_"), utc_now).open()


async def test_stored_events_cannot_be_changed(store: PostgresEventStore, raw: Connection) -> None:
    await store.append("stock-a", [event()], expected=NO_STREAM)
    for statement in ("update events set type = 'x'", "delete from events", "truncate events"):
        with pytest.raises(asyncpg.PostgresError, match="never changed"):
            await raw.execute(statement)
    assert await store.head() == 1
