"""Turns callers away who ask more often than they may: 429 and when to come back (RFC 6585, section 4)."""

import math
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commands.ports import StoreUnavailable
from domain.shared.ids import GUEST
from http_edge.problems import encoded, send_refusal
from infra.http.rate_limits import Limiter

FREE = ("/health", "/webhooks")
"""Prefixes of paths that are not counted: health checks, and webhooks of the payment gateway."""

BEARER = "bearer "
TOO_OFTEN = 1008
"""Close code of a WebSocket whose peer asks too often: policy violation (RFC 6455, section 7.4.1)."""


class Limiting:
    """An ASGI application around another one. Who asks is the subject of a valid token, or else an address.

    Guests count for both: a name that costs nothing gives no larger share. Of a WebSocket, each message counts for
    its address.
    """

    def __init__(
        self,
        app: ASGIApp,
        subjects: Limiter,
        addresses: Limiter,
        subject_of: Callable[[str], str],
        address_of: Callable[[Scope], str],
    ) -> None:
        self.app = app
        self.subjects = subjects
        self.addresses = addresses
        self.subject_of = subject_of
        self.address_of = address_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            wait = await self._wait(scope)
            if wait > 0:
                await _refuse(scope["path"], math.ceil(wait), send)
                return
        elif scope["type"] == "websocket":
            receive = self._counted(scope, receive, send)
        await self.app(scope, receive, send)

    async def _wait(self, scope: Scope) -> float:
        subject = self._subject(scope)
        wait = 0.0 if subject is None else await self.subjects.wait(f"subject:{subject}")
        if wait > 0 or (subject is not None and not subject.startswith(GUEST)):
            return wait
        return await self._address_waits(scope)

    async def _address_waits(self, scope: Scope) -> float:
        return await self.addresses.wait(f"address:{self.address_of(scope)}")

    def _subject(self, scope: Scope) -> str | None:
        said = Headers(scope=scope).get("authorization", "")
        if not said.lower().startswith(BEARER):
            return None
        try:
            return self.subject_of(said[len(BEARER) :].strip())
        except (ValueError, StoreUnavailable):
            return None

    def _counted(self, scope: Scope, receive: Receive, send: Send) -> Receive:
        async def counted() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive" or await self._address_waits(scope) <= 0:
                return message
            await send({"type": "websocket.close", "code": TOO_OFTEN, "reason": "You ask too often."})
            return {"type": "websocket.disconnect", "code": TOO_OFTEN}

        return counted


async def _refuse(path: str, seconds: int, send: Send) -> None:
    body = encoded(
        {
            "type": "urn:counterfoil:problem:too-many-requests",
            "title": "You ask too often",
            "status": 429,
            "detail": f"Ask again in {seconds} s, and less often from then on.",
            "instance": path,
        }
    )
    await send_refusal(send, 429, body, [(b"retry-after", b"%d" % seconds)])
