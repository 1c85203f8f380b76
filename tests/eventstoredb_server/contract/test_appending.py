"""Appending: what comes back, and what is refused in which words."""

from uuid import uuid4

import pytest
from esdbclient import AsyncEventStoreDBClient, StreamState
from esdbclient.exceptions import (
    AppendDeadlineExceeded,
    BadRequestError,
    GrpcError,
    MaximumAppendSizeExceededError,
    NotFound,
    StreamIsDeleted,
    WrongCurrentVersion,
)

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import ANY, EXISTS, NO_STREAM, blocking, connected, event, events


async def test_what_was_appended_comes_back_whole(client: AsyncEventStoreDBClient) -> None:
    first = event("Ordered", b'{"a": 1}', metadata=b'{"m": 1}')
    second = event("Drawn", b"\x00\xff", content_type="application/octet-stream")

    position = await client.append_to_stream("order-1", current_version=NO_STREAM, events=[first, second])

    found = await client.get_stream("order-1")
    assert [(e.id, e.type, e.data, e.metadata, e.content_type, e.stream_name, e.stream_position) for e in found] == [
        (first.id, "Ordered", b'{"a": 1}', b'{"m": 1}', "application/json", "order-1", 0),
        (second.id, "Drawn", b"\x00\xff", b"", "application/octet-stream", "order-1", 1),
    ]
    assert [(e.commit_position, e.prepare_position) for e in found] == [(e.commit_position,) * 2 for e in found]
    assert 0 < (found[0].commit_position or 0) < (found[1].commit_position or 0) == position


async def test_other_content_types_come_back_as_octets(client: AsyncEventStoreDBClient) -> None:
    odd = event(content_type="text/plain")
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=[odd])
    assert (await client.get_stream("order-1"))[0].content_type == "application/octet-stream"


async def test_both_clients_are_told_the_same_position(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    said = await blocking(
        eventstoredb, lambda it: it.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
    )
    assert said == (await client.get_stream("order-1"))[-1].commit_position == await client.get_commit_position()


async def test_nothing_appended_is_nothing_written(client: AsyncEventStoreDBClient) -> None:
    assert await client.append_to_stream("order-1", current_version=NO_STREAM, events=[]) == 0
    with pytest.raises(NotFound):
        await client.get_stream("order-1")


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (NO_STREAM, "Stream position of last event is 1 not StreamState.NO_STREAM"),
        (0, "Stream position of last event is 1 not 0"),
        (2, "Stream position of last event is 1 not 2"),
    ],
)
async def test_a_stream_that_is_elsewhere_says_where(
    client: AsyncEventStoreDBClient, expected: int | StreamState, words: str
) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
    with pytest.raises(WrongCurrentVersion) as refused:
        await client.append_to_stream("order-1", current_version=expected, events=events(1))
    assert str(refused.value) == words
    assert len(await client.get_stream("order-1")) == 2


@pytest.mark.parametrize("expected", [0, 5, EXISTS])
async def test_a_stream_that_is_not_there_says_so(client: AsyncEventStoreDBClient, expected: int | StreamState) -> None:
    with pytest.raises(WrongCurrentVersion) as refused:
        await client.append_to_stream("order-1", current_version=expected, events=events(1))
    assert str(refused.value) == "Stream 'order-1' does not exist"


async def test_any_and_exists_follow_what_is_there(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=ANY, events=events(1))
    await client.append_to_stream("order-1", current_version=EXISTS, events=events(1))
    await client.append_to_stream("order-1", current_version=ANY, events=events(1))
    assert await client.get_current_version("order-1") == 2


@pytest.mark.parametrize("again", [NO_STREAM, ANY, EXISTS])
async def test_the_same_append_again_is_answered_as_before(
    client: AsyncEventStoreDBClient, again: int | StreamState
) -> None:
    three = events(3)
    position = await client.append_to_stream("order-1", current_version=NO_STREAM, events=three)
    await client.append_to_stream("order-1", current_version=2, events=events(1))

    assert await client.append_to_stream("order-1", current_version=again, events=three) == position
    assert await client.get_current_version("order-1") == 3


async def test_the_first_part_of_an_append_again_is_answered_with_its_own_position(
    client: AsyncEventStoreDBClient,
) -> None:
    three = events(3)
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=three)
    second = (await client.get_stream("order-1"))[1]
    again = await client.append_to_stream("order-1", current_version=NO_STREAM, events=three[:2])
    assert again == second.commit_position


@pytest.mark.parametrize("expected", [NO_STREAM, ANY, EXISTS])
async def test_partly_the_same_append_is_refused(client: AsyncEventStoreDBClient, expected: int | StreamState) -> None:
    two = events(2)
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=two)
    with pytest.raises(WrongCurrentVersion):
        await client.append_to_stream("order-1", current_version=expected, events=[*two, event()])
    with pytest.raises(WrongCurrentVersion):
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=two[::-1])


async def test_an_id_counts_within_its_stream(client: AsyncEventStoreDBClient) -> None:
    same = event()
    await client.append_to_stream("order-1", current_version=ANY, events=[same])
    await client.append_to_stream("order-2", current_version=ANY, events=[same])
    assert [len(await client.get_stream(f"order-{n}")) for n in (1, 2)] == [1, 1]


async def test_an_old_id_at_a_new_revision_is_a_new_event(client: AsyncEventStoreDBClient) -> None:
    same = event()
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=[same])
    await client.append_to_stream("order-1", current_version=0, events=[same])
    assert [e.id for e in await client.get_stream("order-1")] == [same.id] * 2


async def test_any_forgets_ids_that_only_the_disk_knows(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    same = event()
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=[same])
    eventstoredb.log.recent_ids.clear()
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=[same])
    assert await client.get_current_version("order-1") == 0
    await client.append_to_stream("order-1", current_version=ANY, events=[same])
    assert await client.get_current_version("order-1") == 1


async def test_an_append_may_have_a_mebibyte_of_data(client: AsyncEventStoreDBClient) -> None:
    half = b"x" * 2**19
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=[event(data=half), event(data=half)])
    with pytest.raises(MaximumAppendSizeExceededError) as refused:
        await client.append_to_stream(
            "order-1", current_version=1, events=[event(data=half), event(data=half), event(data=b"1")]
        )
    assert str(refused.value) == "Max size is 1048576"
    assert await client.get_current_version("order-1") == 1


async def test_the_limit_can_be_set() -> None:
    async with Server(max_append_size=10) as server, connected(server.uri) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=[event(data=b"0123456789")])
        with pytest.raises(MaximumAppendSizeExceededError) as refused:
            await client.append_to_stream("order-1", current_version=0, events=[event(data=b"0123456789a")])
    assert str(refused.value) == "Max size is 10"


async def test_no_message_may_have_more_than_sixteen_mebibytes(client: AsyncEventStoreDBClient) -> None:
    with pytest.raises(GrpcError) as refused:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=[event(data=b"x" * 2**24)])
    assert type(refused.value) is GrpcError
    assert "RESOURCE_EXHAUSTED" in str(refused.value)


async def test_a_deadline_that_is_over_is_refused(client: AsyncEventStoreDBClient) -> None:
    service = client._connection.streams
    request = service._construct_batch_append_req("order-1", NO_STREAM, events(1), uuid4(), timeout=0.0)
    call = service._stub.BatchAppend(iter([request]))
    answers = [answer async for answer in call]
    with pytest.raises(AppendDeadlineExceeded):
        service._convert_batch_append_resp(answers[0], "order-1", NO_STREAM)
    assert (answers[0].error.code, answers[0].error.message) == (4, "Timeout")


async def test_a_stream_needs_a_name(client: AsyncEventStoreDBClient) -> None:
    with pytest.raises(BadRequestError):
        await client.append_to_stream("", current_version=ANY, events=events(1))


async def test_a_buried_stream_takes_nothing(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    await client.tombstone_stream("order-1", current_version=0)
    for expected in (NO_STREAM, ANY, EXISTS, 0):
        with pytest.raises(StreamIsDeleted) as refused:
            await client.append_to_stream("order-1", current_version=expected, events=events(1))
        assert str(refused.value) == "Stream 'order-1' is deleted"
