"""The server as a process with a folder: what was answered survives kill -9."""

import signal
from pathlib import Path

import pytest
from esdbclient.exceptions import StreamIsDeleted

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import NO_STREAM, connected, event, events, read
from tests.eventstoredb_server.disk import Disk
from tests.eventstoredb_server.running import running


async def test_what_was_answered_survives_being_killed(tmp_path: Path) -> None:
    same = events(2)
    async with running("--folder", str(tmp_path)) as (process, uri), connected(uri) as client:
        position = await client.append_to_stream("order-1", current_version=NO_STREAM, events=same)
        await client.append_to_stream("gone-1", current_version=NO_STREAM, events=events(1))
        await client.tombstone_stream("gone-1", current_version=0)
        await client.set_stream_metadata("order-1", metadata={"$tb": 1})
        before = await read(client.read_all(filter_exclude=[]))
        process.kill()
    with (tmp_path / "log").open("ab") as log:
        log.write(b"\x40\x00\x00\x00torn")

    async with running("--folder", str(tmp_path)) as (process, uri), connected(uri) as client:
        assert await read(client.read_all(filter_exclude=[])) == before
        assert [e.stream_position for e in await client.get_stream("order-1")] == [1]
        with pytest.raises(StreamIsDeleted):
            await client.get_stream("gone-1")
        assert await client.append_to_stream("order-1", current_version=NO_STREAM, events=same) == position
        assert await client.append_to_stream("order-1", current_version=1, events=[event()]) > position
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    disk = Disk(tmp_path)
    assert len(list(disk.records())) == len(before) + 2
    disk.close()


async def test_a_process_can_have_a_certificate(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    async with (
        running("--tls", "--authority", str(authority)) as (_, uri),
        connected(uri, authority.read_bytes()) as client,
    ):
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1))
        assert len(await client.get_stream("order-1")) == 1


async def test_two_servers_do_not_share_a_port() -> None:
    async with Server() as server:
        with pytest.raises(OSError, match="in use"):
            await Server(port=server.port).start()
