"""Listen for commits (NOTIFY), and reconnect when the connection is lost or silent."""

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
"""The payload that the listener notifies itself with, to check the connection."""


@dataclass(slots=True, eq=False)
class Listener:
    """Rings the bell at each commit. It has a connection of its own, replaced when it is lost or silent.

    After `quiet` seconds without a notification it sends one to itself, which has to arrive within `quiet` seconds.
    """

    url: str
    bell: Bell
    quiet: float = 2.0
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """Start listening. A repeated call does nothing."""
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
        notified = asyncio.Event()

        def on_notify(_connection: object, _pid: object, _channel: object, payload: object) -> None:
            notified.set()
            if payload != CALL:
                self.bell.ring()

        try:
            connection.add_termination_listener(lambda _connection: notified.set())
            await connection.add_listener(CHANNEL, on_notify)
            log.info("event store listener ready")
            self.bell.ring()
            while not connection.is_closed():
                notified.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.quiet):
                        await notified.wait()
                        continue
                async with asyncio.timeout(self.quiet):
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, CALL)
                    await notified.wait()
            raise ConnectionError("The server closed the connection.")
        finally:
            connection.terminate()
