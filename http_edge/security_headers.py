"""Headers that restrict what browsers do with an answer (OWASP Secure Headers, Content Security Policy Level 3)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOSNIFF = (b"x-content-type-options", b"nosniff")
NO_STORE = (b"cache-control", b"no-store")

HEADERS = (
    NOSNIFF,
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    NO_STORE,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
)
"""Of every answer of an API: nothing is kept, loaded or run, unless an answer states itself what it needs."""

HEADERS_OF_REFUSALS = (NO_STORE, NOSNIFF)
"""Of answers that are given before an API is asked."""


class SecurityHeaders:
    """An ASGI middleware that adds the headers which an answer does not state itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                stated = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(it for it in HEADERS if it[0] not in stated)]
            await send(message)

        await self.app(scope, receive, with_headers)
