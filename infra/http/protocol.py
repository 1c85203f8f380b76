"""Connections that do not wait for ever: headers and bodies come within a time and a size, or the line is cut.

uvicorn closes a connection that idles between two requests and knows no other limit; behind a proxy that is enough, but
not everybody has one. What is bounded here: how long headers and a body may take, how large headers may be, how long an
answer may lie unread, and how many connections there are. When there are too many, those that have waited longest
without asking for anything make room.

Whoever comes when there is too much to do is told here, before anything is made of the request: in a flood there are
many refusals for each answer, and they come out of the same time.
"""

import asyncio
import resource
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from infra.http.deadline import Deadline

MOST = 10_000
SPARE_FILES = 100
"""What is left of the process's files for the database, logs and the like."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that a peer is given, and bytes."""

    headers: float = 10.0
    body: float = 30.0
    rest: float = 2.0
    """For the rest of a body whose request is answered already: who sends too much shall still read why."""

    unread: float = 10.0
    """Between two looks whether a peer has read anything of its answer."""

    answers: float = 2.5
    """For answers that are under way when the server is asked to end."""

    largest_headers: int = 32_768


@dataclass(slots=True)
class ConnectionSlots:
    """Who is connected: at most `most`, of whom the `idle` ask for nothing just now, longest first."""

    most: int = MOST
    patience: Patience = field(default_factory=Patience)
    refusal: Callable[[bytes], bytes | None] = lambda _url: None
    """The problem (503) to tell whoever asks for this now; None: the request is passed on."""

    idle: dict["Connection", None] = field(default_factory=dict)


def connections(slots: ConnectionSlots) -> "type[Connection]":
    """The protocol for one server."""
    return type("Connections", (Connection,), {"slots": slots})


def room_for(most: int) -> int:
    """How many connections there can be, with as many files as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + SPARE_FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
        soft = min(wanted, hard)
    return min(most, soft - SPARE_FILES)


class Connection(HttpToolsProtocol):
    """An HTTP/1.1 connection with deadlines."""

    slots: ConnectionSlots

    _deadline: Deadline
    _received = 0
    _in_headers = True
    _in_body = False
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._deadline = Deadline(self.loop)
        if len(self.connections) >= self.slots.most:
            self._make_room()
        super().connection_made(transport)
        if len(self.connections) > self.slots.most:
            self._refuse(503, "There are too many connections. Try again in a moment.")
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.close()
        self.slots.idle.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_headers:
            self._received += len(data)
            if self._received > self.slots.patience.largest_headers and not self._holds_headers(data):
                self._refuse(431, f"Send at most {self.slots.patience.largest_headers} bytes of headers.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.slots.idle.pop(self, None)
        self._deadline.set(self.slots.patience.headers, self._cut)

    def on_headers_complete(self) -> None:
        self._in_headers, self._in_body, self._received = False, True, 0
        if self._can_answer() and (problem := self.slots.refusal(self.url)) is not None:
            self._turn_away(problem)
            return
        self._deadline.set(self.slots.patience.body, self._body_too_slow)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_headers, self._in_body = True, False
        super().on_message_complete()
        if self.transport.is_closing():
            return
        if self.cycle is not None and self.cycle.response_complete:
            self._wait()
        else:
            self._deadline.lift()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_body:
            self._deadline.set(self.slots.patience.rest, self._cut)
        elif not self.transport.is_closing() and not self.pipeline:
            self._wait()

    def shutdown(self) -> None:
        """The server cancels what takes too long, and would call that a fault of ours (500) when it is none."""
        super().shutdown()
        if not self.transport.is_closing():
            self.loop.call_later(self.slots.patience.answers, self._ends_unanswered)

    def _ends_unanswered(self) -> None:
        if not self.transport.is_closing():
            self._refuse(503, "We are closing, and have no answer yet. Ask again, a command with the same key.")

    def handle_websocket_upgrade(self) -> None:
        self._deadline.close()
        self.slots.idle.pop(self, None)
        super().handle_websocket_upgrade()

    def timeout_keep_alive_handler(self) -> None:
        """The peer asks for nothing more. What it has not read of its last answer is kept while it goes on reading."""
        self._see_whether_it_reads()

    def _see_whether_it_reads(self) -> None:
        left = self.transport.get_write_buffer_size()
        if left and left == self._unread:
            self._cut()
            return
        self._unread = left
        if left:
            self._deadline.set(self.slots.patience.unread, self._see_whether_it_reads)
        else:
            super().timeout_keep_alive_handler()

    def _holds_headers(self, data: bytes) -> bool:
        """Whether what makes it too much is a body in the same piece."""
        return self._received - len(data) < self.slots.patience.largest_headers and b"\r\n\r\n" in data

    def _can_answer(self) -> bool:
        """Whether it is this request's turn, its peer reads what it is told, and it wants no WebSocket."""
        earlier = self.cycle is not None and not self.cycle.response_complete
        return not (earlier or self.flow.write_paused or (self.parser.should_upgrade() and self._should_upgrade()))

    def _turn_away(self, problem: bytes) -> None:
        """Answer at once. What still comes of the body, in what is left of the headers' time, is read and dropped."""
        self.cycle = ANSWERED  # type: ignore[assignment]
        stays = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        head = _head(503, problem, *(("cache-control: no-store",) if stays else ("cache-control: no-store", CLOSE)))
        self.transport.write(head if self.parser.get_method() == b"HEAD" else head + problem)
        if not stays:
            self._hang_up()

    def _wait(self) -> None:
        self.slots.idle[self] = None
        self._deadline.set(self.slots.patience.headers, self._cut)

    def _make_room(self) -> None:
        longest = next(iter(self.slots.idle), None)
        if longest is not None:
            longest._cut()
            self.connections.discard(longest)

    def _body_too_slow(self) -> None:
        self._refuse(408, f"The body did not come within {self.slots.patience.body:g} seconds.")

    def _cut(self) -> None:
        self._deadline.lift()
        self.slots.idle.pop(self, None)
        self.transport.abort()

    def _refuse(self, status: int, detail: str) -> None:
        """Tell why, if nothing else has been told, and hang up."""
        self._deadline.lift()
        self.slots.idle.pop(self, None)
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_problem(status, detail))
        self._hang_up()

    def _hang_up(self) -> None:
        self.transport.close()
        self._deadline.set(self.slots.patience.rest, self.transport.abort)


TITLES = {408: "Request Timeout", 431: "Request Header Fields Too Large", 503: "Service Unavailable"}
CLOSE = "connection: close"


class _Answered:
    """What uvicorn finds in place of a request that was answered before one was made: nothing is left to do for it."""

    response_started = response_complete = True
    message_event = asyncio.Event()


ANSWERED = _Answered()


def _problem(status: int, detail: str) -> bytes:
    body = msgspec.json.encode({"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail})
    return _head(status, body, CLOSE) + body


def _head(status: int, body: bytes, *more: str) -> bytes:
    lines = (
        f"HTTP/1.1 {status} {TITLES[status]}",
        "content-type: application/problem+json",
        "retry-after: 1",
        f"content-length: {len(body)}",
        *more,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
