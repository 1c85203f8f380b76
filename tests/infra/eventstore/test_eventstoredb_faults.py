"""EventStoreDB stalls, refuses, elects and hangs up; the log does not notice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from esdbclient import StreamState

from commands.ports import ANY, NO_STREAM, Appended, ConcurrentChange, StoreUnavailable, StreamCut
from domain.shared.recorded import START, Position
from infra.eventstore.eventstoredb.client import Client, Cut
from infra.eventstore.eventstoredb.errors import AppendTooLarge, NoSuchPosition
from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.factory import open_event_store, utc_now
from infra.eventstore.hash_chain import NotStorable
from tests.eventstoredb_server import Cluster, Server
from tests.infra.eventstore.making import assert_sound, event, whole_log

BATCH, READ = "BatchAppend", "Read"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


@pytest.fixture
async def store(server: Server) -> AsyncIterator[EventStoreDB]:
    store = EventStoreDB(server.uri, utc_now)
    yield store
    await store.close()


@pytest.mark.parametrize("expected", [NO_STREAM, ANY], ids=str)
async def test_an_append_whose_answer_was_lost_is_stored_once(
    server: Server, store: EventStoreDB, expected: int
) -> None:
    await store.append("stock-warm", [event()], expected=NO_STREAM)
    server.faults.lose_answer(times=3)

    at = await store.append("stock-a", [event(), event()], expected=expected)

    assert (at.revision, at.repeated) == (1, False)
    assert (await store.append("stock-a", [event()], expected=1)).revision == 2
    assert_sound(await whole_log(store))


TROUBLES = ["no_leader", "not_ready", "too_busy", "timeout"]


@pytest.mark.parametrize("method", [BATCH, READ])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_server_that_cannot_answer_now_is_asked_again(
    server: Server, store: EventStoreDB, trouble: str, method: str
) -> None:
    await store.append("stock-a", [event()], expected=NO_STREAM)
    getattr(server.faults, trouble)(times=3, method=method)

    at = await store.append("stock-a", [event()], expected=0)

    assert [record.revision for record in await store.read("stock-a")] == [0, at.revision]
    assert_sound(await whole_log(store))


async def test_connections_that_break_under_load_lose_nothing_and_double_nothing(
    server: Server, store: EventStoreDB
) -> None:
    async def write(writer: int) -> None:
        for n in range(20):
            await store.append(f"stock-{writer}", [event(), event()], expected=2 * n - 1)
            assert (await store.read(f"stock-{writer}", after=2 * n))[0].revision == 2 * n + 1

    async def hang_up() -> None:
        for _ in range(4):
            await asyncio.sleep(0.15)
            server.faults.drop_connections()

    await asyncio.gather(hang_up(), *(write(writer) for writer in range(6)))

    log = await whole_log(store)
    assert_sound(log)
    assert len(log) == 6 * 40


async def test_a_stalled_server_makes_the_store_unavailable_within_bounds(server: Server) -> None:
    store = EventStoreDB(server.uri, utc_now, patience=1)
    server.faults.stall(60, times=50)

    began = monotonic()
    with pytest.raises(StoreUnavailable):
        await store.append("stock-a", [event()], expected=NO_STREAM)
    with pytest.raises(StoreUnavailable):
        await store.read("stock-a")
    assert monotonic() - began < 8
    await store.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    store = EventStoreDB("esdb://127.0.0.1:1?Tls=false", utc_now, patience=0.5)
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await store.open()
    await store.close()


async def test_a_repeat_is_told_from_a_first_append_whichever_process_wrote_it(
    server: Server, store: EventStoreDB
) -> None:
    """The server answers both alike: the ids stand right behind the expected revision."""
    other = EventStoreDB(server.uri, utc_now)
    await store.append("stock-a", [event()], expected=NO_STREAM)
    twins = [event(), event()]
    at = await other.append("stock-a", twins, expected=0)

    again = await store.append("stock-a", twins, expected=0)
    assert again == Appended(at.position, 2, repeated=True)
    assert (await store.append("stock-a", [event()], expected=2)).revision == 3
    assert_sound(await whole_log(store))
    await other.close()


async def test_a_new_stream_that_a_twin_made_a_moment_ago_goes_on_from_what_the_twin_wrote(
    server: Server, store: EventStoreDB
) -> None:
    other, twin = EventStoreDB(server.uri, utc_now), event()
    at = await other.append("stock-a", [twin], expected=NO_STREAM)

    assert await store.append("stock-a", [twin], expected=NO_STREAM) == Appended(at.position, 0, repeated=True)
    await store.append("stock-a", [event()], expected=0)
    assert_sound(await whole_log(store))
    await other.close()


async def test_a_read_whose_connection_is_replaced_is_no_short_answer(server: Server, store: EventStoreDB) -> None:
    """The library ends it as if it were complete."""
    await store.append("stock-a", [event()], expected=NO_STREAM)
    client = Client(server.uri)
    await client.connect()

    async def replaced_meanwhile() -> Any:
        reading = await client.read_stream("stock-a")
        await client.reconnect()
        return reading

    with pytest.raises(Cut):
        await client.collect(replaced_meanwhile())
    assert len(await client.collect(client.read_stream("stock-a"))) == 1
    await client.close()


async def test_what_two_processes_append_at_once_makes_one_chain(server: Server, store: EventStoreDB) -> None:
    other = EventStoreDB(server.uri, utc_now)
    same = [event() for _ in range(15)]

    async def write(through: EventStoreDB) -> list[Appended | BaseException]:
        return await asyncio.gather(
            *(through.append("stock-a", [one], expected=n - 1) for n, one in enumerate(same)), return_exceptions=True
        )

    both = [one for told in await asyncio.gather(write(store), write(other)) for one in told]

    stored = [one for one in both if isinstance(one, Appended)]
    assert all(isinstance(one, Appended | ConcurrentChange) for one in both)
    log = await whole_log(store)
    assert_sound(log)
    assert [one.repeated for one in stored].count(False) == len(log) == len({one.revision for one in stored})
    await other.close()


async def test_more_than_the_server_takes_is_refused_and_says_so(store: EventStoreDB) -> None:
    large = event(b'"' + b"x" * 600_000 + b'"')
    with pytest.raises(AppendTooLarge, match="larger than the server takes"):
        await store.append("stock-a", [large, event(large.data)], expected=NO_STREAM)
    with pytest.raises(AppendTooLarge, match="16 MiB"):
        await store.append("stock-a", [event(b'"' + b"x" * 17_000_000 + b'"')], expected=NO_STREAM)

    assert list(await store.read("stock-a")) == []
    assert (await store.append("stock-a", [large], expected=NO_STREAM)).revision == 0


@pytest.mark.parametrize(("stream", "type"), [("$stock-a", "stock.received.v1"), ("stock-a", "$stock")])
async def test_names_of_the_system_are_not_ours(store: EventStoreDB, stream: str, type: str) -> None:
    with pytest.raises(NotStorable, match="server's own"):
        await store.append(stream, [event(type=type)], expected=ANY)


async def test_a_position_where_no_record_stands_is_said_to_be_none(store: EventStoreDB) -> None:
    await store.append("stock-a", [event(), event()], expected=NO_STREAM)
    first, _ = await whole_log(store)
    nowhere = Position(first.position + 1)

    with pytest.raises(NoSuchPosition):
        await store.read_all(after=nowhere, limit=10)
    async with asyncio.timeout(60):
        with pytest.raises(NoSuchPosition):
            await anext(aiter(store.subscribe(after=nowhere)))


async def test_a_stream_that_was_deleted_at_the_server_takes_nothing_more(server: Server, store: EventStoreDB) -> None:
    await store.append("stock-a", [event()], expected=NO_STREAM)
    client = Client(server.uri)
    await client.connect()
    await client.tombstone_stream("stock-a", current_version=StreamState.ANY)
    await client.close()

    with pytest.raises(StreamCut):
        await store.append("stock-a", [event()], expected=ANY)


async def test_an_append_that_was_stored_in_a_truncated_stream_is_not_taken_for_a_success(
    server: Server, store: EventStoreDB
) -> None:
    """The server takes it, and shows it to nobody."""
    first = event()
    await store.append("stock-a", [first], expected=NO_STREAM)
    client = Client(server.uri)
    await client.connect()
    await client.delete_stream("stock-a", current_version=0)

    other = EventStoreDB(server.uri, utc_now)
    with pytest.raises(StreamCut):
        await other.append("stock-a", [event()], expected=NO_STREAM)
    assert [record.revision for record in server.log.streams["stock-a"]] == [0, 1]
    await client.close()
    await other.close()


async def test_the_leader_moves_and_the_log_goes_on() -> None:
    async with Cluster(3) as cluster:
        store = EventStoreDB(cluster.uri, utc_now, patience=30)
        following = asyncio.create_task(_first(store, 8))
        at = await store.append("stock-a", [event()], expected=NO_STREAM)
        cluster.elect(1)
        at = await store.append("stock-a", [event()], expected=at.revision)
        cluster.elect(None)
        waiting = asyncio.create_task(store.append("stock-a", [event()], expected=at.revision))
        await asyncio.sleep(0.3)
        cluster.elect(2)
        at = await waiting
        await cluster.kill(2)
        cluster.elect(0)
        for _ in range(5):
            at = await store.append("stock-a", [event()], expected=at.revision)

        log = await whole_log(store)
        assert_sound(log)
        assert await following == [record.event_id for record in log]
        assert len(log) == 8
        await store.close()


async def test_readers_leave_a_leader_that_is_gone() -> None:
    async with Cluster(2) as cluster:
        store = EventStoreDB(cluster.uri, utc_now, patience=30)
        at = await store.append("stock-a", [event()], expected=NO_STREAM)
        assert len(await store.read("stock-a")) == 1
        await cluster.kill(0)
        cluster.elect(1)
        assert [record.revision for record in await store.read("stock-a")] == [at.revision]
        assert await store.head() == at.position
        await store.close()


async def test_one_node_named_of_a_cluster_leads_to_the_leader() -> None:
    async with Cluster(2) as cluster:
        store = EventStoreDB(f"esdb://{cluster.nodes[1].target}?Tls=false", utc_now)
        assert (await store.append("stock-a", [event()], expected=NO_STREAM)).revision == 0
        assert len(await store.read("stock-a")) == 1
        await store.close()


async def _first(store: EventStoreDB, count: int) -> list[object]:
    seen = list[object]()
    async with asyncio.timeout(40):
        async for page in store.subscribe(after=START):
            seen += [record.event_id for record in page.records]
            if len(seen) >= count:
                break
    return seen


async def test_user_and_password_come_with_the_connection_string_and_are_told_nobody(tmp_path: Path) -> None:
    async with Server(tls=True) as server:
        assert server.certificates is not None
        authority = tmp_path / "authority.pem"
        authority.write_bytes(server.certificates.authority)
        store = (await open_event_store(f"esdb://admin:changeit@{server.target}?TlsCaFile={authority}")).store
        assert (await store.append("stock-a", [event()], expected=NO_STREAM)).revision == 0
        assert len(await whole_log(store)) == 1
        await store.close()

        began = monotonic()
        with pytest.raises(StoreUnavailable, match="user or the password") as refused:
            await open_event_store(f"esdb://admin:letmein@{server.target}?TlsCaFile={authority}")
        assert monotonic() - began < 5
        assert "letmein" not in str(refused.value)
