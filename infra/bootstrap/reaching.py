"""Whether the servers that are set answer. One that does not is named with its setting and host before work begins."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import asyncpg

from infra.addresses import hosts, shown
from infra.settings import Settings

ATTEMPT, LOOK_EVERY = 5.0, 0.1
EVENTSTOREDB_PORT = 2113
FOR_GOOD = (socket.gaierror, asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
"""What waiting does not change: an unknown name, a wrong user or password, a database that does not exist."""


class Unreachable(Exception):
    """A server that is set does not answer, or does not let us in."""


async def reached(settings: Settings, patience: float = 0.0, say: Callable[[str], None] | None = None) -> None:
    """Wait at most so many seconds until the database and the event store that are set answer; `say` prints that we
    wait. Raises Unreachable.
    """
    if settings.database is not None:
        await _answers("COUNTERFOIL_DATABASE", settings.database, _connect, patience, say)
    if settings.event_store is not None and settings.event_store != settings.database:
        kind = settings.event_store.partition(":")[0]
        ask = {"postgresql": _connect, "postgres": _connect, "esdb": _any_listens}.get(kind)
        if ask is not None:
            await _answers("COUNTERFOIL_EVENT_STORE", settings.event_store, ask, patience, say)


async def _answers(
    setting: str, url: str, ask: Callable[[str], Awaitable[None]], patience: float, say: Callable[[str], None] | None
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        try:
            async with asyncio.timeout(ATTEMPT):
                return await ask(url)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            words = f"{setting}: {shown(url)} does not answer: {_why(error)}"
            if isinstance(error, FOR_GOOD) or loop.time() >= deadline:
                raise Unreachable(words) from None
            if say is not None:
                say(f"{words}. Trying for {patience:.0f} s.")
                say = None
        await asyncio.sleep(LOOK_EVERY)


async def _connect(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=ATTEMPT)
    await connection.close()


async def _any_listens(url: str) -> None:
    """At each of the hosts: one that listens will do."""
    refusal: OSError | None = None
    for host, port in hosts(url):
        try:
            _, writer = await asyncio.open_connection(host, port or EVENTSTOREDB_PORT)
        except OSError as error:
            refusal = error
        else:
            writer.close()
            return
    raise refusal or OSError("no host is named")


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came back within {ATTEMPT:.0f} s"
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return str(getattr(error, "strerror", None) or error)
