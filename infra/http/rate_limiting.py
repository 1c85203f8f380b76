"""Turns callers away who ask more often than they may: 429 and when to come back (RFC 6585, section 4)."""

import math
from collections.abc import Callable

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.http.rate_limits import Limiter

FREE = ("/health", "/webhooks")
"""Paths that begin so are not counted: supervisors, and the gateway that tells of money."""

BEARER = "bearer "


class Limiting:
    """An ASGI application around another one. A caller is a subject with a valid token, or else an address."""

    def __init__(self, app: ASGIApp, limiter: Limiter, subject_of: Callable[[str], str]) -> None:
        self.app = app
        self.limiter = limiter
        self.subject_of = subject_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            wait = await self.limiter.wait(self._caller(scope))
            if wait > 0:
                await _refuse(scope["path"], math.ceil(wait), send)
                return
        await self.app(scope, receive, send)

    def _caller(self, scope: Scope) -> str:
        said = Headers(scope=scope).get("authorization", "")
        if said.lower().startswith(BEARER):
            try:
                return f"subject:{self.subject_of(said[len(BEARER) :].strip())}"
            except ValueError:
                pass
        client = scope.get("client")
        return f"address:{client[0] if client else 'unknown'}"


async def _refuse(path: str, seconds: int, send: Send) -> None:
    body = msgspec.json.encode(
        {
            "type": "urn:counterfoil:problem:too-many-requests",
            "title": "You ask too often",
            "status": 429,
            "detail": f"Ask again in {seconds} s, and less often from then on.",
            "instance": path,
        }
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(seconds).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
