"""Deleting softly and for ever."""

import pytest
from esdbclient import AsyncEventStoreDBClient, StreamState
from esdbclient.exceptions import NotFound, StreamIsDeleted, WrongCurrentVersion

from tests.eventstoredb_server.contract.talking import ANY, EXISTS, NO_STREAM, events, read

SOFTLY = {"$tb": 2**63 - 1}


@pytest.fixture(autouse=True)
async def _three_events(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(3))


@pytest.mark.parametrize("expected", [2, ANY, EXISTS])
async def test_a_stream_deleted_softly_is_not_found(
    client: AsyncEventStoreDBClient, expected: int | StreamState
) -> None:
    await client.delete_stream("order-1", current_version=expected)

    with pytest.raises(NotFound, match="Stream 'order-1' not found"):
        await client.get_stream("order-1")
    assert await client.get_stream_metadata("order-1") == (SOFTLY, 0)
    assert await client.get_current_version("order-1") == NO_STREAM
    assert len(await read(client.read_all())) == 3


@pytest.mark.parametrize("expected", [1, 3, NO_STREAM])
@pytest.mark.parametrize("remove", ["delete_stream", "tombstone_stream"])
async def test_a_stream_that_is_elsewhere_is_not_deleted(
    client: AsyncEventStoreDBClient, expected: int | StreamState, remove: str
) -> None:
    with pytest.raises(WrongCurrentVersion) as refused:
        await getattr(client, remove)("order-1", current_version=expected)
    number = -1 if expected is NO_STREAM else expected
    assert str(refused.value) == (
        f"Delete failed due to WrongExpectedVersion. Stream: order-1, Expected version: {number}, Actual version: 2"
    )
    assert len(await client.get_stream("order-1")) == 3


@pytest.mark.parametrize("expected", [0, ANY, EXISTS, NO_STREAM])
async def test_a_stream_that_is_not_there_cannot_be_deleted(
    client: AsyncEventStoreDBClient, expected: int | StreamState
) -> None:
    with pytest.raises(NotFound):
        await client.delete_stream("order-2", current_version=expected)


@pytest.mark.parametrize("expected", [2, ANY, NO_STREAM])
async def test_a_stream_deleted_softly_goes_on_where_it_ended(
    client: AsyncEventStoreDBClient, expected: int | StreamState
) -> None:
    await client.delete_stream("order-1", current_version=2)

    await client.append_to_stream("order-1", current_version=expected, events=events(2))

    assert [e.stream_position for e in await client.get_stream("order-1")] == [3, 4]
    assert [e.stream_position for e in await client.get_stream("order-1", backwards=True)] == [4, 3]
    assert await client.get_stream_metadata("order-1") == ({"$tb": 3}, 1)


async def test_a_stream_deleted_softly_does_not_exist(client: AsyncEventStoreDBClient) -> None:
    await client.delete_stream("order-1", current_version=2)
    with pytest.raises(StreamIsDeleted):
        await client.append_to_stream("order-1", current_version=EXISTS, events=events(1))
    with pytest.raises(StreamIsDeleted):
        await client.delete_stream("order-1", current_version=EXISTS)
    with pytest.raises(WrongCurrentVersion, match="last event is 2 not 1"):
        await client.append_to_stream("order-1", current_version=1, events=events(1))


async def test_new_metadata_bring_a_stream_back_that_was_deleted_softly(client: AsyncEventStoreDBClient) -> None:
    await client.delete_stream("order-1", current_version=2)
    await client.set_stream_metadata("order-1", metadata={"colour": "red"}, current_version=0)
    assert await client.get_stream_metadata("order-1") == ({"colour": "red", "$tb": 3}, 2)
    assert await client.get_stream("order-1") == ()


async def test_deleting_again_changes_nothing(client: AsyncEventStoreDBClient) -> None:
    await client.delete_stream("order-1", current_version=2)
    await client.delete_stream("order-1", current_version=2)
    assert await client.get_stream_metadata("order-1") == (SOFTLY, 1)


@pytest.mark.parametrize("expected", [2, ANY, EXISTS])
async def test_a_tombstone_is_for_ever(client: AsyncEventStoreDBClient, expected: int | StreamState) -> None:
    await client.tombstone_stream("order-1", current_version=expected)

    with pytest.raises(StreamIsDeleted):
        await client.get_stream("order-1")
    with pytest.raises(StreamIsDeleted):
        await client.get_stream_metadata("order-1")
    for remove in (client.delete_stream, client.tombstone_stream):
        with pytest.raises(StreamIsDeleted, match="Event stream 'order-1' is deleted"):
            await remove("order-1", current_version=ANY)
    buried = (await read(client.read_all(filter_exclude=[])))[-1]
    assert (buried.type, buried.stream_name, buried.stream_position) == ("$streamDeleted", "order-1", 2**63 - 1)


@pytest.mark.parametrize("before", [0, 1, 2])
async def test_metadata_of_a_buried_stream_are_taken_and_shown_to_nobody(
    client: AsyncEventStoreDBClient, before: int
) -> None:
    for _ in range(before):
        await client.set_stream_metadata("order-1", metadata={"colour": "red"})
    await client.tombstone_stream("order-1", current_version=2)

    with pytest.raises(WrongCurrentVersion):
        await client.set_stream_metadata("order-1", metadata={}, current_version=before)
    exactly = before - 1 if before else NO_STREAM
    await client.set_stream_metadata("order-1", metadata={"colour": "blue"}, current_version=exactly)
    await client.set_stream_metadata("order-1", metadata={"$tb": 0})

    for asked in (client.get_stream_metadata, client.get_stream):
        with pytest.raises(StreamIsDeleted):
            await asked("order-1")
    with pytest.raises(StreamIsDeleted):
        await client.append_to_stream("order-1", current_version=ANY, events=events(1))


async def test_what_is_not_there_can_be_buried(client: AsyncEventStoreDBClient) -> None:
    await client.tombstone_stream("order-2", current_version=NO_STREAM)
    with pytest.raises(StreamIsDeleted):
        await client.get_stream("order-2")
    with pytest.raises(NotFound):
        await client.tombstone_stream("order-3", current_version=EXISTS)
