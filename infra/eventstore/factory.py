"""From a URL to an event store."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from commands.ports import EventStore, Record, Snapshots
from infra.eventstore.capabilities import Capabilities
from infra.eventstore.postgres.schema import migrate
from infra.eventstore.postgres.store import PostgresEventStore
from infra.eventstore.snapshots import MemorySnapshots, PostgresSnapshots
from infra.postgres.sessions import Sessions

SNAPSHOT_SESSIONS = 2


class UnknownStore(ValueError):
    """The URL names no event store that this version can open."""


class ClosableEventStore(EventStore, Protocol):
    """An open event store. Its owner has to close it."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def restore(self, records: Sequence[Record]) -> None:
        """Append records of another store, sealed as they are, in their order; positions are this store's own.

        No other writer may append meanwhile. Records of a call that was lost half way can be given again. Raises
        NotRestorable, StoreUnavailable.
        """

    async def close(self) -> None: ...


class Opened(NamedTuple):
    """An event store and the snapshots that belong to it."""

    store: ClosableEventStore
    snapshots: Snapshots


def utc_now() -> datetime:
    return datetime.now(UTC)


async def open_event_store(url: str, clock: Callable[[], datetime] = utc_now, *, database: str | None = None) -> Opened:
    """Open `postgresql://...`, `esdb://...`, `sqlite:///path` or `memory://`. Raises UnknownStore, StoreUnavailable.

    EventStoreDB keeps no snapshots; they go to the PostgreSQL `database`, if there is one.
    """
    match urlsplit(url).scheme:
        case "postgresql" | "postgres":
            store = PostgresEventStore(url, clock)
            await store.open()
            return Opened(store, PostgresSnapshots(store.readers))
        case "sqlite":
            return Opened(await _in_a_file(unquote(urlsplit(url).path), clock), MemorySnapshots())
        case "memory":
            return Opened(in_memory_store(clock), MemorySnapshots())
        case "esdb" | "esdb+discover":
            return await _in_eventstoredb(url, clock, database)
        case "kurrentdb" | "kurrentdb+discover":
            raise UnknownStore("KurrentDB answers to the same protocol: write esdb:// instead of kurrentdb://.")
        case _:
            raise UnknownStore(f"{url!r} is no event store. Use postgresql://, esdb://, sqlite:///path or memory://.")


def in_memory_store(clock: Callable[[], datetime] = utc_now) -> ClosableEventStore:
    """A store for tests: fast, its order depends on its callers alone, and it is gone with the process."""
    # Imported here: the library patches dataclasses for the whole process, so load it only where it is used.
    from infra.eventstore.library import LibraryEventStore, recorders

    return LibraryEventStore(recorders({"PERSISTENCE_MODULE": "eventsourcing.popo"}), clock, direct=True, poll=None)


async def _in_eventstoredb(uri: str, clock: Callable[[], datetime], database: str | None) -> Opened:
    # Imported here: gRPC is heavy, and a shop on PostgreSQL does not need it.
    from infra.eventstore.eventstoredb.store import PATIENCE, EventStoreDB

    beside = None if database is None else Sessions(database, "snapshots", SNAPSHOT_SESSIONS)
    try:
        store = EventStoreDB(uri, clock, beside=beside)
    except ValueError as error:
        reason = str(error).replace(uri, "esdb://...")  # it holds the password
        raise UnknownStore(f"The connection string of EventStoreDB is not usable: {reason}") from None
    try:
        await store.open()
        if beside is not None:
            await beside.persistently(migrate, PATIENCE)
    except BaseException:
        await store.close()
        raise
    return Opened(store, MemorySnapshots() if beside is None else PostgresSnapshots(beside, scope="@esdb"))


async def _in_a_file(path: str, clock: Callable[[], datetime]) -> ClosableEventStore:
    from infra.eventstore.library import POLL, LibraryEventStore, recorders

    if not path.strip("/"):
        raise UnknownStore("sqlite:// names no file. Write sqlite:///relative or sqlite:////absolute.")
    env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path.removeprefix("/")}
    return LibraryEventStore(await asyncio.to_thread(recorders, env), clock, direct=False, poll=POLL)
