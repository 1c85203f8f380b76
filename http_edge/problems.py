"""Problem documents (RFC 9457) as they go over the wire."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec
from starlette.responses import Response
from starlette.types import Send

from http_edge.security_headers import HEADERS_OF_REFUSALS

PROBLEM_JSON = "application/problem+json"

Document = Mapping[str, object]


def about_blank(status: int, detail: str, more: Document | None = None) -> Document:
    """A problem whose status says it all (RFC 9457, section 4.2.1)."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **(more or {}),
    }


def encoded(document: Document) -> bytes:
    """The body of an answer."""
    return msgspec.json.encode(document)


def response(status: int, document: Document, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of an application."""
    return Response(encoded(document), status, headers, PROBLEM_JSON)


async def send_refusal(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Answer before an application is asked. `body` is an encoded document."""
    head = [
        (b"content-type", PROBLEM_JSON.encode()),
        (b"content-length", b"%d" % len(body)),
        *headers,
        *HEADERS_OF_REFUSALS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
