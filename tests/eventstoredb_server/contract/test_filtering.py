"""Filters of reads and subscriptions of everything."""

from typing import Any

import pytest
from esdbclient import AsyncEventStoreDBClient

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import ANY, event, read


@pytest.fixture(autouse=True)
async def _some_streams(client: AsyncEventStoreDBClient) -> None:
    for stream, type in (("order-1", "Placed"), ("order-2", "Paid"), ("stock-1", "Received"), ("cart-1", "Paid")):
        await client.append_to_stream(stream, current_version=ANY, events=[event(type)])
    await client.append_to_stream("cart-1", current_version=ANY, events=[event("PersistentConfig1")])
    await client.set_stream_metadata("cart-1", metadata={})


@pytest.mark.parametrize(
    ("options", "streams"),
    [
        ({}, ["order-1", "order-2", "stock-1", "cart-1"]),
        (
            {"filter_exclude": [r"\$\$\$.*"], "filter_by_stream_name": True},
            ["order-1", "order-2", "stock-1", "cart-1", "cart-1", "$$cart-1"],
        ),
        ({"filter_include": ["Paid"]}, ["order-2", "cart-1"]),
        ({"filter_include": "P.*"}, ["order-1", "order-2", "cart-1", "cart-1"]),
        ({"filter_include": ["(Placed|Received)"]}, ["order-1", "stock-1"]),
        ({"filter_exclude": ["Paid", "Placed", r"\$metadata"]}, ["stock-1", "cart-1"]),
        ({"filter_include": ["order-.*"], "filter_by_stream_name": True}, ["order-1", "order-2"]),
        ({"filter_exclude": ["order-.*", r"\$.*"], "filter_by_stream_name": True}, ["stock-1", "cart-1", "cart-1"]),
        ({"filter_include": ["(?<category>cart)-.*"], "filter_by_stream_name": True}, ["cart-1", "cart-1"]),
    ],
)
async def test_reads_of_everything_are_filtered(
    client: AsyncEventStoreDBClient, options: dict[str, Any], streams: list[str]
) -> None:
    assert [e.stream_name for e in await read(client.read_all(**options))] == streams
    backwards = await read(client.read_all(backwards=True, **options))
    assert [e.stream_name for e in backwards] == streams[::-1]
    assert [e.stream_name for e in await read(client.read_all(limit=2, **options))] == streams[:2]


async def test_several_patterns_are_anchored_as_the_client_joins_them(client: AsyncEventStoreDBClient) -> None:
    await client.append_to_stream("late", current_version=ANY, events=[event("PlacedTwice"), event("WasPaid")])
    found = await read(client.read_all(filter_include=["Placed", "Paid"]))
    assert [e.type for e in found] == ["Placed", "Paid", "Paid", "PlacedTwice", "WasPaid"]


async def test_the_server_hides_its_own_bookkeeping(eventstoredb: Server, client: AsyncEventStoreDBClient) -> None:
    for stream in ("$persistentsubscription-$all::a-checkpoint", "$persistentsubscription-$all::a-parked"):
        await client.append_to_stream(stream, current_version=ANY, events=[event()])
    await client.append_to_stream("$persistentsubscription-order::a-parked", current_version=ANY, events=[event()])
    streams = [e.stream_name for e in await read(client.read_all(filter_exclude=[]))]
    assert [stream for stream in streams if stream.startswith("$p")] == ["$persistentsubscription-order::a-parked"]
    assert "$epoch-information" not in streams
    assert eventstoredb.log.records[0].stream == "$epoch-information"
