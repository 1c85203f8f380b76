"""The client library's client, mended where its own options and habits would lose something."""

from asyncio import Task
from collections.abc import Awaitable
from typing import Any

from esdbclient import AsyncEventStoreDBClient, RecordedEvent

MILLISECONDS = 1000
KEEPALIVE_EVERY, KEEPALIVE_WITHIN = 3.0, 3.0
LONGEST_BACKOFF = 1.0
OPTIONS = (
    ("grpc.keepalive_time_ms", int(KEEPALIVE_EVERY * MILLISECONDS)),
    ("grpc.keepalive_timeout_ms", int(KEEPALIVE_WITHIN * MILLISECONDS)),
    ("grpc.http2.ping_timeout_ms", int(KEEPALIVE_WITHIN * MILLISECONDS)),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", int(LONGEST_BACKOFF * MILLISECONDS)),
    ("grpc.use_local_subchannel_pool", 1),
)
"""The library's own KeepAliveInterval sets an option that gRPC does not know, so a connection that is cut without a
word would be waited on for ever; and gRPC waits a minute for a ping unless that, too, is limited. A pool of its own
keeps each client's connection apart from the others'."""


class Cut(Exception):
    """The connection was changed, or went, under a call: what the call answered may be less than there is."""


class Client(AsyncEventStoreDBClient):
    """Counts its connections. Reads under way when one is replaced end as if they were complete; the count tells."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.grpc_options += OPTIONS
        self.connections = 0

    async def reconnect(self, grpc_target: str | None = None) -> None:
        # Twice: a read that begins between this moment and the change would not notice the first.
        self.connections += 1
        await super().reconnect(grpc_target)
        self.connections += 1

    async def collect(self, reading: Awaitable[Any]) -> list[RecordedEvent]:
        """Everything that a read answers. Raises Cut."""
        before = self.connections
        async with await reading as events:
            found = [event async for event in events]
        if self.connections != before:
            raise Cut("The connection was replaced during a read.")
        return found


def forget(task: "Task[Any]") -> None:
    """End a task whose outcome nobody wants any more."""
    task.cancel()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
