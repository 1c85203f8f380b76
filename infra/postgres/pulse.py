"""Whether a server that takes long to answer is at work, or does not answer at all."""

import asyncio
from types import TracebackType
from typing import Protocol, Self

import asyncpg

SUSPECT_AFTER, PROBE_WITHIN = 1.0, 1.5
"""Seconds without an answer until the server is asked on another line, and for which that is waited."""

# The answer to what ended half a second ago is lost if it has not come yet.
AT_WORK = """
    select count(*) > 0 from pg_stat_activity
     where pid = $1 and (state = 'active' or state_change > clock_timestamp() - interval '0.5 seconds')
"""


class Silent(Protocol):
    def __call__(self, line: asyncpg.Connection, error: Exception, *, server: bool) -> None:
        """Nothing comes on a line any more; `server`: nor on another one."""


class Pulse:
    """Used as `with` around a statement. One that takes long goes on as long as the server works on it."""

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
            return True  # it has no place for one more, or starts: it answers
        return at_work
