"""The stores that keep one contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.eventstore.opening import ClosableEventStore, open_event_store


@pytest.fixture(params=["postgres", "sqlite", "memory"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store of each kind."""
    return _url(request, tmp_path)


@pytest.fixture(params=["postgres", "sqlite"])
def shared_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store that several processes can open."""
    return _url(request, tmp_path)


def _url(request: pytest.FixtureRequest, folder: Path) -> str:
    match request.param:
        case "postgres":
            return str(request.getfixturevalue("database_url"))
        case "sqlite":
            return f"sqlite:///{folder / 'events.db'}"
        case _:
            return "memory://"


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[ClosableEventStore]:
    """An empty store of each kind."""
    opened = await open_event_store(store_url)
    yield opened.store
    await opened.store.close()
