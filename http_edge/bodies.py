"""Bodies of requests, read up to a limit."""

from collections import deque
from collections.abc import Mapping

from starlette.types import Message, Receive

LARGEST = 100_000
"""Bytes of the largest body that is read; with more, a request is refused as soon as that is known."""

TOO_LARGE = f"Send at most {LARGEST} bytes."


class BodyTooLarge(Exception):
    """More was sent than is read."""


class BodyBrokeOff(Exception):
    """The client went away before it had sent all of it."""


def check_announced(headers: Mapping[bytes, bytes]) -> None:
    """Raises BodyTooLarge when Content-Length announces too much."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length[:20]) > LARGEST:
        raise BodyTooLarge


async def whole_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """The body. Raises BodyTooLarge before more of it is read than may be, BodyBrokeOff."""
    check_announced(headers)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyBrokeOff
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise BodyTooLarge
        if not message.get("more_body"):
            return bytes(body)


def limited(receive: Receive) -> Receive:
    """The same messages, for an application that reads a body itself. Raises BodyTooLarge."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST:
            raise BodyTooLarge
        return message

    return counted


class ReadAhead:
    """The first messages of a request, taken in before an application is asked, which reads them again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages = deque[Message]()
        self.size = 0

    async def take_in(self, most: int) -> "ReadAhead":
        """Take in the body, or somewhat more of it than `most` bytes."""
        while True:
            message = await self._receive()
            self._messages.append(message)
            self.size += len(message.get("body", b""))
            if not message.get("more_body") or self.size > most:
                return self

    @property
    def broke_off(self) -> bool:
        """The client went away meanwhile."""
        return bool(self._messages[-1]["type"] != "http.request")

    @property
    def body(self) -> bytes | None:
        """The whole body; None if there is more to come, or it broke off."""
        if self.broke_off or self._messages[-1].get("more_body"):
            return None
        return b"".join([message.get("body", b"") for message in self._messages])

    async def receive(self) -> Message:
        """The messages that were taken in, then those that follow."""
        return self._messages.popleft() if self._messages else await self._receive()
