"""From a URL to an event store."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from commands.ports import EventStore, Snapshots
from infra.eventstore.postgres import PostgresEventStore
from infra.eventstore.snapshots import MemorySnapshots, PostgresSnapshots


class UnknownStore(ValueError):
    """The URL names no event store that this version can open."""


class ClosableEventStore(EventStore, Protocol):
    """An event store that somebody opened and has to close."""

    async def close(self) -> None: ...


class Opened(NamedTuple):
    """An event store and the snapshots that belong to it."""

    store: ClosableEventStore
    snapshots: Snapshots


def utc_now() -> datetime:
    return datetime.now(UTC)


async def open_event_store(url: str, clock: Callable[[], datetime] = utc_now) -> Opened:
    """Open `postgresql://...`, `sqlite:///path` or `memory://`. Raises UnknownStore, StoreUnavailable."""
    match urlsplit(url).scheme:
        case "postgresql" | "postgres":
            store = PostgresEventStore(url, clock)
            await store.open()
            return Opened(store, PostgresSnapshots(store.readers))
        case "sqlite":
            return Opened(await _in_a_file(unquote(urlsplit(url).path), clock), MemorySnapshots())
        case "memory":
            return Opened(in_memory_store(clock), MemorySnapshots())
        case "esdb" | "kurrentdb":
            raise UnknownStore(f"{url}: EventStoreDB is not supported yet. Use postgresql://, sqlite:/// or memory://.")
        case _:
            raise UnknownStore(f"{url!r} is no event store. Use postgresql://, sqlite:///path or memory://.")


def in_memory_store(clock: Callable[[], datetime] = utc_now) -> ClosableEventStore:
    """A store for tests: fast, its order depends on its callers alone, and it is gone with the process."""
    # Imported here: the library changes dataclasses of the whole process, which nobody else shall notice.
    from infra.eventstore.library import LibraryEventStore, recorders

    return LibraryEventStore(recorders({"PERSISTENCE_MODULE": "eventsourcing.popo"}), clock, direct=True, poll=None)


async def _in_a_file(path: str, clock: Callable[[], datetime]) -> ClosableEventStore:
    from infra.eventstore.library import POLL, LibraryEventStore, recorders

    if not path.strip("/"):
        raise UnknownStore("sqlite:// names no file. Write sqlite:///relative or sqlite:////absolute.")
    env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path.removeprefix("/")}
    return LibraryEventStore(await asyncio.to_thread(recorders, env), clock, direct=False, poll=POLL)
