"""The embedded server keeps its promises: durable, findable, one folder."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.program import PostgresFailed


@contextmanager
def server_in(prefix: str) -> Iterator[EmbeddedPostgres]:
    with TemporaryDirectory(prefix=prefix) as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    with server_in("counterfoil-server-") as server:
        yield server


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(server.url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_commits_are_durable_and_nothing_listens_on_the_network(server: EmbeddedPostgres) -> None:
    server.start()
    assert await ask(server, "show fsync") == "on"
    assert await ask(server, "show synchronous_commit") == "on"
    assert await ask(server, "show listen_addresses") == ""


async def test_a_second_start_takes_over_the_running_server(server: EmbeddedPostgres) -> None:
    server.start()
    pid = server.pid()
    EmbeddedPostgres(server.folder).start()
    assert server.pid() == pid


async def test_what_was_committed_survives_kill_9(server: EmbeddedPostgres) -> None:
    server.start()
    await ask(server, "create table facts as select 42 as answer")
    os.kill(server.pid(), signal.SIGKILL)
    server.start()
    assert await ask(server, "select answer from facts") == 42


async def test_a_folder_with_a_long_name_gets_its_socket_elsewhere() -> None:
    with server_in("counterfoil-" + "long-" * 25) as server:
        server.start()
        assert await ask(server, "select 1") == 1


def test_data_of_something_else_is_a_clear_failure(server: EmbeddedPostgres) -> None:
    server.data.mkdir(parents=True)
    (server.data / "notes.txt").write_text("not a database")
    with pytest.raises(PostgresFailed, match="initdb failed"):
        server.start()
