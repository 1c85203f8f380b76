"""Responses that the protocol layer sends itself, without an application: problem documents (RFC 9457) as bytes."""

from collections import Counter
from collections.abc import Collection, Sequence
from http import HTTPStatus

from http_edge.problems import PROBLEM_JSON, about_blank, encoded
from http_edge.security_headers import HEADERS_OF_REFUSALS

Headers = Sequence[tuple[bytes, bytes]]

LATER = (408, 503)
"""Statuses after which the same request may be sent again."""

CLOSE = "connection: close"
RESTRICTIONS = tuple(f"{name.decode()}: {value.decode()}" for name, value in HEADERS_OF_REFUSALS)

ONCE = {
    b"authorization": "Authorization",
    b"content-type": "Content-Type",
    b"correlation-id": "Correlation-Id",
    b"host": "Host",
    b"idempotency-key": "Idempotency-Key",
    b"if-match": "If-Match",
}
"""Headers that may occur once: of two values, an API and a proxy in front of it could use different ones."""


def fault_of(headers: Headers, version: str) -> str | None:
    """Why a request with these headers is refused, or None."""
    names = [name for name, _ in headers]
    if version != "1.0" and b"host" not in names:
        return "Send a Host header (RFC 9112, section 3.2)."
    if len(set(names)) == len(names):
        return None
    twice = [f"{ONCE[name]} ({times} times)" for name, times in Counter(names).items() if times > 1 and name in ONCE]
    return f"Send each of these headers once: {', '.join(sorted(twice))}." if twice else None


def shared_with(headers: Headers, origins: Collection[bytes]) -> tuple[str, ...]:
    """What lets a page of one of these origins read the answer (Fetch, section 3.3)."""
    origin = next((value for name, value in headers if name == b"origin"), None) if origins else None
    if origin is None or origin not in origins:
        return ()
    return (
        f"access-control-allow-origin: {origin.decode('latin-1')}",
        "access-control-expose-headers: Retry-After",
        "vary: Origin",
    )


def problem(status: int, detail: str) -> bytes:
    """The body of a refusal whose status says it all."""
    return encoded(about_blank(status, detail))


def head(status: int, body: bytes, *more: str) -> bytes:
    """Everything before the body."""
    lines = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"content-type: {PROBLEM_JSON}",
        *(("retry-after: 1",) if status in LATER else ()),
        f"content-length: {len(body)}",
        *RESTRICTIONS,
        *more,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
