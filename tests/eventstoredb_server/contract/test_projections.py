"""Projections: the standard ones run, others are managed."""

import asyncio
from pathlib import Path

import pytest
from esdbclient import AsyncEventStoreDBClient
from esdbclient.exceptions import AlreadyExists, ExceptionThrownByHandler, NotFound, OperationFailed

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import ANY, NO_STREAM, connected, event, events, listening

QUERY = "fromStream('order-1').when({$init: () => ({count: 0})})"


async def test_events_are_linked_by_category_and_type() -> None:
    async with Server(standard_projections=True) as server, connected(server.uri) as client:
        async with listening(client.subscribe_to_stream("$ce-order", resolve_links=True)) as listener:
            for stream, type in (("order-1", "Placed"), ("order-2-b", "Paid"), ("stock", "Paid"), ("order-1", "Paid")):
                await client.append_to_stream(stream, current_version=ANY, events=[event(type)])
            heard = await listener.hears(3)
        assert [(e.stream_name, e.stream_position) for e in heard] == [("order-1", 0), ("order-2-b", 0), ("order-1", 1)]
        assert [e.link.stream_position for e in heard] == [0, 1, 2]
        paid = await client.get_stream("$et-Paid")
        assert [(e.type, e.data) for e in paid] == [("$>", b"0@order-2-b"), ("$>", b"0@stock"), ("$>", b"1@order-1")]
        streams = [e.data.decode() for e in await client.get_stream("$streams")]
        assert [stream for stream in streams if "$" not in stream] == ["0@order-1", "0@order-2-b", "0@stock"]
        assert [e.data for e in await client.get_stream("$category-order")] == [b"order-1", b"order-2-b"]


async def test_a_restart_links_nothing_twice(tmp_path: Path) -> None:
    async with Server(folder=tmp_path) as server, connected(server.uri) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
        await client.enable_projection("$by_category")
        await asyncio.sleep(0)
        await client.append_to_stream("order-2", current_version=NO_STREAM, events=events(1))
    async with Server(folder=tmp_path) as server, connected(server.uri) as client:
        await client.append_to_stream("order-2", current_version=0, events=events(1))
        links = [e.data for e in await client.get_stream("$ce-order")]
    assert links == [b"0@order-1", b"1@order-1", b"0@order-2", b"1@order-2"]


async def test_a_projection_is_made_stopped_changed_and_deleted(client: AsyncEventStoreDBClient) -> None:
    await client.create_projection(name="count", query=QUERY, emit_enabled=True, track_emitted_streams=True)
    with pytest.raises(AlreadyExists):
        await client.create_projection(name="count", query=QUERY)
    statistics = await client.get_projection_statistics(name="count")
    assert (statistics.name, statistics.mode, statistics.status) == ("count", "Continuous", "Running")
    assert (await client.get_projection_state(name="count")).value == {}
    with pytest.raises(OperationFailed):
        await client.delete_projection(name="count")

    await client.update_projection(name="count", query=QUERY + " ")
    await client.reset_projection(name="count")
    await client.disable_projection(name="count")
    assert (await client.get_projection_statistics(name="count")).status == "Stopped"
    await client.restart_projections_subsystem()
    await client.delete_projection(name="count")
    for doing in (
        client.get_projection_statistics(name="count"),
        client.get_projection_state(name="count"),
        client.enable_projection(name="count"),
        client.delete_projection(name="count"),
    ):
        with pytest.raises(NotFound):
            await doing


async def test_what_a_projection_cannot_be_is_refused(client: AsyncEventStoreDBClient) -> None:
    with pytest.raises(ExceptionThrownByHandler):
        await client.create_projection(name="count", query=QUERY, track_emitted_streams=True)
    with pytest.raises(OperationFailed):
        await client.delete_projection(name="$by_category")
    assert (await client.get_projection_statistics(name="$by_category")).status == "Stopped"
