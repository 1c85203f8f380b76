"""Nodes that follow, leaders that change, and a client that finds its way."""

import pytest
from esdbclient.exceptions import EventStoreDBClientException, NodeIsNotLeader, UnknownError

from tests.eventstoredb_server import Cluster
from tests.eventstoredb_server.contract.talking import ANY, NO_STREAM, connected, events, listening


async def test_the_client_finds_the_leader_and_every_node_has_the_same_log() -> None:
    async with Cluster() as cluster, connected(cluster.uri) as client:
        assert client.connection_target == cluster.nodes[0].target
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
        async with connected(f"{cluster.uri}&NodePreference=follower") as follower:
            assert follower.connection_target != cluster.nodes[0].target
            assert len(await follower.get_stream("order-1")) == 2


async def test_who_asks_a_follower_for_the_leader_is_sent_there() -> None:
    async with Cluster(2) as cluster, connected(cluster.nodes[1].uri) as client:
        for doing in (
            client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1)),
            client.get_stream("order-1"),
            client.delete_stream("order-1", current_version=ANY),
        ):
            with pytest.raises(NodeIsNotLeader) as refused:
                await doing
            assert refused.value.leader_grpc_target == cluster.nodes[0].target


async def test_a_client_follows_the_leader_that_moves() -> None:
    async with Cluster() as cluster, connected(cluster.uri) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
        cluster.elect(2)
        await client.append_to_stream("order-1", current_version=0, events=events(1))
        assert client.connection_target == cluster.nodes[2].target


async def test_a_client_survives_the_death_of_its_leader() -> None:
    async with Cluster() as cluster, connected(cluster.uri) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
        await cluster.kill(0)
        cluster.elect(1)
        await client.append_to_stream("order-1", current_version=0, events=events(1))
        assert client.connection_target == cluster.nodes[1].target
        await cluster.revive(0)
        assert len(await client.get_stream("order-1")) == 2


async def test_during_an_election_nobody_knows_the_leader() -> None:
    async with Cluster() as cluster, connected(cluster.uri) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
        cluster.elect(None)
        with pytest.raises(EventStoreDBClientException) as refused:
            await client.append_to_stream("order-1", current_version=0, events=events(1))
        assert type(refused.value) is EventStoreDBClientException
        with pytest.raises(UnknownError, match="No leader info available"):
            await client.get_stream("order-1")
        cluster.elect(0)
        await client.append_to_stream("order-1", current_version=0, events=events(1))


async def test_a_follower_pushes_what_the_leader_took() -> None:
    async with (
        Cluster() as cluster,
        connected(cluster.uri) as client,
        connected(f"{cluster.uri}&NodePreference=follower") as follower,
        listening(follower.subscribe_to_all()) as listener,
    ):
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(3))
        assert len(await listener.hears(3)) == 3
