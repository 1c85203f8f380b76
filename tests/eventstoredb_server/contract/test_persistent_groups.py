"""Persistent subscriptions: making, changing, deleting them, and what they tell of themselves."""

from typing import Any

import pytest
from esdbclient import AsyncEventStoreDBClient
from esdbclient.exceptions import (
    AlreadyExists,
    GrpcError,
    InternalError,
    MaximumSubscriptionsReached,
    NodeIsNotLeader,
    NotFound,
    ServiceUnavailable,
)

from tests.eventstoredb_server import Cluster, Server
from tests.eventstoredb_server.contract.consuming import OFTEN, handle, reading, take
from tests.eventstoredb_server.contract.talking import NO_STREAM, authority_of, connected, event, events


@pytest.fixture(autouse=True)
async def _five_events(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(5))


async def test_groups_that_are_there_or_not_are_told_apart(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", max_subscriber_count=1)
    with pytest.raises(AlreadyExists, match="Subscription group group on stream order-1 exists"):
        await client.create_subscription_to_stream("group", "order-1")
    for doing in (
        client.read_subscription_to_stream("other", "order-1"),
        client.get_subscription_info("other", "order-1"),
        client.update_subscription_to_stream("other", "order-1"),
        client.delete_subscription("other", "order-1"),
        client.replay_parked_events("other", "order-1"),
        client.get_subscription_info("group"),
    ):
        with pytest.raises(NotFound):
            await doing
    async with reading(client.read_subscription_to_stream("group", "order-1")):
        with pytest.raises(MaximumSubscriptionsReached, match="Maximum subscriptions reached for subscription group"):
            await client.read_subscription_to_stream("group", "order-1")
    with pytest.raises(InternalError, match="ReadBatchSize may not be greater"):
        await client.create_subscription_to_stream("bad", "order-1", read_batch_size=500, history_buffer_size=500)


async def test_groups_tell_of_themselves(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream(
        "group", "order-1", stream_position=2, max_retry_count=7, message_timeout=3.5, consumer_strategy="RoundRobin"
    )
    await client.create_subscription_to_all("group", from_end=True)
    info = await client.get_subscription_info("group", "order-1")
    assert (info.event_source, info.group_name, info.status, info.start_from) == ("order-1", "group", "Live", "2")
    assert (info.max_retry_count, info.message_timeout, info.consumer_strategy) == (7, 3.5, "RoundRobin")
    assert (info.last_known_event_position, info.last_checkpointed_event_position) == ("4", "")
    assert (info.history_buffer_size, info.live_buffer_size, info.read_batch_size) == (500, 500, 200)
    assert [each.event_source for each in await client.list_subscriptions()] == ["order-1", "$all"]
    assert [each.start_from for each in await client.list_subscriptions()] == ["2", "C:-1/P:-1"]
    assert [each.group_name for each in await client.list_subscriptions_to_stream("order-1")] == ["group"]


async def test_an_update_drops_the_consumers_and_keeps_the_rest(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", **OFTEN)
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        await handle(subscription, 5)
        await client.update_subscription_to_stream("group", "order-1", max_retry_count=3)
        with pytest.raises(GrpcError, match="was dropped"):
            await take(subscription, 1)
    info = await client.get_subscription_info("group", "order-1")
    assert (info.max_retry_count, info.min_checkpoint_count) == (3, 1)
    await client.update_subscription_to_stream("group", "order-1", from_end=True)
    assert (await client.get_subscription_info("group", "order-1")).start_from == "-1"


async def test_a_deleted_group_is_gone_with_its_checkpoint(client: AsyncEventStoreDBClient) -> None:
    await client.create_subscription_to_stream("group", "order-1", **OFTEN)
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        await handle(subscription, 5)
        await client.delete_subscription("group", "order-1")
        with pytest.raises(GrpcError, match="was dropped"):
            await take(subscription, 1)
    assert await client.list_subscriptions_to_stream("order-1") == []
    await client.create_subscription_to_stream("group", "order-1")
    async with reading(client.read_subscription_to_stream("group", "order-1")) as subscription:
        assert [e.stream_position for e in await handle(subscription, 5)] == [0, 1, 2, 3, 4]


async def test_groups_are_the_leaders_business() -> None:
    async with Cluster(2) as cluster, connected(cluster.nodes[1].uri) as client, connected(cluster.uri) as leader:
        for doing in (
            client.create_subscription_to_all("group"),
            client.read_subscription_to_all("group"),
            client.delete_subscription("group"),
        ):
            with pytest.raises(NodeIsNotLeader):
                await doing
        for telling in (client.get_subscription_info("group"), client.list_subscriptions()):
            with pytest.raises((NodeIsNotLeader, ServiceUnavailable)):
                await telling
        await leader.create_subscription_to_all("group")
        cluster.elect(1)
        assert [each.group_name for each in await client.list_subscriptions()] == ["group"]


async def test_only_operators_make_groups() -> None:
    users: dict[str, tuple[str, ...]] = {"admin": ("changeit", "$admins"), "ops": ("secret", "$ops"), "ann": ("x",)}
    async with Server(tls=True, users=users) as server:
        async with connected(f"esdb://ann:x@{server.target}", authority_of(server)) as ann:
            with pytest.raises(GrpcError, match="PERMISSION_DENIED"):
                await ann.create_subscription_to_stream("group", "order-1")
        async with connected(f"esdb://ops:secret@{server.target}", authority_of(server)) as ops:
            await ops.create_subscription_to_stream("group", "order-1")
            assert len(await ops.list_subscriptions()) == 1


async def test_groups_survive_a_restart_of_the_server(tmp_path: Any) -> None:
    async with Server(folder=tmp_path) as server, connected(server.uri) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=[event("Odd"), event("Even")])
        await client.create_subscription_to_all("group", filter_include=["Odd"], **OFTEN)
    async with (
        Server(folder=tmp_path) as server,
        connected(server.uri) as client,
        reading(client.read_subscription_to_all("group")) as subscription,
    ):
        assert [e.type for e in await handle(subscription, 1)] == ["Odd"]
