"""What the read API needs from the outside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.cart.delivery import DeliveryOptions, delivery_options
from domain.shared.ids import OrderId
from domain.shared.personal import Sealed
from domain.shared.recorded import Position, Recorded
from projections.engine.builds import Build, StoppedStream
from projections.engine.ports import SharedTables, Tables
from projections.search.postgres import PostgresSearch
from projections.search.question import SearchEngine
from read_api.work_ports import Processing, Publishing, Worker


class Caller(Protocol):
    """Who asks, and as what."""

    @property
    def subject(self) -> str: ...

    @property
    def roles(self) -> frozenset[str]: ...

    @property
    def permissions(self) -> frozenset[str]:
        """The names of domain.staff.permissions that the caller has now."""

    @property
    def expires(self) -> float:
        """Seconds since 1970 when the token ends."""


class Tokens(Protocol):
    """Knows whom a bearer token (RFC 6750) speaks for."""

    def verify(self, token: str) -> Caller:
        """Raises ValueError, whose text may be shown, and projections.engine.ports.StorageUnavailable."""


class OrderLinks(Protocol):
    """Tokens that show one order to their holder, for a limited time."""

    def issue(self, order: OrderId, now: datetime) -> tuple[str, datetime]:
        """A token, and when it ends."""

    def order_of(self, token: str, now: datetime) -> OrderId:
        """Raises ValueError, whose text may be shown."""


class ReadModels(Protocol):
    """The active build of each read model.

    All methods raise StorageUnavailable (projections.engine.ports), and NotFound before the first build.
    """

    def __getitem__(self, name: str) -> Tables: ...

    def together(self, name: str, *others: str) -> Tables:
        """Tables of several read models for one statement: `{s}` stands for the first, the others for themselves."""

    def apart(self, name: str, *, filtered: bool = False) -> SharedTables:
        """Tables of a read model for statements that may take long, and that keep no other query waiting.

        `filtered`: how they are best carried out depends on what they are asked for. They raise TookTooLong.
        """

    def reached(self, names: Collection[str]) -> Mapping[str, Position]:
        """How far the read models are, as of the last notification."""

    async def wait_for(self, names: Collection[str], position: Position, within: float) -> Mapping[str, Position]:
        """Wait until all of them have reached `position`, or time is up (seconds); answers how far they are."""

    async def builds(self) -> Sequence[Build]:
        """Every build of every read model, as it is now."""


class Lag(Protocol):
    """How far a build is behind the log."""

    @property
    def build(self) -> Build: ...

    @property
    def events(self) -> int: ...

    @property
    def seconds(self) -> float:
        """The age of the oldest event that the build has not seen."""


class Entry(Protocol):
    """An event as stored, byte for byte; `metadata` ends with the hash that covers all of it."""

    @property
    def position(self) -> Position: ...

    @property
    def stream(self) -> str: ...

    @property
    def revision(self) -> int: ...

    @property
    def event_id(self) -> UUID: ...

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> bytes: ...

    @property
    def metadata(self) -> bytes: ...


class Fault(Protocol):
    """Where a stream is not what was stored."""

    @property
    def revision(self) -> int: ...

    @property
    def position(self) -> Position: ...

    @property
    def what(self) -> str: ...


class Verified(Protocol):
    """What the hash chain of a stream proves."""

    @property
    def events(self) -> int:
        """How many were verified, the one at fault included."""

    @property
    def first_hash(self) -> str | None: ...

    @property
    def last_hash(self) -> str | None: ...

    @property
    def fault(self) -> Fault | None:
        """The first one."""

    @property
    def complete(self) -> bool:
        """Whether the end of the stream was reached."""


class History(Protocol):
    """The log, stream by stream. All methods raise projections.engine.ports.StorageUnavailable."""

    async def entries(self, stream: str, *, after: int, limit: int) -> Sequence[Entry]:
        """Events of a stream with a revision greater than `after` (-1: from the first), oldest first."""

    async def last_revision(self, stream: str) -> int:
        """The revision of the last event of a stream; -1 when there is none."""

    def understood(self, entry: Entry) -> Recorded[Any] | None:
        """The event as a fact; None when this version cannot read it."""

    async def verify(self, stream: str, *, limit: int) -> Verified:
        """Verify the hash chain of a stream from its first event on, at most `limit` events."""

    async def facts(self, stream: str, of: Collection[type[Any]]) -> Sequence[Recorded[Any]]:
        """The facts of these types in a stream, understood; a long stream is read in parts."""

    async def lag(self) -> Sequence[Lag]:
        """How far each build is behind the last event."""

    async def head(self) -> Position:
        """The position of the last event."""

    async def workers(self) -> Sequence[Worker]:
        """Everybody who takes part in a work."""

    async def processing(self) -> Processing:
        """How far the processes are now."""

    async def publishing(self) -> Publishing | None:
        """How far the publisher is; None in a shop that has never published."""

    async def stopped(self) -> Sequence[StoppedStream]:
        """The streams that stand still in builds, at events that could not be taken in."""


@dataclass(frozen=True, slots=True)
class Fold:
    """How the events of a kind of stream make a state; `shown` is the part of the state that people are shown."""

    initial: Any
    evolve: Callable[[Any, Recorded[Any]], Any]
    shown: Callable[[Any], Any] = lambda state: state


class Vault(Protocol):
    """Opens personal data for those who may see it."""

    async def open(self, sealed: Sealed) -> bytes | None:
        """None when the subject has been forgotten."""


class Search(Protocol):
    def __call__(self, tables: SharedTables, *, fresh: bool) -> SearchEngine:
        """The engine that is set up. `tables` are those of the read model; `fresh`: it has to be as far as they are."""


class Health(Protocol):
    async def __call__(self) -> Mapping[str, str]:
        """What is wrong, by the name of what does not answer within a short time; empty when all is well."""


class KeyUses(Protocol):
    async def __call__(self, key_ids: Sequence[str]) -> Mapping[str, datetime]:
        """When API keys were last used, to the hour. Raises projections.engine.ports.StorageUnavailable."""


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, in UTC."""


def in_postgres(tables: SharedTables, *, fresh: bool) -> SearchEngine:  # noqa: ARG001 - it always is
    """The default: the read model itself."""
    return PostgresSearch(tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside. `warehouses` are those that the shop sells from (None: all that hold something).

    `folds` are by the beginning of the names of their streams, `process_tables` what processes answer to their inputs.
    """

    models: ReadModels
    history: History
    tokens: Tokens
    vault: Vault
    clock: Clock
    health: Health
    order_links: OrderLinks
    delivery: DeliveryOptions = field(default_factory=lambda: delivery_options("USD", ()))
    key_uses: KeyUses | None = None
    search: Search = in_postgres
    searches_elsewhere: bool = False
    """Whether the engine is another server than the database, and has its own turns."""
    warehouses: Sequence[str] | None = None
    folds: Mapping[str, Fold] = field(default_factory=dict)
    process_tables: Mapping[str, str] = field(default_factory=dict)
