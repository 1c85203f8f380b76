"""Hears of every commit, of this process or another, and notices when it has gone deaf."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import structlog

from infra.eventstore.postgres.schema import CHANNEL
from infra.eventstore.postgres.subscription import Bell
from infra.postgres.sessions import TRY_AGAIN, connect

log = structlog.get_logger()

PAUSE = 0.5
CALL = ""
"""What the listener calls out to itself when it has heard nothing for a while."""


@dataclass(slots=True, eq=False)
class Listener:
    """Rings the bell at each commit, on a connection of its own that is made anew when it is lost or silent.

    After `quiet` seconds without a sound it calls out to itself, and has to hear that within `quiet` seconds.
    """

    url: str
    bell: Bell
    quiet: float = 2.0
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """Listen from now on; more than once is once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (*TRY_AGAIN, asyncpg.PostgresError) as error:
                log.warning("event store listener lost", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(PAUSE)

    async def _listen(self) -> None:
        connection = await connect(self.url, "listener")
        heard = asyncio.Event()

        def hear(_connection: object, _pid: object, _channel: object, payload: object) -> None:
            heard.set()
            if payload != CALL:
                self.bell.ring()

        try:
            connection.add_termination_listener(lambda _connection: heard.set())
            await connection.add_listener(CHANNEL, hear)
            log.info("event store listener ready")
            self.bell.ring()
            while not connection.is_closed():
                heard.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.quiet):
                        await heard.wait()
                        continue
                async with asyncio.timeout(self.quiet):
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, CALL)
                    await heard.wait()
            raise ConnectionError("The server closed the connection.")
        finally:
            connection.terminate()
