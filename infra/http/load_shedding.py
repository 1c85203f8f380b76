"""Refuse requests early when a part is overloaded: a request that would time out is refused at once.

Wrapped around either API. Nothing of an application runs for a request that is turned away. The server asks when it has
read a request's headers (`refusal`), so that most of those who come in vain cost it no more than an answer.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from http_edge.bodies import LARGEST, ReadAhead
from http_edge.problems import encoded, send_refusal
from infra.http.callers import TrustedProxies
from infra.http.fair_queue import FairQueue
from infra.http.slots import Slots
from infra.http.sockets import PLACE, Socket

ALWAYS = b"/health"
"""Paths that begin so are let in at any time: a supervisor that gets no answer would end a part that is only busy."""

TOO_MANY_SOCKETS = 1013
"""Close code for "try again later" (IANA's registry of WebSocket close codes)."""

TELL_EVERY = 10.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many requests are worked on at once, how many more wait, and for how long (seconds)."""

    at_once: int = 128
    waiting: int = 1_000
    patience: float = 1.0
    sockets: int = 1_000
    sockets_each: int = 100
    """Of one address."""

    body: int = LARGEST
    """Bytes of the largest body that an application reads to its end; with more, a request asks for a place at once."""


class LoadShedding:
    """An ASGI application around another one. First come, first served; 503 with `Retry-After` for those left over.

    Those who wait take turns by address, and when too many wait, the address that has most of them loses its last one.
    `closed` says of a path whether what is asked there has to wait for other reasons than for want of a place. It is
    asked once for each request, when its headers are read, and not for one that comes behind another on its line.

    A request takes a place when its body is here and leaves it when its answer begins: who sends or reads slowly takes
    nobody's place.
    """

    def __init__(
        self,
        app: ASGIApp,
        room: Room,
        closed: Callable[[str], bool] = lambda _path: False,
        proxies: TrustedProxies = TrustedProxies(),  # noqa: B008  # a value
    ) -> None:
        self.app = app
        self.room = room
        self.closed = closed
        self.caller = proxies.caller
        self._resolved = proxies.resolved
        self.inside = 0
        self.sockets = Slots[Socket](room.sockets_each)
        self.turned_away = 0
        self._queue = FairQueue[asyncio.Future[bool]]()
        self._coming = 0
        self._told = -TELL_EVERY

    @property
    def waiting(self) -> int:
        return len(self._queue)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._resolved(scope)
        if scope["type"] == "http" and not scope["path"].startswith(ALWAYS.decode()):
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def refusal(self, url: bytes, scope: Scope) -> bytes | None:
        """The problem to tell a request of which only the headers are read; None: let it come.

        Those that are let come ask for their places when the loop has read from every connection. Until then they are
        counted, or a thousand that are read in one turn would all come for the same free place.
        """
        if url.startswith(ALWAYS):
            return None
        path = url.partition(b"?")[0].decode("latin-1")
        full = self.inside + self.waiting + self._coming >= self.room.at_once + self.room.waiting
        if (full and not self._queue.owes(self.caller(scope))) or self.closed(path):
            self._tell()
            return _overloaded(path)
        if not self._coming:
            asyncio.get_running_loop().call_soon(self._all_came)
        self._coming += 1
        return None

    def _all_came(self) -> None:
        self._coming = 0

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        ahead = await ReadAhead(receive).take_in(self.room.body)
        if ahead.broke_off:
            return  # who hangs up wants no answer, and takes no place
        if not (self._has_entered() or await self._waited(self.caller(scope))):
            self._tell()
            await _refuse(scope["path"], send)
            return
        left = False

        async def leaving(message: Message) -> None:
            nonlocal left
            if not left:
                left = True
                self._leave()
            await send(message)

        try:
            await self.app(scope, ahead.receive, leaving)
        finally:
            if not left:
                self._leave()

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = Socket(self.sockets)
        if not self.sockets.admit(socket, self.caller(scope), full=len(self.sockets) >= self.room.sockets):
            self._tell()
            await receive()
            await send({"type": "websocket.close", "code": TOO_MANY_SOCKETS, "reason": "Try again in a moment."})
            return
        try:
            await self.app({**scope, PLACE: socket}, receive, send)
        finally:
            self.sockets.leave(socket)

    def _has_entered(self) -> bool:
        free = self.inside < self.room.at_once
        self.inside += free
        return free

    async def _waited(self, caller: str) -> bool:
        """Whether a place became free in time. A request that ends hands its place to the first in the queue."""
        if len(self._queue) >= self.room.waiting:
            if not self._queue.owes(caller):
                return False
            self._queue.give_way().set_result(False)
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        self._queue.append(caller, place)
        timer = loop.call_later(self.room.patience, self._give_up, caller, place)
        try:
            return await place
        except asyncio.CancelledError:
            if place.cancelled():
                with suppress(ValueError):
                    self._queue.remove(caller, place)
            elif place.result():
                self._leave()
            raise
        finally:
            timer.cancel()

    def _give_up(self, caller: str, place: "asyncio.Future[bool]") -> None:
        if not place.done():
            self._queue.remove(caller, place)
            place.set_result(False)

    def _leave(self) -> None:
        while self._queue:
            place = self._queue.pop()
            if not place.done():
                place.set_result(True)
                return
        self.inside -= 1

    def _tell(self) -> None:
        self.turned_away += 1
        now = asyncio.get_running_loop().time()
        if now >= self._told + TELL_EVERY:
            self._told = now
            log.warning("overloaded", inside=self.inside, waiting=self.waiting, turned_away=self.turned_away)


async def _refuse(path: str, send: Send) -> None:
    await send_refusal(send, 503, _overloaded(path), [(b"retry-after", b"1")])


def _overloaded(path: str) -> bytes:
    return encoded(
        {
            "type": "urn:counterfoil:problem:overloaded",
            "title": "Too many requests are under way",
            "status": 503,
            "detail": "The shop has more to do than it can. Try again in a moment.",
            "instance": path,
        }
    )
