"""When a WebSocket ends: with its token or session, when the caller's permissions change, when nothing is subscribed to
for long, and when others need the place."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import time
from typing import Any, Protocol

from starlette.websockets import WebSocketDisconnect
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from projections.engine.ports import StorageUnavailable
from read_api.graphql.context import Context

PLACE = "counterfoil.place"
"""The key in the scope of what the server knows of the socket's place."""

GREETING = timedelta(seconds=10)
"""Until `connection_init` has to come (close code 4408)."""

IDLE = 60.0
"""Seconds for which a socket may stay open that subscribes to nothing."""

CHECKED_EVERY = 1.0
"""Seconds after which it is looked up whether the token is still good, and what it permits."""

IDLED, EXPIRED, CROWDED = 1000, 4403, 1013
"""Close codes: normal closure (RFC 6455), forbidden (graphql-transport-ws), try again later (IANA's registry)."""


class Place(Protocol):
    """The place that a socket takes in the server."""

    on_room: Callable[[], None]
    """Called when another socket gets the place."""

    def idles(self) -> None: ...

    def works(self) -> None: ...


class NoPlace:
    """A server that does not count its sockets."""

    on_room: Callable[[], None]

    def idles(self) -> None:
        pass

    def works(self) -> None:
        pass


class Subscriptions(BaseGraphQLTransportWSHandler[Context, None]):
    """graphql-transport-ws on one socket."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._loop = asyncio.get_running_loop()
        self._place: Place = self.context.request.scope.get(PLACE) or NoPlace() if self.context.request else NoPlace()
        self._timers = list[asyncio.TimerHandle]()
        self._idle_since = self._loop.time()
        self._check = self._loop.call_later(0, lambda: None)
        self._ending: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        self._place.on_room = lambda: self._end(CROWDED, "Others need the place. Connect again in a moment.")
        self._rests()
        self._timers.append(self._loop.call_later(IDLE, self._look_whether_it_idles))
        try:
            await super().handle()
        finally:
            for timer in (*self._timers, self._check):
                timer.cancel()

    async def handle_message(self, message: Any) -> None:
        if self._ending is None:
            await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self.context.caller is not None:
            left = self.context.caller.expires - time()
            reason = "The token has expired. Connect again with a new one."
            self._timers.append(self._loop.call_later(left, self._end, EXPIRED, reason))
            self._check_caller_later()

    def _check_caller_later(self) -> None:
        self._check.cancel()
        self._check = self._loop.call_later(CHECKED_EVERY, self._check_caller)

    def _check_caller(self) -> None:
        """End the socket when its token does before its time, or when the caller's permissions change."""
        caller, verify = self.context.caller, self.context.verify
        try:
            if caller is None or verify is None or verify().permissions == caller.permissions:
                self._check_caller_later()
                return
        except (ValueError, StorageUnavailable) as error:
            self._end(EXPIRED, str(error))
            return
        self._end(EXPIRED, "What you may do has changed. Connect again.")

    async def handle_subscribe(self, message: Any) -> None:
        await super().handle_subscribe(message)
        if self.operations:
            self._place.works()

    async def cleanup_operation(self, operation_id: str) -> None:
        await super().cleanup_operation(operation_id)
        self._rests()

    def forget_id(self, id: str) -> None:
        super().forget_id(id)
        self._rests()

    def _rests(self) -> None:
        if not self.operations:
            self._idle_since = self._loop.time()
            self._place.idles()

    def _look_whether_it_idles(self) -> None:
        left = IDLE if self.operations else self._idle_since + IDLE - self._loop.time()
        if left <= 0:
            self._end(IDLED, f"Nothing was subscribed to for {IDLE:g} seconds.")
        else:
            self._timers[0] = self._loop.call_later(left, self._look_whether_it_idles)

    def _end(self, code: int, reason: str) -> None:
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        """Nothing is sent behind the end: subscriptions are over before it."""
        running = [operation.task for operation in self.operations.values() if operation.task]
        for operation_id in list(self.operations):
            await super().cleanup_operation(operation_id)
        await asyncio.wait(running) if running else None
        with suppress(RuntimeError, WebSocketDisconnect):  # the peer was faster
            await self.websocket.close(code, reason)
