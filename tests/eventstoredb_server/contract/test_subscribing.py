"""Catch-up subscriptions: to a stream and to everything."""

import asyncio
from typing import Any

import pytest
from esdbclient import AsyncEventStoreDBClient, CaughtUp, Checkpoint, EventStoreDBClient
from esdbclient.exceptions import ConsumerTooSlow, StreamIsDeleted

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import (
    ANY,
    NO_STREAM,
    blocking,
    connected,
    event,
    events,
    listening,
    read,
)


def kinds(heard: list[object]) -> list[str]:
    return [type(each).__name__ for each in heard]


async def test_everything_is_heard_then_that_it_is_all_then_what_comes(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(40))
    async with listening(client.subscribe_to_all(include_caught_up=True)) as listener:
        await listener.hears(41)
        await client.append_to_stream("order-2", current_version=NO_STREAM, events=events(2))
        heard = await listener.hears(43)
    assert kinds(heard) == ["RecordedEvent"] * 40 + ["CaughtUp"] + ["RecordedEvent"] * 2
    assert [e for e in heard if not isinstance(e, CaughtUp)] == await read(client.read_all())


async def test_a_subscription_goes_on_behind_its_position(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(4))
    whole = await read(client.read_all())
    async with listening(client.subscribe_to_all(commit_position=whole[1].commit_position)) as listener:
        await client.append_to_stream("order-1", current_version=3, events=events(1))
        assert await listener.hears(3) == (await read(client.read_all()))[2:]
    async with listening(client.subscribe_to_all(commit_position=0)) as listener:
        assert len(await listener.hears(5)) == 5


async def test_from_the_end_only_what_comes_is_heard(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(4))
    everything = client.subscribe_to_all(from_end=True, include_caught_up=True)
    stream = client.subscribe_to_stream("order-1", from_end=True)
    async with listening(everything) as listener, listening(stream) as other:
        await listener.hears(1)
        await client.append_to_stream("order-1", current_version=3, events=[event("Late")])
        assert kinds(await listener.hears(2)) == ["CaughtUp", "RecordedEvent"]
        assert [e.stream_position for e in await other.hears(1)] == [4]


async def test_a_stream_is_followed_behind_its_revision(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(3))
    subscribing = client.subscribe_to_stream("order-1", stream_position=0, include_caught_up=True)
    async with listening(subscribing) as listener:
        await listener.hears(3)
        await client.append_to_stream("order-2", current_version=NO_STREAM, events=events(1))
        await client.append_to_stream("order-1", current_version=2, events=events(1))
        heard = await listener.hears(4)
    assert kinds(heard) == ["RecordedEvent", "RecordedEvent", "CaughtUp", "RecordedEvent"]
    assert [e.stream_position for e in heard if not isinstance(e, CaughtUp)] == [1, 2, 3]


async def test_a_stream_that_is_not_there_yet_is_waited_for(client: AsyncEventStoreDBClient) -> None:
    async with listening(client.subscribe_to_stream("order-1", include_caught_up=True)) as listener:
        await listener.hears_nothing(beyond=0)
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
        assert kinds(await listener.hears(2)) == ["RecordedEvent", "CaughtUp"]


async def test_a_tombstone_ends_the_subscriptions_of_its_stream(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    async with listening(client.subscribe_to_stream("order-1")) as listener:
        await listener.hears(1)
        await client.tombstone_stream("order-1", current_version=0)
        assert isinstance(await listener.ends(), StreamIsDeleted)
    with pytest.raises(StreamIsDeleted):
        await client.subscribe_to_stream("order-1")


async def test_links_are_followed_too(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    async with listening(client.subscribe_to_stream("list", resolve_links=True)) as listener:
        await client.append_to_stream("list", current_version=NO_STREAM, events=[event("$>", b"0@order-1")])
        assert [e.stream_name for e in await listener.hears(1)] == ["order-1"]


async def test_a_filtered_subscriber_hears_only_what_fits(client: AsyncEventStoreDBClient) -> None:
    for n in range(100):
        await client.append_to_stream(f"order-{n}", current_version=ANY, events=[event("Odd" if n % 2 else "Even")])
    async with listening(client.subscribe_to_all(filter_include=["Odd"])) as listener:
        await listener.hears(50)
        await client.append_to_stream("more", current_version=ANY, events=[event("Even"), event("Odd"), event("Od")])
        heard = await listener.hears(51)
        await listener.hears_nothing(beyond=51)
    assert {e.type for e in heard} == {"Odd"}


async def test_checkpoints_tell_how_far_a_narrow_filter_is(
    eventstoredb: Server, client: AsyncEventStoreDBClient
) -> None:
    for _ in range(4):
        await client.append_to_stream("order-1", current_version=ANY, events=events(100))
    subscribing = client.subscribe_to_all(filter_include=["Never"], include_checkpoints=True)
    async with listening(subscribing) as listener:
        await listener.hears(2)
        await client.append_to_stream("order-1", current_version=ANY, events=events(60))
        live = await listener.hears(3)
    assert kinds(live) == ["Checkpoint"] * 3
    assert [eventstoredb.log.positions.index(e.commit_position) for e in live] == [120, 270, 449]


async def test_a_subscription_resumed_at_a_checkpoint_loses_and_repeats_nothing(
    client: AsyncEventStoreDBClient,
) -> None:
    for n in range(30):
        await client.append_to_stream("order-1", current_version=ANY, events=[*events(n), event("Rare")])
    rare = [e.id for e in await read(client.read_all(filter_include=["Rare"]))]
    options: dict[str, Any] = {"filter_include": ["Rare"], "include_checkpoints": True, "window_size": 5}
    async with listening(
        client.subscribe_to_all(checkpoint_interval_multiplier=1, include_caught_up=True, **options)
    ) as listener:
        while not any(isinstance(each, CaughtUp) for each in listener.heard):
            await listener.hears(len(listener.heard) + 1)
        heard = listener.heard[: kinds(listener.heard).index("CaughtUp")]
    checkpoints = [n for n, each in enumerate(heard) if isinstance(each, Checkpoint)]
    assert len(checkpoints) > 40
    for number in checkpoints[:: len(checkpoints) // 8]:
        before = [e.id for e in heard[:number] if not isinstance(e, Checkpoint)]
        resumed = client.subscribe_to_all(
            commit_position=heard[number].commit_position, filter_include=["Rare"], include_caught_up=True
        )
        async with listening(resumed) as listener:
            after = (await listener.hears(len(rare) - len(before) + 1))[:-1]
        assert before + [e.id for e in after] == rare


async def test_an_unfiltered_subscriber_hears_the_system_and_no_checkpoints(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=ANY, events=events(400))
    await client.set_stream_metadata("order-1", metadata={})
    async with listening(client.subscribe_to_all(filter_exclude=[], include_checkpoints=True)) as listener:
        await listener.hears(403)
        await client.append_to_stream("order-1", current_version=ANY, events=events(200))
        heard = await listener.hears(603)
    assert [e.stream_name for e in heard if e.type == "$metadata"] == [
        "$$$stats-127.0.0.1:2113",
        "$$$scavenges",
        "$$order-1",
    ]
    assert kinds(heard) == ["RecordedEvent"] * 603


async def test_the_blocking_client_subscribes_too(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(3))

    def talk(it: EventStoreDBClient) -> list[int]:
        with it.subscribe_to_stream("order-1") as stream, it.subscribe_to_all() as everything:
            assert stream.subscription_id != everything.subscription_id
            return [next(stream).stream_position for _ in range(3)] + [next(everything).stream_position]

    assert await blocking(eventstoredb, talk) == [0, 1, 2, 0]


async def test_a_subscriber_that_falls_behind_is_dropped_where_that_is_asked_for() -> None:
    async with (
        Server(live_buffer=32) as server,
        connected(server.uri) as client,
        listening(client.subscribe_to_all(include_caught_up=True)) as listener,
    ):
        await listener.hears(1)
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(32))
        await listener.hears(33)
        await client.append_to_stream("order-1", current_version=31, events=events(500))
        assert isinstance(await listener.ends(), ConsumerTooSlow)


async def test_a_stopped_subscription_is_forgotten(client: AsyncEventStoreDBClient) -> None:
    for _ in range(20):
        subscription = await client.subscribe_to_all()
        await subscription.stop()
    await asyncio.sleep(0.2)
    waiting = [task for task in asyncio.all_tasks() if "grows_beyond" in repr(task)]
    assert waiting == []
