"""Persistent subscriptions: delivered at least once, acknowledged, retried, parked and resumed."""

import asyncio
from typing import Any

import pytest
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient
from esdbclient.exceptions import (
    InternalError,
)

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.consuming import OFTEN, handle, reading, take, until
from tests.eventstoredb_server.contract.talking import ANY, NO_STREAM, blocking, event, events, read


@pytest.fixture(autouse=True)
async def _five_events(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(5))


async def test_a_group_of_a_stream_has_what_is_there_and_what_comes(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1")
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        assert subscription.subscription_id == "order-1::group"
        assert [e.stream_position for e in await handle(subscription, 5)] == [0, 1, 2, 3, 4]
        await client.append_to_stream("order-1", current_version=4, events=events(1))
        (late,) = await handle(subscription, 1)
    assert (late.stream_position, late.retry_count, late.link) == (5, 0, None)


@pytest.mark.parametrize(
    ("start", "positions"), [({}, [0, 1, 2, 3, 4, 5]), ({"stream_position": 3}, [3, 4, 5]), ({"from_end": True}, [5])]
)
async def test_a_group_starts_where_it_was_told_that_event_included(
    client: AsyncEventStoreDBClient, start: dict[str, Any], positions: list[int]
) -> None:
    await client.create_subscription_to_stream("group", "order-1", **start)
    await client.append_to_stream("order-1", current_version=4, events=events(1))
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        assert [e.stream_position for e in await handle(subscription, len(positions))] == positions


async def test_a_group_of_everything_is_filtered_and_starts_at_a_position(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("stock-1", current_version=ANY, events=[event("Odd"), event("Even"), event("Odd")])
    whole = await read(client.read_all())
    await client.create_subscription_to_all("plain", commit_position=whole[5].commit_position or 0)
    await client.create_subscription_to_all("odd", filter_include=["Odd"])
    async with (
        reading(client.read_subscription_to_all("plain")) as plain,
        reading(client.read_subscription_to_all("odd")) as odd,
    ):
        assert [e.id for e in await handle(plain, 3)] == [e.id for e in whole[5:]]
        assert [e.id for e in await handle(odd, 2)] == [whole[5].id, whole[7].id]
    with pytest.raises(InternalError, match="commit position must be less than or equal"):
        await client.create_subscription_to_all("beyond", commit_position=10**9)


async def test_a_group_goes_on_behind_its_checkpoint(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", **OFTEN)
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        await handle(subscription, 3)

    async def checkpointed() -> bool:
        info = await client.get_subscription_info("group", "order-1")
        return info.last_checkpointed_event_position == "2"

    await until(checkpointed)
    stored = await client.get_stream("$persistentsubscription-order-1::group-checkpoint", backwards=True, limit=1)
    assert [(e.type, e.data) for e in stored] == [("SubscriptionCheckpoint", b'"2"')]

    eventstoredb.node.groups.restart()
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        assert [e.stream_position for e in await handle(subscription, 2)] == [3, 4]


async def test_what_one_consumer_leaves_another_gets_again(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1")
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        assert len(await take(subscription, 5)) == 5
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        again = await handle(subscription, 5)
    assert [(e.stream_position, e.retry_count) for e in again] == [(n, 1) for n in range(5)]


async def test_what_is_refused_comes_again_is_parked_or_skipped(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", max_retry_count=1)
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        taken = await take(subscription, 5)
        await subscription.nack(taken[0], "retry")
        await subscription.nack(taken[1], "park")
        await subscription.nack(taken[2], "skip")
        await subscription.ack(taken[3])
        await subscription.ack(taken[4])
        (again,) = await take(subscription, 1)
        assert (again.id, again.retry_count) == (taken[0].id, 1)
        await subscription.nack(again, "retry")

        async def parked() -> bool:
            return (await client.get_subscription_info("group", "order-1")).parked_message_count == 2

        await until(parked)
        stored = await client.get_stream("$persistentsubscription-order-1::group-parked")
        assert [e.data for e in stored] == [b"1@order-1", b"0@order-1"]

        await client.replay_parked_events("group", "order-1")
        replayed = await handle(subscription, 2)
    assert [(e.stream_position, e.retry_count) for e in replayed] == [(1, 0), (0, 0)]
    assert [e.link.stream_name for e in replayed] == ["$persistentsubscription-order-1::group-parked"] * 2
    assert (await client.get_subscription_info("group", "order-1")).parked_message_count == 0


async def test_what_is_not_answered_in_time_comes_again(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", message_timeout=0.2, stream_position=4)
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        first, second = await take(subscription, 2)
    assert (first.id, first.retry_count, second.retry_count) == (second.id, 0, 1)


async def test_links_are_acknowledged_as_links(client: AsyncEventStoreDBClient) -> None:
    links = [event("$>", f"{n}@order-1".encode()) for n in (3, 1)]
    await client.append_to_stream("list", current_version=NO_STREAM, events=links)
    await client.create_subscription_to_stream("group", "list", resolve_links=True, **OFTEN)
    async with reading(client.read_subscription_to_stream("group", "list")) as subscription:
        taken = await handle(subscription, 2)
    assert [(e.stream_position, e.ack_id) for e in taken] == [(3, links[0].id), (1, links[1].id)]

    async def done() -> bool:
        info = await client.get_subscription_info("group", "list")
        return (info.last_checkpointed_event_position, info.outstanding_messages_count) == ("1", 0)

    await until(done)


async def test_a_consumer_has_no_more_in_flight_than_it_asked_for(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1")
    subscribing = client.read_subscription_to_stream("group", "order-1", event_buffer_size=2, max_ack_batch_size=1)
    async with reading(subscribing) as subscription:
        taken = await take(subscription, 2)
        info = await client.get_subscription_info("group", "order-1")
        assert (info.total_in_flight_messages, info.read_buffer_count) == (2, 3)
        await subscription.ack(taken[0])
        assert [e.stream_position for e in await take(subscription, 1)] == [2]


async def test_consumers_take_turns(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", consumer_strategy="RoundRobin", from_end=True)
    async with (
        reading(client.read_subscription_to_stream("group", "order-1")) as first,
        reading(client.read_subscription_to_stream("group", "order-1")) as second,
    ):
        await client.append_to_stream("order-1", current_version=4, events=events(4))
        taken = await asyncio.gather(handle(first, 2), handle(second, 2))
    assert sorted(sorted(e.stream_position for e in each) for each in taken) == [[5, 7], [6, 8]]


async def test_a_stream_is_pinned_to_one_consumer(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_all("group", consumer_strategy="Pinned", from_end=True)
    async with (
        reading(client.read_subscription_to_all("group")) as first,
        reading(client.read_subscription_to_all("group")) as second,
    ):
        tasks = [asyncio.create_task(take(each, 100)) for each in (first, second)]
        for n in range(8):
            await client.append_to_stream(f"stock-{n}", current_version=ANY, events=events(3))

        async def delivered() -> bool:
            return (await client.get_subscription_info("group")).total_items == 24

        await until(delivered)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_blocking_client_has_groups_too(eventstoredb: Server) -> None:
    def talk(it: EventStoreDBClient) -> list[int]:
        it.create_subscription_to_stream("group", "order-1")
        with it.read_subscription_to_stream("group", "order-1") as subscription:
            taken = []
            for each in subscription:
                subscription.ack(each)
                taken.append(each.stream_position)
                if len(taken) == 5:
                    return taken
        return []

    assert await blocking(eventstoredb, talk) == [0, 1, 2, 3, 4]
