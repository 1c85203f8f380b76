"""A server, and the library's own client to it."""

from collections.abc import AsyncIterator

import pytest
from esdbclient import AsyncEventStoreDBClient

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import connected
from tests.eventstoredb_server.fixtures import eventstoredb

__all__ = ["client", "eventstoredb"]


@pytest.fixture
async def client(eventstoredb: Server) -> AsyncIterator[AsyncEventStoreDBClient]:
    async with connected(eventstoredb.uri) as client:
        yield client
