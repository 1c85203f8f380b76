"""Faults to order, as the client library tells of them."""

import asyncio
from time import monotonic

import pytest
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient
from esdbclient.exceptions import (
    AbortedByServer,
    AppendDeadlineExceeded,
    ConsumerTooSlow,
    EventStoreDBClientException,
    GrpcDeadlineExceeded,
    NodeIsNotLeader,
    ServiceUnavailable,
    UnknownError,
)

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import ANY, NO_STREAM, blocking, event, events, listening, read


async def test_broken_connections_end_subscriptions_and_are_made_again(
    eventstoredb: Server, client: AsyncEventStoreDBClient
) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    async with listening(client.subscribe_to_all()) as listener:
        await listener.hears(1)
        eventstoredb.faults.drop_connections()
        assert isinstance(await listener.ends(), ServiceUnavailable)
    await client.append_to_stream("order-1", current_version=0, events=events(1))
    assert len(await client.get_stream("order-1")) == 2


async def test_a_server_that_is_away_for_a_while_is_found_again(
    eventstoredb: Server, client: AsyncEventStoreDBClient
) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    await eventstoredb.stop()
    with pytest.raises(ServiceUnavailable):
        await client.append_to_stream("order-1", current_version=0, events=events(1))
    await eventstoredb.start()
    async with asyncio.timeout(60):
        while True:
            try:
                await client.append_to_stream("order-1", current_version=0, events=events(1))
                break
            except ServiceUnavailable:
                await asyncio.sleep(0.1)
    assert len(await client.get_stream("order-1")) == 2


async def test_a_lost_answer_is_asked_for_again_and_nothing_is_written_twice(
    eventstoredb: Server, client: AsyncEventStoreDBClient
) -> None:
    eventstoredb.faults.lose_answer()
    same = event()
    position = await client.append_to_stream("order-1", current_version=NO_STREAM, events=[same])
    assert [(e.id, e.commit_position) for e in await client.get_stream("order-1")] == [(same.id, position)]
    assert not eventstoredb.faults.waiting


async def test_answers_that_are_lost_again_and_again_leave_the_outcome_unknown(
    eventstoredb: Server, client: AsyncEventStoreDBClient
) -> None:
    eventstoredb.faults.lose_answer(times=4)
    with pytest.raises(ServiceUnavailable):
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    assert len(await client.get_stream("order-1")) == 1


async def test_a_stall_is_waited_for_or_not(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    eventstoredb.faults.stall(0.3, method="BatchAppend")
    began = monotonic()
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    assert monotonic() - began >= 0.3

    eventstoredb.faults.stall(30, times=2)
    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream("order-1", current_version=0, events=events(1), timeout=0.1)
    assert len(await client.get_stream("order-1")) == 1


async def test_a_server_that_gives_up_says_timeout(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    eventstoredb.faults.timeout()
    with pytest.raises(AppendDeadlineExceeded):
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    eventstoredb.faults.timeout(method="Delete", times=2)
    with pytest.raises(AbortedByServer):
        await client.delete_stream("order-1", current_version=ANY)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("not_ready", "Server Is Not Ready"),
        ("too_busy", "Server Is Busy"),
        ("no_leader", "No leader info available in response"),
    ],
)
async def test_an_append_is_told_inside_its_answer_that_the_server_cannot(
    eventstoredb: Server, client: AsyncEventStoreDBClient, fault: str, words: str
) -> None:
    service = client._connection.streams
    getattr(eventstoredb.faults, fault)(times=2)
    with pytest.raises(EventStoreDBClientException) as refused:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    assert type(refused.value) is EventStoreDBClientException
    request = service._construct_batch_append_req("order-1", NO_STREAM, events(1), event().id)
    (answer,) = [each async for each in service._stub.BatchAppend(iter([request]))]
    assert (answer.error.message, answer.error.details.TypeName()) == (words, "google.protobuf.Empty")
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))


@pytest.mark.parametrize(
    ("fault", "raised", "words"),
    [
        ("not_ready", ServiceUnavailable, "Server Is Not Ready"),
        ("too_busy", ServiceUnavailable, "Server Is Too Busy"),
        ("no_leader", UnknownError, "No leader info available in response"),
    ],
)
async def test_reads_and_deletes_are_refused_by_the_call(
    eventstoredb: Server, client: AsyncEventStoreDBClient, fault: str, raised: type[Exception], words: str
) -> None:
    getattr(eventstoredb.faults, fault)(times=1, method="Read")
    with pytest.raises(raised, match=words):
        await read(client.read_all())
    getattr(eventstoredb.faults, fault)(times=4, method="Delete")
    with pytest.raises(raised, match=words):
        await client.delete_stream("order-1", current_version=ANY)


async def test_a_node_that_does_not_lead_says_who_does(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    for doing in (
        lambda: client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1)),
        lambda: client.get_stream("order-1"),
        lambda: client.delete_stream("order-1", current_version=ANY),
    ):
        eventstoredb.faults.not_leader("10.0.0.9", 2113)
        with pytest.raises(NodeIsNotLeader) as refused:
            await doing()
        assert refused.value.leader_grpc_target == "10.0.0.9:2113"


async def test_consumers_are_told_that_they_are_too_slow(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    stream, everything = client.subscribe_to_stream("order-1"), client.subscribe_to_all(include_caught_up=True)
    async with listening(stream) as first, listening(everything) as second:
        await second.hears(1)
        eventstoredb.faults.slow_consumers()
        assert isinstance(await first.ends(), ConsumerTooSlow)
        assert isinstance(await second.ends(), ConsumerTooSlow)
    async with listening(client.subscribe_to_all()) as again:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
        await again.hears(1)


async def test_the_blocking_client_meets_the_same_faults(eventstoredb: Server) -> None:
    eventstoredb.faults.lose_answer()
    eventstoredb.faults.not_ready(method="Read")

    def talk(it: EventStoreDBClient) -> int:
        it.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
        return len(it.get_stream("order-1"))

    assert await blocking(eventstoredb, talk) == 2
