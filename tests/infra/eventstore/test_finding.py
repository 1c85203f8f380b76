"""The contract of `find`, for every store and for what stands in front of one."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import asyncpg
import pytest

from commands.ports import ANY, NO_STREAM, Appended, ConcurrentChange, EventStore, Record
from infra.demo.importing import Unread
from infra.eventstore.factory import ClosableEventStore, in_memory_store, open_event_store, utc_now
from infra.eventstore.hash_chain import timestamp
from infra.eventstore.postgres.append_rules import EMPTY, seal_all
from infra.eventstore.postgres.schema import LOCK
from infra.postgres.membership import Membership
from infra.postgres.partition_assignment import Fence
from infra.processes.fenced import FencedStore
from infra.telemetry.store import ObservedStore
from tests.infra.eventstore.making import event, stock, whole_log
from tests.support.fixtures.memory import MemoryStore
from tests.support.fixtures.proxy import until
from tests.support.fixtures.watched import WatchedStore


async def at_any_point(_name: str) -> None:
    """Let everything pass."""


IN_FRONT: dict[str, Callable[[EventStore], EventStore]] = {
    "observed": ObservedStore,
    "unread": Unread,
    "watched": lambda store: WatchedStore(store, at_any_point),
}


async def finds_what_a_stream_holds(store: EventStore, written: EventStore) -> None:
    events, other = [event(b' {"b": 1.50}'), event(), event()], event()
    await written.append(stock("a"), events, expected=NO_STREAM)
    await written.append(stock("b"), [other], expected=NO_STREAM)

    stored = list(await written.read(stock("a")))
    assert [await store.find(stock("a"), one.event_id) for one in events] == stored
    assert [record.event_id for record in stored] == [one.event_id for one in events]

    assert await store.find(stock("a"), other.event_id) is None, "it is in another stream"
    assert await store.find(stock("c"), other.event_id) is None, "there is no such stream"
    assert await store.find(stock("a"), uuid4()) is None, "no stream holds it"


async def test_an_event_is_found_in_its_own_stream_only(store: EventStore) -> None:
    await finds_what_a_stream_holds(store, store)
    assert len(await whole_log(store)) == 4


async def test_an_event_is_found_in_the_store_of_unit_tests() -> None:
    store = MemoryStore()
    await finds_what_a_stream_holds(store, store)


@pytest.mark.parametrize("name", IN_FRONT)
async def test_an_event_is_found_through_what_stands_in_front_of_a_store(name: str) -> None:
    behind = in_memory_store()
    await finds_what_a_stream_holds(IN_FRONT[name](behind), behind)


async def test_a_runner_whose_lease_has_ended_may_still_look(database_url: str) -> None:
    connection, behind = await asyncpg.connect(database_url), in_memory_store()
    ended = Membership("processes", 1, asyncio.Event(), connection, 0.0)
    await finds_what_a_stream_holds(FencedStore(behind, Fence(ended, frozenset())), behind)
    await connection.close()


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 1001], ids=["no", "nul", "half", "long"])
async def test_a_stream_that_cannot_be_holds_nothing(store: EventStore, name: str) -> None:
    assert await store.find(name, uuid4()) is None


async def test_an_event_of_an_append_under_way_is_found(store: EventStore) -> None:
    """However many are ahead of it; of one that fails nothing is found."""
    await store.append(stock("a"), [event()], expected=NO_STREAM)
    for n in range(20):
        before, last, refused = [event() for _ in range(3)], event(), event()
        calls = [store.append(stock("a"), [one], expected=ANY) for one in (*before, last)]
        tasks = [asyncio.create_task(call) for call in calls]
        tasks.append(asyncio.create_task(store.append(stock("a"), [refused], expected=99)))
        await asyncio.sleep(0)

        found, nothing = await asyncio.gather(
            store.find(stock("a"), last.event_id), store.find(stock("a"), refused.event_id)
        )

        assert (found and found.revision, nothing) == (4 * (n + 1), None)
        *stored, conflict = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in (*stored, conflict)] == [Appended] * 4 + [ConcurrentChange]


async def test_an_event_of_an_append_under_way_is_found_in_the_store_of_unit_tests() -> None:
    go_on = asyncio.Event()

    async def wait() -> None:
        await go_on.wait()

    store, new = MemoryStore(turn=wait), event()
    appending = asyncio.create_task(store.append("stock-a", [new], expected=NO_STREAM))
    await asyncio.sleep(0)
    finding = asyncio.create_task(store.find("stock-a", new.event_id))
    await asyncio.sleep(0)
    go_on.set()
    assert (await appending, await finding) == (Appended(store.log[0].position, 0), store.log[0])


async def test_an_event_is_found_as_far_back_as_the_store_says(store: ClosableEventStore) -> None:
    events = [event() for _ in range(1_100)]
    await store.append(stock("a"), events, expected=NO_STREAM)
    among = store.capabilities.looks_back or len(events)

    found = [await store.find(stock("a"), events[at].event_id) for at in (-among, -among // 2, -1)]

    assert [record and record.revision for record in found] == [1_100 - among, 1_100 - among // 2, 1_099]


async def test_what_another_process_stored_is_found(shared_store_url: str) -> None:
    one, other = [(await open_event_store(shared_store_url)).store for _ in range(2)]
    first, second = event(), event()
    await one.append(stock("a"), [first], expected=NO_STREAM)
    assert await other.find(stock("a"), second.event_id) is None
    await one.append(stock("a"), [second], expected=0)

    assert [await other.find(stock("a"), new.event_id) for new in (first, second)] == await one.read(stock("a"))
    await one.close()
    await other.close()


async def test_in_postgresql_an_append_of_another_process_that_is_under_way_is_waited_for(database_url: str) -> None:
    """So a lookup also tells of an append whose connection was lost before the commit was answered."""
    store = (await open_event_store(database_url)).store
    writer, watcher = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    new = event()
    ((revision, metadata),) = seal_all("stock-a", [new], EMPTY, timestamp(utc_now()))
    under_way = writer.transaction()
    await under_way.start()
    await writer.execute("select pg_advisory_xact_lock($1)", LOCK)
    row = 1, "stock-a", revision, new.event_id, new.type, new.data.decode(), metadata.decode()
    await writer.execute("insert into events values ($1, $2, $3, $4, $5, $6, $7)", *row)

    finding: asyncio.Task[Record | None] = asyncio.create_task(store.find("stock-a", new.event_id))
    await until(lambda: watcher.fetchval("select count(*) from pg_locks where not granted"))
    await under_way.commit()

    found = await finding
    assert found is not None
    assert (found.event_id, found.revision) == (new.event_id, 0)
    for connection in (writer, watcher):
        await connection.close()
    await store.close()
