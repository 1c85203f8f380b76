"""The client library's client, mended where its own options and habits would lose something."""

from asyncio import Task
from collections.abc import Awaitable
from typing import Any

from esdbclient import AsyncEventStoreDBClient, RecordedEvent
from esdbclient.streams import AsyncReadResponse
from grpc import StatusCode

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
    """The call was ended on our side before the server had answered in full."""


class Client(AsyncEventStoreDBClient):
    """Tells whole reads from those that were cut.

    The library ends an iteration as if it were complete when its task is cancelled, the client is closed, or another
    call replaces the connection. Only the status of the call tells: the server ends a whole answer with OK.
    """

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.grpc_options += OPTIONS

    async def collect(self, reading: Awaitable[AsyncReadResponse]) -> list[RecordedEvent]:
        """Everything that a read answers. Raises Cut."""
        async with await reading as events:
            found = [event async for event in events]
            status = await events.aio_call.code()
        if status is not StatusCode.OK:
            raise Cut(f"The read was cut ({status.name}) after {len(found)} events.")
        return found


def forget(task: "Task[Any]") -> None:
    """End a task whose outcome nobody wants any more."""
    task.cancel()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
