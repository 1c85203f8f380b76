"""Snapshots: kept, outdone by later ones, and never in the way."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from commands.ports import Appended, Done, Snapshot, Snapshots
from domain.shared.recorded import Position
from infra.eventstore.factory import open_event_store
from infra.eventstore.snapshots import PostgresSnapshots
from infra.postgres.sessions import Sessions

DONE = {
    UUID(int=2): Done(Appended(Position(9), 3, repeated=True), "f"),
    UUID(int=1): Done(Appended(Position(12), 4, repeated=True), None),
}
SNAPSHOT = Snapshot(4, Position(12), b'{"on_hand": 5}', DONE)


@pytest.fixture
async def snapshots(store_url: str) -> AsyncIterator[Snapshots]:
    opened = await open_event_store(store_url)
    yield opened.snapshots
    await opened.store.close()


async def test_a_snapshot_is_loaded_as_it_was_saved(snapshots: Snapshots) -> None:
    await snapshots.save("stock-a", "stock.1", SNAPSHOT)

    loaded = await snapshots.load("stock-a", "stock.1")
    assert loaded == SNAPSHOT
    assert list(loaded.done) == list(DONE)


async def test_a_snapshot_belongs_to_one_stream_and_one_version(snapshots: Snapshots) -> None:
    await snapshots.save("stock-a", "stock.1", SNAPSHOT)

    assert await snapshots.load("stock-a", "stock.2") is None
    assert await snapshots.load("stock-b", "stock.1") is None


@pytest.mark.parametrize(("revision", "kept"), [(3, 4), (4, 4), (5, 5)])
async def test_an_older_snapshot_does_not_replace_a_newer_one(snapshots: Snapshots, revision: int, kept: int) -> None:
    await snapshots.save("stock-a", "stock.1", SNAPSHOT)
    await snapshots.save("stock-a", "stock.1", Snapshot(revision, Position(20), b"{}", {}))

    loaded = await snapshots.load("stock-a", "stock.1")
    assert loaded is not None
    assert loaded.revision == kept


async def test_snapshots_that_cannot_be_reached_are_done_without() -> None:
    snapshots = PostgresSnapshots(Sessions("postgresql://postgres@127.0.0.1:1/none", "reader", 1), patience=0.1)

    await snapshots.save("stock-a", "stock.1", SNAPSHOT)
    assert await snapshots.load("stock-a", "stock.1") is None
