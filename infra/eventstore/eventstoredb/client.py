"""The client library's client, mended where its own options and habits would lose something."""

from asyncio import Task
from collections.abc import Awaitable
from typing import Any

from esdbclient import AsyncEventStoreDBClient, RecordedEvent
from esdbclient.streams import AsyncReadResponse
from grpc import StatusCode

KEEPALIVE_EVERY, KEEPALIVE_WITHIN = 330_000, 3_000
"""Milliseconds. By gRPC's defaults servers and proxies end a connection that is pinged more often than every 5 minutes
while a call is under way, or at all without one (`too_many_pings`)."""

LONGEST_BACKOFF = 1_000
OPTIONS = (
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", LONGEST_BACKOFF),
    ("grpc.use_local_subchannel_pool", 1),
)
"""A pool of its own keeps each client's connection apart from the others'."""


def keepalive(every: int | None, within: int | None) -> tuple[tuple[str, int], ...]:
    """Options for KeepAliveInterval and KeepAliveTimeout of a connection string.

    The library's own KeepAliveInterval sets an option that gRPC does not know; and gRPC waits a minute for a ping
    unless that, too, is limited.
    """
    within = within or KEEPALIVE_WITHIN
    return (
        ("grpc.keepalive_time_ms", every or KEEPALIVE_EVERY),
        ("grpc.keepalive_timeout_ms", within),
        ("grpc.http2.ping_timeout_ms", within),
    )


class Cut(Exception):
    """The call was ended by the client before the server had sent everything."""


class Client(AsyncEventStoreDBClient):
    """A client that raises Cut for a read that ended before the server had sent everything.

    The library ends an iteration as if it were complete when its task is cancelled, the client is closed, or another
    call replaces the connection. Only the status of the call shows the difference: it is OK
    when the server has sent everything.
    """

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        said = self.connection_spec.options
        self.grpc_options += OPTIONS + keepalive(said.KeepAliveInterval, said.KeepAliveTimeout)

    async def collect(self, reading: Awaitable[AsyncReadResponse]) -> list[RecordedEvent]:
        """Everything that a read answers. Raises Cut."""
        async with await reading as events:
            found = [event async for event in events]
            status = await events.aio_call.code()
        if status is not StatusCode.OK:
            raise Cut(f"The read was cut ({status.name}) after {len(found)} events.")
        return found


def forget(task: "Task[Any]") -> None:
    """Cancel a task and discard its result."""
    task.cancel()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
