"""The way of a command through HTTP: who asks, what they say within bounds, and each said once."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import Message

from http_edge import bodies
from write_api.http.errors import BodyTooLarge, MalformedJson, NotAuthenticated, UnsupportedMediaType, UnusableKey
from write_api.http.etags import revisions_of
from write_api.http.idempotency import Answers
from write_api.ports import Caller, Ports, Tokens

LONGEST_KEY = 255
CORRELATION = "Correlation-Id"
AS_JSON = "Send the body as application/json."
KEY = r"^[!-~]([ -~]*[!-~])?$"
"""Printable ASCII, for the documents; spaces around a header's value do not belong to it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is known of a request before its body is understood."""

    caller: Caller
    key: str | None
    fingerprint: str
    address: str | None = None


class CommandRoute(APIRoute):
    """A request with an Idempotency-Key is carried out once; its repeats get the same answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        carry_out = super().get_route_handler()

        async def handle(request: Request) -> Response:
            ports: Ports = request.app.state.ports
            body, ticket = await received(request, authenticated(request, ports.tokens))
            request.state.ticket = ticket
            _check_correlation(request)
            _check_if_match(request)
            complete = Request(request.scope, replayed(body))
            return await once(request, ticket, lambda: carry_out(complete))

        return handle


class OpenRoute(APIRoute):
    """A request without a token or an Idempotency-Key, with the same bounds on its body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        carry_out = super().get_route_handler()

        async def handle(request: Request) -> Response:
            body = await read(request)
            if body and not _is_json(request):
                raise UnsupportedMediaType(AS_JSON)
            return await carry_out(Request(request.scope, replayed(body)))

        return handle


def _check_correlation(request: Request) -> None:
    """A repeat gets the first answer and is not looked at again, but for what it asks to keep with the events."""
    if (told := request.headers.get(CORRELATION)) is not None:
        try:
            UUID(told)
        except ValueError:
            fault = {"type": "uuid_parsing", "loc": ("header", CORRELATION), "input": told}
            raise RequestValidationError([fault]) from None


def _check_if_match(request: Request) -> None:
    """As `_check_correlation`. Raises UnusableETag."""
    if (told := request.headers.get("If-Match")) is not None:
        revisions_of(told)


async def once(request: Request, ticket: Ticket, carry_out: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
    """The answer to the request, carried out unless it was before; reads are not kept. Raises CommandIdReused."""
    if ticket.key is None or request.method == "GET":
        return await carry_out()
    answers: Answers = request.app.state.answers
    key = (ticket.caller.subject, ticket.caller.permissions, ticket.key)
    return await answers.once(key, ticket.fingerprint, carry_out)


def authenticated(request: Request, tokens: Tokens) -> Caller:
    """Who asks (RFC 6750). Raises NotAuthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("Send a token: `Authorization: Bearer ...`. Shoppers get one from POST /sessions.")
    try:
        return tokens.verify(token.strip())
    except ValueError as error:
        raise NotAuthenticated(str(error)) from None


async def received(request: Request, caller: Caller) -> tuple[bytes, Ticket]:
    """What the caller says. Raises BodyTooLarge, MalformedJson, UnsupportedMediaType, UnusableKey."""
    body = await read(request)
    if body and not _is_json(request):
        raise UnsupportedMediaType(AS_JSON)
    address = None if request.client is None else request.client.host
    return body, Ticket(caller, _key(request), _fingerprint(request, body), address)


async def read(request: Request) -> bytes:
    """The body. Raises BodyTooLarge as soon as that is known, MalformedJson when it breaks off."""
    try:
        return await bodies.whole_body(dict(request.scope["headers"]), request.receive)
    except bodies.BodyTooLarge:
        raise BodyTooLarge(bodies.TOO_LARGE) from None
    except bodies.BodyBrokeOff:
        raise MalformedJson("The body broke off.") from None


def replayed(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    """A body that was read already, to be read again."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json"


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise UnusableKey(f"Send an Idempotency-Key of 1 to {LONGEST_KEY} printable ASCII characters.")
    return key


def _fingerprint(request: Request, body: bytes) -> str:
    """The same for the same request only: method, path and body, told apart by their lengths."""
    query: bytes = request.scope["query_string"]
    target = f"{request.method} {request.scope['path']}?".encode("utf-8", "surrogatepass") + query
    return blake2b(len(target).to_bytes(4) + target + body, digest_size=16).hexdigest()
