"""Calls to EventStoreDB that are tried again until they are answered or patience ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog
from esdbclient.exceptions import GrpcDeadlineExceeded, NodeIsNotLeader, ServiceUnavailable

from commands.ports import StoreUnavailable
from domain.shared.backoff import Backoff
from infra.eventstore.eventstoredb.client import Client, Cut, forget
from infra.eventstore.eventstoredb.errors import ANSWERS, TRY_AGAIN, final, reason

T = TypeVar("T")

log = structlog.get_logger()

CALL = 3.0
"""Deadline of one call, in seconds. The library may carry an append out twice within one try of ours."""

BACKOFF = Backoff(0.05, 1.0)
LOST = (NodeIsNotLeader, ServiceUnavailable, GrpcDeadlineExceeded, TimeoutError)


class Connection:
    """One client, opened when it is needed and kept. `patience` is how long, in seconds, a question may take."""

    def __init__(self, uri: str, name: str, patience: float) -> None:
        self._uri = uri
        self._name = name
        self._patience = patience
        self._opening = asyncio.Lock()
        self._client: Client | None = None
        self._closed = False
        self._mending = set[asyncio.Task[None]]()

    async def persistently(self, work: Callable[[Client], Awaitable[T]], *, within: float = 2 * CALL + 1) -> T:
        """Do the work; after trouble, again. One try takes `within` seconds at most. Raises StoreUnavailable, whatever
        `final` knows, and the server's answers (ANSWERS).

        The work may be done twice: an answer can be lost.
        """
        now = asyncio.get_running_loop().time
        deadline, failures = now() + max(self._patience, within if within > 2 * CALL + 1 else 0), 0
        while True:
            if self._closed:
                raise StoreUnavailable("The event store is closed.")
            try:
                return await self._try(work, min(within, deadline - now()))
            except ANSWERS:
                raise
            except TRY_AGAIN as error:
                if (verdict := final(error)) is not None:
                    raise verdict from error
                await self._mend(error)
                failures += 1
                if now() + BACKOFF.pause(failures) >= deadline:
                    raise StoreUnavailable(f"The event store cannot be reached. {reason(error)}") from error
                log.warning("event store did not answer", link=self._name, reason=reason(error))
            await asyncio.sleep(BACKOFF.pause(failures))

    async def close(self) -> None:
        self._closed = True
        for mending in self._mending:
            mending.cancel()
        if self._client is not None:
            with suppress(*TRY_AGAIN):
                await self._client.close()

    async def _try(self, work: Callable[[Client], Awaitable[T]], seconds: float) -> T:
        # In a task of its own: the library swallows a cancellation and answers with as much as it has.
        async def attempt() -> T:
            return await work(await self._open())

        task = asyncio.create_task(attempt())
        try:
            await asyncio.wait({task}, timeout=max(seconds, 0))
        finally:
            if not task.done():
                forget(task)
        if not task.done():
            raise TimeoutError(f"no answer within {seconds:.1f} s")
        if task.cancelled():
            raise Cut("The connection was closed during a call.")
        return task.result()

    async def _open(self) -> Client:
        async with self._opening:
            if self._client is None:
                client = Client(self._uri)
                await client.connect()
                self._client = client
            return self._client

    async def _mend(self, error: Exception) -> None:
        """Move on to the leader that is named, or from a node that is gone or silent to the present leader.

        The library does so for what fails when a call begins; a read fails later, when its first event is awaited.
        """
        client = self._client
        if client is None or not isinstance(error, LOST):
            return
        target = error.leader_grpc_target if isinstance(error, NodeIsNotLeader) else None
        mending = asyncio.create_task(client.reconnect(target))
        self._mending.add(mending)
        mending.add_done_callback(self._mended)
        await asyncio.wait({mending}, timeout=BACKOFF.longest)  # closing the old one takes long; the new one is there

    def _mended(self, mending: "asyncio.Task[None]") -> None:
        self._mending.discard(mending)
        if not mending.cancelled() and (error := mending.exception()) is not None:
            log.warning("event store not found", link=self._name, reason=str(error))
