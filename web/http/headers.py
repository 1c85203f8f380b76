"""Headers that restrict what browsers do with a page, and the refusal of cross-site requests."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
CARD_FORM: Mapping[str, str] = {
    "Content-Security-Policy": (
        POLICY.replace("script-src 'self'", "script-src 'self' https://js.stripe.com https://*.js.stripe.com")
        .replace("connect-src 'self'", "connect-src 'self' https://api.stripe.com")
        .replace("img-src 'self'", "img-src 'self' https://*.stripe.com")
        + "; frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com"
    ),
    "Permissions-Policy": 'camera=(), geolocation=(), microphone=(), payment=(self "https://js.stripe.com")',
}
"""Of the pages with Stripe's card form, and of no others (Stripe, "Integration security guide")."""

SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}
"""Of every response that does not state them itself. `no-referrer` would make the Origin of our own forms `null`."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


class SecurityHeaders:
    """An ASGI middleware that adds the headers which a response does not state itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def is_cross_site(method: str, headers: Headers, address: str) -> bool:
    """Whether a request that changes something comes from a page of another origin than ours.

    Browsers say so in Sec-Fetch-Site; older ones send Origin. A request with neither comes from no current browser and
    is refused too.
    """
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    return headers.get("origin") not in (address, own_origin(headers, address))


def own_origin(headers: Headers, address: str) -> str | None:
    """The origin of a shop without TLS under the name by which this visitor reaches it; None for one with TLS."""
    return None if address.startswith("https://") else f"http://{headers.get('host', '')}"


def is_loopback(headers: Headers) -> bool:
    """Whether the visitor reaches the shop on the same machine."""
    host = headers.get("host", "")
    return (host if host.endswith("]") else host.rpartition(":")[0] or host) in LOOPBACK
