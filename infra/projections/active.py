"""What the read API reads: the active build of each read model, and how far it is."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import asyncpg
import structlog

from domain.shared.recorded import START, Position
from infra.postgres.failures import LINE_LOST, translated
from infra.postgres.readers import BY_INDEX, Readers, Reading
from infra.postgres.shutdown import closed
from infra.projections import manage
from infra.projections.outdated import Outdated
from infra.projections.tables import SharedConnection, SharedSchema
from projections.engine.builds import Build, Status, StoppedStream
from projections.engine.ports import BeingRebuilt, SharedTables, StorageUnavailable, Tables
from projections.engine.projection import Projection

LOOK_EVERY = 1.0
FILTERED = 2
"""Connections for lists with filters, which are few."""

ANSWER_WITHIN = 3.0
NAMED = {"application_name": "counterfoil read models"}

log = structlog.get_logger()


@dataclass(slots=True)
class ActiveBuilds:
    """The active builds, as an async context manager. A switch is notified; a lost notification delays it by a second.

    Progress that was notified is valid as long as the connection is open: a server that crashed may have lost the last
    rows and their checkpoint, and a query that names a position then waits until it is reached again.

    `projections` are those of our version of the code. A build of another version is read as long as it has the
    tables and columns of the query; else the tables raise BeingRebuilt. Statements of
    `apart` are cancelled after `slow_within` seconds.
    """

    url: str
    connections: int = 4
    slow_within: float = 2.0
    projections: Sequence[Projection] = ()
    _readers: Readers = field(init=False)
    _by_index: Readers = field(init=False)
    _apart: Readers = field(init=False)
    _filtered: Readers = field(init=False)
    _ours: dict[str, Projection] = field(init=False)
    _known: Sequence[Build] = ()
    _builds: dict[str, Build] = field(default_factory=dict)
    _tables: dict[tuple[Readers, tuple[str, ...]], SharedSchema] = field(default_factory=dict)
    _reached: dict[str, Position] = field(default_factory=dict)
    _stale: asyncio.Event = field(default_factory=asyncio.Event)
    _progress: asyncio.Event = field(default_factory=asyncio.Event)
    _listener: asyncpg.Connection | None = None
    _keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        newest = sorted(self.projections, key=lambda projection: projection.version)
        self._ours = {projection.name: projection for projection in newest}
        self._readers = Readers(self.url, self.connections)
        self._by_index = Readers(self.url, self.connections, BY_INDEX)
        self._apart = Readers(self.url, self.connections, BY_INDEX, stop_after=self.slow_within)
        self._filtered = Readers(self.url, FILTERED, stop_after=self.slow_within)
        await self._refresh()
        self._keeper = asyncio.create_task(self._keep_fresh())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if (line := self._listener) is not None:
            self._listener = None
            await closed(line)
        await self._readers.close()
        await self._by_index.close()
        await self._apart.close()
        await self._filtered.close()

    def __getitem__(self, name: str) -> Tables:
        """The tables of the active build. Raises StorageUnavailable while there is none."""
        return self._of(self._readers, name)

    def together(self, name: str, *others: str) -> Tables:
        """The tables of a read model, `{s}` in a statement, and of others, by their names; errors as above.

        For short statements that follow an index: they are never planned otherwise.
        """
        return self._of(self._by_index, name, *others)

    def apart(self, name: str, *, filtered: bool = False) -> SharedTables:
        """As `together`, for statements that may take long: they queue among themselves and delay no others.

        `filtered`: the best plan depends on the arguments. Statements raise TookTooLong.
        """
        return self._of(self._filtered if filtered else self._apart, name)

    def _of(self, readers: Readers, *names: str) -> SharedTables:
        if missing := [it for it in names if it not in self._builds]:
            raise StorageUnavailable(f"{missing[0]} was not built yet. Do the projections run?")
        schemas = tuple([self._builds[it].schema for it in names])
        tables = self._tables.get((readers, schemas))
        if tables is None:
            others = dict(zip(names[1:], schemas[1:], strict=True))
            tables = self._tables[readers, schemas] = SharedSchema(self._for(readers, names), schemas[0], others)
        return tables

    def _for(self, readers: Readers, names: Sequence[str]) -> SharedConnection:
        """What reads the builds of these names. Raises BeingRebuilt for one that must not be read."""
        for name in names:
            version, ours = self._builds[name].version, self._ours.get(name)
            if ours is not None and version < ours.readable_since:
                raise BeingRebuilt(name, self._share(name))
            if ours is not None and version != ours.version:
                return Outdated(readers, name, self._share)
        return readers

    def _share(self, name: str) -> float | None:
        """How much of the log is in the build of our version; None if that is not being made."""
        version = self._ours[name].version
        positions = [build.position for build in self._known]
        of_ours = [build for build in self._known if (build.name, build.version) == (name, version)]
        if not of_ours or of_ours[-1].error:
            return None
        end = max((*self._reached.values(), *positions))
        return self._reached.get(of_ours[-1].schema, START) / end if end else 0.0

    def reached(self, names: Collection[str]) -> Mapping[str, Position]:
        """The last known position of the active builds."""
        return {
            name: self._reached.get(build.schema, START) if (build := self._builds.get(name)) else START
            for name in names
        }

    async def wait_for(self, names: Collection[str], position: Position, within: float) -> Mapping[str, Position]:
        """Wait until all of them have reached `position`, or time is up; answers how far they are."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while any(reached < position for reached in self.reached(names).values()):
                    await self._progress.wait()
        return self.reached(names)

    async def builds(self) -> Sequence[Build]:
        """All builds, as they are now. Raises StorageUnavailable."""
        return await manage.builds(self._readers)

    @property
    def reading(self) -> Reading:
        """For short statements on other tables of the database."""
        return self._readers

    async def stopped(self) -> Sequence[StoppedStream]:
        """All streams that stand still in builds. Raises StorageUnavailable."""
        return await manage.stopped(self._readers)

    async def _keep_fresh(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._stale.wait()
            try:
                await self._refresh()
            except StorageUnavailable as error:
                log.warning("read models unavailable", error=repr(error.__cause__))
                await asyncio.sleep(LOOK_EVERY)
            except Exception:
                log.exception("read models unavailable")
                await asyncio.sleep(LOOK_EVERY)

    async def _refresh(self) -> None:
        self._stale.clear()
        await self._listen()
        line = self._listener
        known = await self.builds()
        if line is not self._listener:
            return
        self._known = known
        self._builds = {build.name: build for build in known if build.status is Status.ACTIVE}
        there = {build.schema for build in known}
        self._tables = {key: tables for key, tables in self._tables.items() if there.issuperset(key[1])}
        self._reached = {b.schema: max(b.position, self._reached.get(b.schema, START)) for b in known}
        self._announce()

    def _hear(self, _connection: object, _process: int, channel: str, payload: object) -> None:
        if channel == manage.CHANGED:
            self._stale.set()
            return
        notified = json.loads(str(payload))
        self._reached.update(dict.fromkeys(notified["builds"], Position(notified["position"])))
        self._announce()

    def _announce(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()

    async def _listen(self) -> None:
        with translated():
            if self._listener is not None:
                try:
                    await self._listener.execute("select 1", timeout=ANSWER_WITHIN)
                    return
                except (*LINE_LOST, asyncpg.PostgresError) as error:
                    self._hang_up(self._listener, error)
            await self._call()

    async def _call(self) -> None:
        line = await asyncpg.connect(
            self.url, timeout=ANSWER_WITHIN, command_timeout=ANSWER_WITHIN, server_settings=NAMED
        )
        line.add_termination_listener(self._hang_up)
        self._listener = line
        await manage.install(line)
        await line.add_listener(manage.CHANGED, self._hear)
        await line.add_listener(manage.PROGRESS, self._hear)

    def _hang_up(self, line: object, error: BaseException | None = None) -> None:
        """Discard the known progress when a connection is lost."""
        if line is not self._listener or self._listener is None:
            return
        log.warning("read models listener lost", reason=repr(error))
        lost, self._listener = self._listener, None
        self._reached.clear()
        self._stale.set()
        lost.terminate()
