"""Reading streams and everything, both ways, with every option."""

import asyncio
from typing import Any

import pytest
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient
from esdbclient.exceptions import ExceptionThrownByHandler, NotFound, UnknownError

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import ANY, NO_STREAM, blocking, event, events, read


@pytest.mark.parametrize(
    ("options", "revisions"),
    [
        ({}, list(range(100))),
        ({"limit": 3}, [0, 1, 2]),
        ({"stream_position": 97}, [97, 98, 99]),
        ({"stream_position": 100}, []),
        ({"stream_position": 2, "limit": 2}, [2, 3]),
        ({"backwards": True}, list(range(99, -1, -1))),
        ({"backwards": True, "limit": 2}, [99, 98]),
        ({"backwards": True, "stream_position": 1}, [1, 0]),
        ({"backwards": True, "stream_position": 500, "limit": 1}, [99]),
    ],
)
async def test_a_stream_is_read_from_either_end(
    client: AsyncEventStoreDBClient, eventstoredb: Server, options: dict[str, Any], revisions: list[int]
) -> None:
    await client.append_to_stream("order-2", current_version=NO_STREAM, events=events(3))
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(100))
    assert [e.stream_position for e in await client.get_stream("order-1", **options)] == revisions

    def talk(it: EventStoreDBClient) -> list[int]:
        return [e.stream_position for e in it.get_stream("order-1", **options)]

    assert await blocking(eventstoredb, talk) == revisions


async def test_a_missing_stream_is_found_missing_at_the_first_item(client: AsyncEventStoreDBClient) -> None:
    reading = await client.read_stream("order-1")
    with pytest.raises(NotFound) as refused:
        await anext(reading)
    assert str(refused.value) == "Stream 'order-1' not found"


async def test_everything_from_a_position_has_that_position_forwards_and_not_backwards(
    client: AsyncEventStoreDBClient,
) -> None:
    for stream in ("order-1", "stock-1", "order-1"):
        await client.append_to_stream(stream, current_version=ANY, events=events(2))
    whole = await read(client.read_all())
    at = [e.commit_position for e in whole]
    assert at == sorted(set(at), key=lambda position: position or 0)

    assert await read(client.read_all(backwards=True)) == whole[::-1]
    assert await read(client.read_all(commit_position=at[2])) == whole[2:]
    assert await read(client.read_all(commit_position=at[2], backwards=True)) == whole[:2][::-1]
    assert await read(client.read_all(commit_position=at[2], limit=2)) == whole[2:4]
    assert await read(client.read_all(limit=1, backwards=True)) == whole[-1:]
    assert await read(client.read_all(commit_position=0)) == whole
    assert await read(client.read_all(commit_position=0, backwards=True)) == []
    assert await read(client.read_all(commit_position=(at[-1] or 0) + 100_000)) == []


@pytest.mark.parametrize(("filters", "kind"), [({}, "Filtered"), ({"filter_exclude": []}, "")])
async def test_what_is_no_position_is_refused(
    client: AsyncEventStoreDBClient, filters: dict[str, Any], kind: str
) -> None:
    position = await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
    for backwards in (False, True):
        with pytest.raises(UnknownError, match=f"Unexpected {kind}ReadAllResult: Error"):
            await read(client.read_all(commit_position=position - 1, backwards=backwards, **filters))
    with pytest.raises(ExceptionThrownByHandler):
        await client.subscribe_to_all(commit_position=position - 1, **filters)


async def test_nothing_at_all_cannot_be_asked_for(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
    with pytest.raises(UnknownError, match="Unexpected ReadStreamResult: Error"):
        await client.get_stream("order-1", limit=0)
    with pytest.raises(UnknownError, match="Unexpected ReadAllResult: Error"):
        await read(client.read_all(limit=0, filter_exclude=[]))
    with pytest.raises(ExceptionThrownByHandler):
        await client.get_stream("order-1", stream_position=2**63)


async def test_the_commit_position_is_that_of_the_last_event_of_users(client: AsyncEventStoreDBClient) -> None:
    assert await client.get_commit_position() == 0
    position = await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
    await client.set_stream_metadata("order-1", metadata={"$maxCount": 5})
    assert await client.get_commit_position() == position


async def test_a_long_read_sees_what_is_appended_meanwhile(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(500))
    async with await client.read_stream("order-1") as reading:
        found = [await anext(reading)]
        await client.append_to_stream("order-1", current_version=499, events=events(1))
        found += [e async for e in reading]
    assert [e.stream_position for e in found] == list(range(len(found)))
    assert len(found) >= 500


async def test_many_read_at_once(client: AsyncEventStoreDBClient) -> None:
    await asyncio.gather(
        *(client.append_to_stream(f"order-{n}", current_version=NO_STREAM, events=events(3)) for n in range(50))
    )
    found = await asyncio.gather(*(client.get_stream(f"order-{n}") for n in range(50)))
    assert [len(each) for each in found] == [3] * 50


async def test_links_lead_to_their_targets(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
    await client.append_to_stream("gone-1", current_version=NO_STREAM, events=events(1))
    links = [event("$>", data) for data in (b"1@order-1", b"0@gone-1", b"7@order-1", b"0@order-1", b"0@never")]
    await client.append_to_stream("list", current_version=NO_STREAM, events=links)
    await client.delete_stream("gone-1", current_version=0)

    unresolved = await client.get_stream("list")
    assert [(e.type, e.data, e.link) for e in unresolved] == [("$>", link.data, None) for link in links]
    resolved = await client.get_stream("list", resolve_links=True)
    order = await client.get_stream("order-1")
    assert [e.id for e in resolved] == [order[1].id, order[0].id]
    assert [(e.stream_name, e.stream_position, e.commit_position) for e in resolved] == [
        ("order-1", 1, order[1].commit_position),
        ("order-1", 0, order[0].commit_position),
    ]
    assert [(e.link.id, e.link.stream_name, e.link.stream_position) for e in resolved if e.link] == [
        (links[0].id, "list", 0),
        (links[3].id, "list", 3),
    ]
    both = await read(client.read_all(resolve_links=True, filter_include=[r"\$>"]))
    assert [e.id for e in both] == [order[1].id, order[0].id]


async def test_a_link_that_is_none_comes_back_as_it_is(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("list", current_version=NO_STREAM, events=[event("$>", b"nonsense")])
    assert [e.data for e in await client.get_stream("list", resolve_links=True)] == [b"nonsense"]


@pytest.mark.parametrize(
    ("metadata", "revisions"),
    [
        ({"$maxCount": 2}, [3, 4]),
        ({"$maxCount": 50}, [0, 1, 2, 3, 4]),
        ({"$tb": 3}, [3, 4]),
        ({"$tb": 1, "$maxCount": 3}, [2, 3, 4]),
        ({"$tb": 10}, []),
        ({"$maxAge": 1000}, [0, 1, 2, 3, 4]),
        ({"$maxAge": 0}, []),
        ({"$acl": {"$r": "ops"}, "colour": "red"}, [0, 1, 2, 3, 4]),
    ],
)
async def test_metadata_hide_what_is_old(
    client: AsyncEventStoreDBClient, metadata: dict[str, int], revisions: list[int]
) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(5))
    assert await client.get_stream_metadata("order-1") == ({}, NO_STREAM)
    await client.set_stream_metadata("order-1", metadata=metadata, current_version=NO_STREAM)

    assert await client.get_stream_metadata("order-1") == (metadata, 0)
    assert [e.stream_position for e in await client.get_stream("order-1")] == revisions
    assert [e.stream_position for e in await client.get_stream("order-1", backwards=True)] == revisions[::-1]
    assert len(await read(client.read_all())) == 5


async def test_of_metadata_only_the_last_are_read(client: AsyncEventStoreDBClient) -> None:
    for number in range(3):
        await client.set_stream_metadata("order-1", metadata={"$maxCount": number + 1})
    assert [(e.stream_position, e.type) for e in await client.get_stream("$$order-1")] == [(2, "$metadata")]


async def test_metadata_that_are_no_json_say_nothing(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
    await client.append_to_stream("$$order-1", current_version=ANY, events=[event("$metadata", b"oh")])
    assert len(await client.get_stream("order-1")) == 2
