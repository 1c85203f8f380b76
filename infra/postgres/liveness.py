"""Tell a statement that takes long from a server or a connection that no longer answers."""

import asyncio
from types import TracebackType
from typing import Protocol, Self

import asyncpg

SUSPECT_AFTER, PROBE_WITHIN = 1.0, 1.5
"""Seconds without an answer before the server is probed over a second connection, and the time limit of the probe."""

# A statement that ended over half a second ago has been answered: if no answer has arrived, it is lost.
AT_WORK = """
    select count(*) > 0 from pg_stat_activity
     where pid = $1 and (state = 'active' or state_change > clock_timestamp() - interval '0.5 seconds')
"""


class Silent(Protocol):
    def __call__(self, line: asyncpg.Connection, error: Exception, *, server: bool) -> None:
        """Called when a connection no longer answers; `server` is true if a new connection does not answer either."""


class LivenessProbe:
    """A context manager around a statement. A slow statement may continue while the server works on it."""

    __slots__ = ("_answered", "_line", "_probe", "_silent", "_timer", "_url")

    def __init__(self, url: str, line: asyncpg.Connection, silent: Silent) -> None:
        self._url, self._line, self._silent = url, line, silent
        self._answered = False
        self._probe: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answered = True
        self._timer.cancel()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(SUSPECT_AFTER, self._suspect)

    def _suspect(self) -> None:
        self._probe = asyncio.ensure_future(self._ask())

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(PROBE_WITHIN):
                at_work = await self._at_work()
        except OSError as error:
            if not self._answered:
                self._silent(self._line, error, server=True)
            return
        if self._answered:
            return
        if at_work:
            self._wait()
        else:
            self._silent(self._line, ConnectionError("The answer was lost."), server=False)

    async def _at_work(self) -> bool:
        try:
            other = await asyncpg.connect(self._url)
            try:
                at_work: bool = await other.fetchval(AT_WORK, self._line.get_server_pid())
            finally:
                other.terminate()
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            return True  # it refuses the connection (too many, or starting up), so it answers
        return at_work
