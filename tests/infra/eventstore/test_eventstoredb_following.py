"""Subscriptions to EventStoreDB that are cut, starved, silenced or too slow: no gap, no repeat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from commands.ports import ANY, NO_STREAM
from domain.shared.recorded import START
from infra.eventstore.eventstoredb.client import Client
from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.eventstoredb.subscription_receiver import SubscriptionReceiver
from infra.eventstore.factory import utc_now
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import RECEIVED, RESERVED, event, whole_log
from tests.infra.eventstore.test_following import follow
from tests.support.fixtures.proxy import until, wire_to_port

FIVE_MINUTES = 300_000
TOO_MANY_PINGS = 12.0
"""Seconds in which a ping every 3 s is once too often."""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


@pytest.fixture
async def store(server: Server) -> AsyncIterator[EventStoreDB]:
    store = EventStoreDB(server.uri, utc_now)
    yield store
    await store.close()


async def write(store: EventStoreDB, appends: int, pause: float = 0) -> None:
    for n in range(appends):
        await store.append(f"stock-{n % 3}", [event(type=RESERVED if n % 4 else RECEIVED)], expected=ANY)
        await asyncio.sleep(pause)


async def test_subscriptions_go_on_where_they_were_cut(server: Server, store: EventStoreDB) -> None:
    async def hurt() -> None:
        for harm in (server.faults.drop_connections, server.faults.slow_consumers) * 3:
            await asyncio.sleep(0.1)
            harm()

    followers = [
        asyncio.create_task(follow(store, 120, after=START)),
        asyncio.create_task(follow(store, 30, after=START, types=[RECEIVED], batch=4)),
    ]
    await asyncio.gather(write(store, 120, 0.005), hurt())

    log = await whole_log(store)
    assert await asyncio.gather(*followers) == [log, [record for record in log if record.type == RECEIVED]]


async def test_a_server_that_comes_back_after_a_while_is_followed_again(server: Server, store: EventStoreDB) -> None:
    await write(store, 3)
    following = asyncio.create_task(follow(store, 6))
    await asyncio.sleep(0.2)
    await server.stop()
    await asyncio.sleep(1)
    await server.start()
    await write(store, 3)
    assert await following == await whole_log(store)


async def test_a_silent_connection_is_noticed(server: Server, store: EventStoreDB) -> None:
    """Nothing says that it is dead: what the server sends is lost on the way."""
    async with wire_to_port(server.port) as (wire, port):
        far = EventStoreDB(f"esdb://127.0.0.1:{port}?Tls=false", utc_now)
        await far.head()
        await write(store, 3)
        following = asyncio.create_task(follow(far, 9))

        async def connections(count: int) -> None:
            async def made() -> bool:
                return wire.connections >= count

            await until(made)

        await connections(3)  # for the question, the subscription, and asking what it did not say
        wire.go_deaf()
        await write(store, 3)
        await connections(5)
        await write(store, 3)
        assert await following == await whole_log(store)
        await far.close()


async def test_a_connection_that_is_cut_without_a_word_is_pinged_as_its_connection_string_says(server: Server) -> None:
    async with wire_to_port(server.port) as (wire, port):
        pinged = f"esdb://127.0.0.1:{port}?Tls=false&KeepAliveInterval=1000&KeepAliveTimeout=1000"
        intake = SubscriptionReceiver(pinged, START, None, room=10)

        async def confirmed() -> bool:
            return intake.confirmed

        async def ended() -> bool:
            return intake.ended

        await until(confirmed)
        wire.go_deaf()
        await until(ended, patience=10)
        assert "ping timeout" in intake.trouble
        await intake.close()


async def test_a_follower_draws_no_objection_to_its_pings(server: Server) -> None:
    """gRPC's defaults allow one in five minutes while a call is under way; a third too many ends the connection."""
    async with wire_to_port(server.port) as (wire, port):
        intake = SubscriptionReceiver(f"esdb://127.0.0.1:{port}?Tls=false", START, None, room=10)
        options = dict(Client(server.uri).grpc_options)
        assert int(options["grpc.keepalive_time_ms"]) > FIVE_MINUTES
        await asyncio.sleep(TOO_MANY_PINGS)
        assert (intake.confirmed, intake.ended, wire.connections) == (True, False, 1), intake.trouble
        await intake.close()


async def test_a_slow_consumer_is_dropped_by_the_server_and_misses_nothing() -> None:
    async with Server(live_buffer=32) as server:
        store = EventStoreDB(server.uri, utc_now)
        seen = list[object]()

        async def dawdle() -> None:
            async for page in store.subscribe(after=START, batch=5):
                assert len(page.records) <= 5
                seen.extend(record.event_id for record in page.records)
                await asyncio.sleep(0.02)
                if len(seen) >= 400:
                    return

        dawdling = asyncio.create_task(dawdle())
        await store.append("stock-a", [event()], expected=NO_STREAM)
        await asyncio.sleep(0.2)
        for n in range(399):
            await store.append("stock-a", [event()], expected=n)
        async with asyncio.timeout(60):
            await dawdling

        assert seen == [record.event_id for record in await whole_log(store)]
        await store.close()


async def test_whoever_follows_is_left_alone_by_who_only_reads(server: Server, store: EventStoreDB) -> None:
    """The library ends the subscriptions of a client whose other calls make a new connection."""
    pages = store.subscribe(after=START)
    first = asyncio.ensure_future(anext(aiter(pages)))
    await store.append("stock-a", [event()], expected=NO_STREAM)
    await first
    server.faults.not_ready(times=3, method="Read")
    assert len(await store.read("stock-a")) == 1
    second = asyncio.ensure_future(anext(pages))
    at = await store.append("stock-a", [event()], expected=0)
    assert (await second).position == at.position


async def test_a_subscriber_who_is_cancelled_is_gone(store: EventStoreDB) -> None:
    following = asyncio.create_task(follow(store, 1))
    await asyncio.sleep(0.3)
    following.cancel()
    with suppress(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await following
    assert following.cancelled()


async def test_a_read_that_is_cancelled_is_no_short_answer(server: Server, store: EventStoreDB) -> None:
    """The library takes a cancellation for the end of the stream."""
    await store.append("stock-a", [event()], expected=NO_STREAM)
    server.faults.stall(2, method="Read")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await store.read("stock-a")
