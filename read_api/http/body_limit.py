"""Requests and messages that are too large are refused before anything of them is understood."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from http_edge.bodies import LARGEST, TOO_LARGE, BodyTooLarge, check_announced, limited
from read_api.http.problems import problem

MESSAGE_TOO_BIG = 1009
"""Close code of a WebSocket whose peer sent too large a message (RFC 6455, 7.4.1)."""


class BodyLimit:
    """An ASGI middleware: 413 for a request, close code 1009 for a WebSocket."""

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

        async def observed(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            check_announced(dict(scope["headers"]))
            await self.app(scope, limited(receive), observed)
        except BodyTooLarge:
            if started:
                raise
            await too_large()(scope, receive, send)


def too_large() -> Response:
    return problem(413, TOO_LARGE, {"Connection": "close"})


def _small_messages(receive: Receive, send: Send) -> Receive:
    async def limited_messages() -> Message:
        message = await receive()
        if len(message.get("text") or message.get("bytes") or "") > LARGEST:
            await send({"type": "websocket.close", "code": MESSAGE_TOO_BIG, "reason": TOO_LARGE})
            return {"type": "websocket.disconnect", "code": MESSAGE_TOO_BIG}
        return message

    return limited_messages
