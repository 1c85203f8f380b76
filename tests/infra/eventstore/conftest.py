"""The stores that keep one contract."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from domain.shared.recorded import START
from infra.eventstore.factory import ClosableEventStore, open_event_store
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import CORNER

REAL = os.environ.get("COUNTERFOIL_TEST_EVENTSTOREDB")
"""The connection string of an EventStoreDB to hold against the contract; unset: a test server for each test."""


@pytest.fixture(params=["postgres", "sqlite", "memory", "eventstoredb"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store of each kind, empty or with a corner for this test."""
    return _url(request, tmp_path)


@pytest.fixture(params=["postgres", "sqlite", "eventstoredb"])
def shared_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of such a store that several processes can open."""
    return _url(request, tmp_path)


def _url(request: pytest.FixtureRequest, folder: Path) -> str:
    CORNER.suffix, CORNER.beginning = f"-{uuid4().hex[:12]}", START
    match request.param:
        case "postgres":
            return str(request.getfixturevalue("database_url"))
        case "sqlite":
            return f"sqlite:///{folder / 'events.db'}"
        case "eventstoredb":
            return str(request.getfixturevalue("eventstoredb_url"))
        case _:
            return "memory://"


@pytest.fixture
async def eventstoredb_url() -> AsyncIterator[str]:
    """A test server of our own, or the corner of the real one that begins now."""
    if REAL is None:
        async with Server() as server:
            yield server.uri
        return
    store = (await open_event_store(REAL)).store
    CORNER.beginning = await store.head()
    await store.close()
    yield REAL


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[ClosableEventStore]:
    """An open store of each kind."""
    opened = await open_event_store(store_url)
    yield opened.store
    await opened.store.close()
