"""A shop as `counterfoil up` runs it, and everything that can be done to it from outside."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import asyncpg

from infra.bootstrap import composition
from infra.bootstrap.data_folder import with_secrets
from infra.bootstrap.local_stack import free_port, labels_of
from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.eventstore.factory import utc_now
from infra.eventstore.hash_chain import timestamp
from infra.eventstore.postgres.append_rules import EMPTY, seal_all
from infra.eventstore.postgres.schema import LOCK
from infra.postgres.embedded import EmbeddedPostgres
from infra.security.tokens import Tokens
from infra.settings import Settings
from tests.e2e.shop import RUN, Program
from tests.infra.eventstore.making import event
from tests.load.http import Pool
from tests.load.processor import children_of
from tests.support.fixtures.proxy import Wire
from tests.torture.lines import settings as line_settings
from tests.torture.plan import ALL, BROKER, CROWD, HANG_UP, HOUSE, JUMP, KILL, PAUSE, SERVER, SILENCE, STALL
from tests.torture.record import Blow

OPENS_WITHIN, CLOSES_WITHIN = 120.0, 60.0
LOOK_EVERY = 0.1
TAKEN_OVER = "share taken over"
MOST_CONNECTIONS = 400
JUMPS = {"forward": 3600, "back": -3600}
INSERT = "insert into events values ((select coalesce(max(position), 0) + 1 from events), $1, $2, $3, $4, $5, $6)"


@dataclass(slots=True)
class House:
    """Used by whoever called `open`; `close` ends all of it but the broker, which is somebody else's."""

    data: Path
    run: Sequence[str] = RUN
    workers: int = 1
    broker: Instance | None = None
    lines: Mapping[str, Wire] = field(default_factory=dict)
    write_port: int = field(default_factory=lambda: free_port("127.0.0.1", 0))
    read_port: int = field(default_factory=lambda: free_port("127.0.0.1", 0))
    restarts: int = 0
    _program: Program | None = None
    _errors: str = ""

    @property
    def server(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.data)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def complete(self) -> Settings:
        """The settings as the parts have them."""
        ports = {"write_port": self.write_port, "read_port": self.read_port}
        return with_secrets(Settings(data=self.data, database=self.url, test_gateway=True).model_copy(update=ports))

    @property
    def tokens(self) -> Tokens:
        return composition.tokens(self.complete)

    @property
    def said(self) -> str:
        """What the supervisor has said on its standard error and output, over all its lives."""
        program = self._program
        return self._errors + ("" if program is None else program.out.read_text() + program.errors.read_text())

    @property
    def takeovers(self) -> int:
        """How often a part said that it took over what another one had held."""
        return sum(log.read_text(errors="replace").count(TAKEN_OVER) for log in (self.data / "logs").glob("*.log"))

    async def open(self) -> None:
        """Open the shop and wait until both APIs answer. Raises TimeoutError."""
        deadline = monotonic() + OPENS_WITHIN
        while not await self._opened(deadline):
            if monotonic() > deadline:
                raise TimeoutError(f"The shop does not open: {self.said[-2000:]}")
            await asyncio.sleep(1)

    async def _opened(self, deadline: float) -> bool:
        self._errors = self.said
        ports = ("--write-port", str(self.write_port), "--read-port", str(self.read_port), "--web-port", "0")
        words = ("up", *ports, "--workers", str(self.workers))
        settings = dict(line_settings(self.lines))
        if self.broker is not None:
            settings[self.broker.server.setting] = self.broker.address
        self._program = program = Program(self.data, words, settings, self.run)
        while program.process.poll() is None and monotonic() < deadline:
            if await self._answers(self.write_port, "/health") and await self._answers(self.read_port, "/health/live"):
                return True
            await asyncio.sleep(LOOK_EVERY)
        return False

    async def _answers(self, port: int, path: str) -> bool:
        pool = Pool(port, 1)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                return (await pool.send("GET", path, b"", {}))[0] < 500
        return False

    def close(self) -> None:
        """End the shop in order, and whatever is left."""
        if self._program is not None:
            self._program.close()
        self.server.stop()

    async def strike(self, blow: Blow) -> None:
        """Do it, and wait until it is over."""
        ways: Mapping[str, Callable[[Blow], Awaitable[None]]] = {
            KILL: self._kill,
            PAUSE: self._pause,
            SILENCE: self._silence,
            HANG_UP: self._hang_up,
            CROWD: self._crowd,
            STALL: self._stall,
            JUMP: self._jump,
        }
        await ways[blow.kind](blow)

    async def _kill(self, blow: Blow) -> None:
        if blow.target == HOUSE:
            assert self._program is not None
            self._program.process.kill()
            self._program.process.wait()
            self.restarts += 1
            await self.open()
            return
        pids = await self._pids(blow.target)
        _signal(pids[:1] if blow.target == SERVER else pids, signal.SIGKILL)
        if blow.target == BROKER:
            assert self.broker is not None
            await asyncio.to_thread(self.broker.kill)
            await asyncio.to_thread(self.broker.start, default_cache(), [0] * self.broker.server.ports)

    async def _pause(self, blow: Blow) -> None:
        pids = await self._pids(blow.target)
        try:
            _signal(pids, signal.SIGSTOP)
            await asyncio.sleep(blow.lasting)
        finally:
            _signal(pids, signal.SIGCONT)

    async def _silence(self, blow: Blow) -> None:
        """Nothing comes through on a part's lines to the database, in either direction, and none of them is closed."""
        with ExitStack() as silent:
            for label in self._labels(blow.target):
                silent.enter_context(self.lines[label].silent())
            await asyncio.sleep(blow.lasting)

    async def _hang_up(self, _: Blow) -> None:
        await self._execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")

    async def _crowd(self, blow: Blow) -> None:
        """Take every connection that is to be had."""
        taken = list[asyncpg.Connection]()
        with suppress(asyncpg.PostgresError, OSError, TimeoutError):
            while len(taken) < MOST_CONNECTIONS:
                taken.append(await asyncpg.connect(self.url, timeout=5))
        await asyncio.sleep(blow.lasting)
        for connection in taken:
            connection.terminate()

    async def _stall(self, blow: Blow) -> None:
        """A writer who has inserted, and neither commits nor leaves."""
        with suppress(asyncpg.PostgresError, OSError, TimeoutError):
            connection = await asyncpg.connect(self.url, timeout=5)
            try:
                new = event()
                ((revision, metadata),) = seal_all("stock-stalled", [new], EMPTY, timestamp(utc_now()))
                await connection.execute("begin")
                await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
                row = revision, new.event_id, new.type, new.data.decode(), metadata.decode()
                await connection.execute(INSERT, "stock-stalled", *row)
                await asyncio.sleep(blow.lasting)
                await connection.execute("rollback")
            finally:
                connection.terminate()

    async def _jump(self, blow: Blow) -> None:
        """An hour forward or back."""
        self.set_clock(JUMPS[blow.target])

    def set_clock(self, ahead: int) -> None:
        """Seconds that the clocks of all parts are ahead; tests/torture/entry.py reads the file."""
        (self.data / "clock").write_text(str(ahead))

    async def _execute(self, statement: str) -> None:
        with suppress(asyncpg.PostgresError, OSError, TimeoutError):
            connection = await asyncpg.connect(self.url, timeout=5)
            await connection.execute(statement)
            await connection.close()

    async def _pids(self, target: str) -> list[int]:
        """A part that is just being started again is waited for."""
        deadline = monotonic() + OPENS_WITHIN
        while monotonic() < deadline:
            with suppress(OSError, ValueError, IndexError):
                if found := self._running(target):
                    return found
            await asyncio.sleep(LOOK_EVERY)
        return []

    def _running(self, target: str) -> list[int]:
        if target == SERVER:
            postmaster = self.server.pid()
            return [postmaster, *children_of(postmaster)]
        if target == BROKER:
            assert self.broker is not None
            assert self.broker.process is not None
            return [self.broker.process.pid]
        return [pid for pid, label in self._parts() if label in self._labels(target)]

    def _labels(self, target: str) -> list[str]:
        return labels_of(target.removeprefix(ALL), self.workers) if target.startswith(ALL) else [target]

    def _parts(self) -> Iterator[tuple[int, str]]:
        """The processes of the parts, told by the logs that they write."""
        assert self._program is not None
        for pid in children_of(self._program.process.pid):
            with suppress(OSError):
                log = Path(f"/proc/{pid}/fd/2").readlink()
                if log.parent.name == "logs":
                    yield pid, log.stem


def _signal(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
