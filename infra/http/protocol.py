"""Connections with time limits: headers and bodies arrive within a time and a size, or the connection is closed.

uvicorn closes a connection that idles between two requests and knows no other limit; behind a proxy that is enough, but
not everybody has one. What is bounded here: how long headers and a body may take, how large headers may be, how long an
answer may lie unread, how many connections there are in all and from one address, and how much memory unfinished bodies
take. When there are too many, those that have waited longest without asking for anything make room, then those whose
headers or bodies are longest under way.

Whoever comes when there is too much to do is told here, before anything is made of the request: in a flood there are
many refusals for each answer, and they come out of the same time.
"""

import asyncio
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from infra.http.connection_slots import ConnectionSlots
from infra.http.deadline import Deadline
from infra.http.error_responses import CLOSE, fault_of, head, problem, shared_with


def connections(slots: ConnectionSlots) -> "type[Connection]":
    """The protocol for one server."""
    return type("Connections", (Connection,), {"slots": slots})


class Connection(HttpToolsProtocol):
    """An HTTP/1.1 connection with deadlines."""

    slots: ConnectionSlots

    _deadline: Deadline
    _caller: str | None = None
    _received = 0
    _in_headers = True
    _in_body = False
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._deadline = Deadline(self.loop)
        super().connection_made(transport)
        self._caller = self.slots.caller(self.client)
        full = len(self.connections) > self.slots.most
        if not self.slots.places.admit(self, self._caller, full=full):
            self._refuse(503, "There are too many connections. Try again in a moment.")
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.close()
        self.slots.places.leave(self)
        self.slots.bodies.release(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_headers:
            self._received += len(data)
            if self._received > self.slots.patience.largest_headers and not self._holds_headers(data):
                self._refuse(431, f"Send at most {self.slots.patience.largest_headers} bytes of headers.")
                return
        super().data_received(data)
        if (self._in_body or (self._received and not self._owes_an_answer())) and not self.transport.is_closing():
            self.slots.places.dawdles(self)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self.transport.is_closing():
            return
        self._deadline.set(self.slots.patience.headers, self._cut)

    def on_headers_complete(self) -> None:
        self._in_headers, self._in_body, self._received = False, True, 0
        if not self.transport.is_closing() and (fault := fault_of(self.headers, self.parser.get_http_version())):
            if self._owes_an_answer():
                self._hang_up()
            else:
                self._refuse(400, fault)
        if self.transport.is_closing():
            self.cycle = self.cycle or ANSWERED  # type: ignore[assignment]
            return
        if self._can_answer() and (body := self.slots.refusal(self.url, cast(Scope, self.scope))) is not None:
            self._turn_away(body)
            return
        self._deadline.set(self.slots.patience.body, self._body_too_slow)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.transport.is_closing():
            return
        super().on_body(body)
        if self._owes_an_answer():
            self.slots.bodies.add(self, self._caller, len(body))

    def on_message_complete(self) -> None:
        self._in_headers, self._in_body = True, False
        if self.transport.is_closing():
            return
        super().on_message_complete()
        self.slots.bodies.complete(self)
        if self.cycle is not None and self.cycle.response_complete:
            self._wait()
        else:
            self.slots.places.works(self)
            self._deadline.lift()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.slots.bodies.release(self)
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
        if self.transport.is_closing():
            return
        self._deadline.close()
        self.slots.places.leave(self)
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words, which say less
        """What cannot be parsed. Behind a request that has no answer yet, 400 would be taken for that answer."""
        if self._owes_an_answer() and not self._in_body:
            self._hang_up()
        else:
            self._refuse(400, "The request does not follow RFC 9112.")

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

    def _owes_an_answer(self) -> bool:
        """Whether the request that came last, of those that were read, has no answer yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def _can_answer(self) -> bool:
        """Whether it is this request's turn, its peer reads answers, and it wants no WebSocket."""
        earlier = self._owes_an_answer()
        return not (earlier or self.flow.write_paused or (self.parser.should_upgrade() and self._should_upgrade()))

    def _turn_away(self, body: bytes) -> None:
        """Answer at once. What still comes of the body, in what is left of the headers' time, is read and dropped."""
        self.cycle = ANSWERED  # type: ignore[assignment]
        stays = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        begun = head(503, body, *shared_with(self.headers, self.slots.origins), *(() if stays else (CLOSE,)))
        self.transport.write(begun if self.parser.get_method() == b"HEAD" else begun + body)
        if not stays:
            self._hang_up()

    def make_room(self) -> None:
        """The peer asks for nothing, or has not come to an end with it for too long."""
        self.slots.warn()
        self.connections.discard(self)
        answered = self._in_body and self.cycle is not None and self.cycle.response_complete
        if (self._received or self._in_body) and not answered:
            self._refuse(408, "Others wait for the place of a request that does not come. Send it again.")
        else:
            self._cut()

    def drop_body(self) -> None:
        """Others need the memory that the body takes."""
        self.slots.warn()
        self._refuse(503, "Too many bodies are under way. Send it again in a moment.")

    def _wait(self) -> None:
        self.slots.places.idles(self)
        self._deadline.set(self.slots.patience.headers, self._cut)

    def _body_too_slow(self) -> None:
        self._refuse(408, f"The body did not come within {self.slots.patience.body:g} seconds.")

    def _cut(self) -> None:
        self._deadline.lift()
        self.slots.places.works(self)
        self.transport.abort()

    def _refuse(self, status: int, detail: str) -> None:
        """Answer with the reason, unless an answer was begun, and close the connection."""
        self._deadline.lift()
        self.slots.places.works(self)
        self.slots.bodies.complete(self)
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = problem(status, detail)
            self.transport.write(head(status, body, *shared_with(self.headers or (), self.slots.origins), CLOSE) + body)
        self._hang_up()

    def _hang_up(self) -> None:
        self.transport.close()
        self._deadline.set(self.slots.patience.rest, self.transport.abort)


class _Answered:
    """What uvicorn finds in place of a request that was answered before one was made: nothing is left to do for it."""

    response_started = response_complete = True
    message_event = asyncio.Event()


ANSWERED = _Answered()
