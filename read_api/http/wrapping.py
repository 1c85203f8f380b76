"""What surrounds every request: a limit on what is sent, and headers that keep browsers careful."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from read_api.http.problems import problem
from read_api.http.security_headers import CAREFUL

LARGEST_BODY = 100_000
TOO_LARGE = 1009
"""Close code of a WebSocket whose peer sent too large a message (RFC 6455, 7.4.1)."""


class BodyTooLarge(Exception):
    """More was sent than is read."""


class Wrapping:
    """Requests of too large a body are answered with 413 before anything of them is understood."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await self.app(scope, _small_messages(receive, send), send)
            case _:
                await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def careful(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in CAREFUL:
                    headers.setdefault(name.decode(), value.decode())
            await send(message)

        try:
            length = Headers(scope=scope).get("content-length", "0")
            if length.isdecimal() and int(length) > LARGEST_BODY:
                raise BodyTooLarge
            await self.app(scope, _small_body(receive), careful)
        except BodyTooLarge:
            if started:
                raise
            await too_large()(scope, receive, careful)


def too_large() -> Response:
    return problem(413, f"Send at most {LARGEST_BODY} bytes.", {"Connection": "close"})


async def whole_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """Raises BodyTooLarge before more of it is read than may be."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise BodyTooLarge
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
    return body


def _small_body(receive: Receive) -> Receive:
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise BodyTooLarge
        return message

    return limited


def _small_messages(receive: Receive, send: Send) -> Receive:
    async def limited() -> Message:
        message = await receive()
        if len(message.get("text") or message.get("bytes") or "") > LARGEST_BODY:
            await send({"type": "websocket.close", "code": TOO_LARGE, "reason": f"Send at most {LARGEST_BODY} bytes."})
            return {"type": "websocket.disconnect", "code": TOO_LARGE}
        return message

    return limited
