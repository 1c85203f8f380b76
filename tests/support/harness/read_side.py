"""A whole read side on a real PostgreSQL: facts told in a test are stored, projected and read through the API."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

import httpx
from fastapi import FastAPI

from commands.ports import ANY, NewEvent
from domain.shared.messages import name_of
from domain.shared.personal import Sealed
from domain.shared.recorded import START, Position, Recorded
from infra.audit.history import LogHistory
from infra.bootstrap.folds import FOLDS, PROCESS_TABLES
from infra.eventstore.postgres.store import PostgresEventStore
from infra.http.health import Health
from infra.projections.active import ActiveBuilds
from infra.projections.builds import PostgresBuilds
from infra.security.order_links import SignedOrderLinks
from infra.security.tokens import Tokens
from infra.serialization.codec import JsonCodec
from projections.engine.builds import Build, StoppedStream
from projections.engine.ports import Row, SharedTables, Tables
from projections.registry import PROJECTIONS
from read_api.app import create_app
from read_api.ports import Entry, History, Lag, Ports, ReadModels, Verified
from read_api.work_ports import Processing, Publishing, Worker
from tests.support.builders.event_log_builder import NOON, Log

LATER = NOON + timedelta(hours=1)
SECRET = b"a secret of at least thirty-two bytes"


@dataclass(slots=True)
class CountedTables:
    """Tables that write down each statement."""

    tables: Tables
    statements: list[str]

    async def execute(self, statement: str, *values: object) -> str:
        raise AssertionError(f"The read side never writes: {statement} {values}")

    async def fetch(self, statement: str, *values: object) -> Sequence[Row]:
        self.statements.append(statement)
        return await self.tables.fetch(statement, *values)

    async def fetchrow(self, statement: str, *values: object) -> Row | None:
        self.statements.append(statement)
        return await self.tables.fetchrow(statement, *values)


@dataclass(slots=True)
class CountedSharedTables(CountedTables):
    """Tables in which somebody waits for a turn; a turn is no statement."""

    tables: SharedTables

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[CountedTables]:
        async with self.tables.in_turn() as tables:
            yield CountedTables(tables, self.statements)


@dataclass(slots=True)
class CountedModels:
    """The active builds, with all statements written down."""

    models: ActiveBuilds
    statements: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Tables:
        return CountedTables(self.models[name], self.statements)

    def together(self, name: str, *others: str) -> Tables:
        return CountedTables(self.models.together(name, *others), self.statements)

    def apart(self, name: str, *, filtered: bool = False) -> SharedTables:
        return CountedSharedTables(self.models.apart(name, filtered=filtered), self.statements)

    def reached(self, names: Collection[str]) -> Mapping[str, Position]:
        return self.models.reached(names)

    async def wait_for(self, names: Collection[str], position: Position, within: float) -> Mapping[str, Position]:
        return await self.models.wait_for(names, position, within)

    async def builds(self) -> Sequence[Build]:
        return await self.models.builds()


class NoRows:
    """Tables without rows."""

    async def execute(self, statement: str, *values: object) -> str:
        raise AssertionError(f"The read side never writes: {statement} {values}")

    async def fetch(self, _statement: str, *_values: object) -> Sequence[Row]:
        return []

    async def fetchrow(self, _statement: str, *_values: object) -> Row | None:
        return None

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[Self]:
        yield self


@dataclass(slots=True)
class NoModels:
    """Read models in which nothing has happened yet; `failure` is raised by whoever asks for them."""

    failure: Exception | None = None

    def __getitem__(self, name: str) -> Tables:
        return self.together(name)

    def together(self, *_names: str) -> NoRows:
        if self.failure is not None:
            raise self.failure
        return NoRows()

    def apart(self, name: str, *, filtered: bool = False) -> NoRows:  # noqa: ARG002
        return self.together(name)

    def reached(self, names: Collection[str]) -> Mapping[str, Position]:
        return dict.fromkeys(names, START)

    async def wait_for(self, names: Collection[str], position: Position, within: float) -> Mapping[str, Position]:
        raise AssertionError(f"Nothing comes to wait for: {names} {position} {within}")

    async def builds(self) -> Sequence[Build]:
        if self.failure is not None:
            raise self.failure
        return []


class NoHistory:
    """A log that nobody looks at."""

    async def entries(self, stream: str, *, after: int, limit: int) -> Sequence[Entry]:
        raise AssertionError(f"Nobody reads {stream} from {after} on, {limit} at most.")

    async def last_revision(self, stream: str) -> int:
        raise AssertionError(f"Nobody asks where {stream} ends.")

    def understood(self, entry: Entry) -> Recorded[Any] | None:
        raise AssertionError(f"Nobody reads {entry.event_id}.")

    async def verify(self, stream: str, *, limit: int) -> Verified:
        raise AssertionError(f"Nobody verifies {limit} events of {stream}.")

    async def facts(self, stream: str, of: Collection[type[Any]]) -> Sequence[Recorded[Any]]:  # noqa: ARG002
        raise AssertionError(f"Nobody reads {stream}.")

    async def lag(self) -> Sequence[Lag]:
        return []

    async def head(self) -> Position:
        raise AssertionError("Nobody asks where the log ends.")

    async def workers(self) -> Sequence[Worker]:
        return []

    async def processing(self) -> Processing:
        raise AssertionError("Nobody asks how far processes are.")

    async def publishing(self) -> Publishing | None:
        return None

    async def stopped(self) -> Sequence[StoppedStream]:
        return []


@dataclass(slots=True)
class OpenBook:
    """A vault that seals nothing: the ciphertext is the plain text, unless its subject has been forgotten."""

    forgotten: set[str] = field(default_factory=set)

    async def open(self, sealed: Sealed) -> bytes | None:
        return None if sealed.subject in self.forgotten else sealed.ciphertext.encode()


@dataclass(slots=True)
class Asker:
    """Asks questions by HTTP."""

    app: FastAPI
    client: httpx.AsyncClient

    async def post(self, body: object, *, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.client.post("/graphql", json=body, headers=headers)

    async def ask(self, query: str, *, token: str | None = None, **variables: object) -> Any:
        """The data of an answer without errors."""
        answer = await self.post({"query": query, "variables": variables}, token=token)
        assert (answer.status_code, answer.json().get("errors")) == (200, None)
        return answer.json()["data"]

    async def refused(self, query: str, *, token: str | None = None, **variables: object) -> tuple[int, Any]:
        """Status and error codes of an answer, which must have errors."""
        answer = await self.post({"query": query, "variables": variables}, token=token)
        return answer.status_code, [error["extensions"]["code"] for error in answer.json()["errors"]]


@dataclass(slots=True)
class ReadSide(Asker):
    """What tests tell and ask. Told facts show after `catch_up`."""

    log: Log
    store: PostgresEventStore
    builds: PostgresBuilds
    models: CountedModels
    vault: OpenBook
    clock: Callable[[datetime], None]
    _codec: JsonCodec = field(default_factory=JsonCodec)
    _stored: int = 0
    position: Position = START

    async def store_what_was_told(self) -> None:
        """The log holds it, the read models do not."""
        for recorded in self.log.recorded[self._stored :]:
            self.clock(recorded.recorded_at)
            data = self._codec.encode(recorded.fact)
            event = NewEvent(recorded.event_id, name_of(recorded.fact), data, recorded.metadata)
            await self.store.append(recorded.stream, [event], expected=ANY)
        self._stored = len(self.log.recorded)

    async def catch_up(self) -> Position:
        """Store what was told, bring all read models up to it, and wait until readers know."""
        await self.store_what_was_told()
        page = await self.store.read_all(after=self.position, limit=10_000)
        facts = [self._codec.decode_event(record) for record in page.records]
        known = await self.builds.known()
        async with self.builds.moving(known, self.position, page.position) as tables:
            for build in known:
                projection = next(one for one in PROJECTIONS if one.name == build.name)
                if heard := [recorded for recorded in facts if type(recorded.fact) in projection.handles]:
                    await projection.project(heard, tables[build.schema])
        self.position = page.position
        names = [projection.name for projection in PROJECTIONS]
        reached = await self.models.wait_for(names, self.position, 60)
        assert set(reached.values()) == {self.position}
        return self.position


def token(subject: str, *roles: str) -> str:
    return Tokens(SECRET).issue(subject, roles, timedelta(hours=1))


@asynccontextmanager
async def asking(ports: Ports) -> AsyncIterator[Asker]:
    app = create_app(ports)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield Asker(app, client)


def ports(models: ReadModels, history: History, vault: OpenBook) -> Ports:
    return Ports(
        models=models,
        history=history,
        tokens=Tokens(SECRET),
        vault=vault,
        clock=lambda: LATER,
        order_links=SignedOrderLinks(SECRET),
        health=Health({"read models": models.builds}, kept=0.0),
        folds=FOLDS,
        process_tables=PROCESS_TABLES,
    )


@asynccontextmanager
async def read_side(url: str) -> AsyncIterator[ReadSide]:
    now = [NOON]
    store, builds = PostgresEventStore(url, lambda: now[0]), PostgresBuilds(url)
    await store.open()
    await builds.prepare(PROJECTIONS)
    async with ActiveBuilds(url) as active:
        models, vault = CountedModels(active), OpenBook()
        async with asking(ports(models, LogHistory(store, JsonCodec(), active), vault)) as asker:
            yield ReadSide(
                asker.app, asker.client, Log(), store, builds, models, vault, lambda at: now.__setitem__(0, at)
            )
    await builds.close()
    await store.close()
