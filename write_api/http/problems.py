"""Errors as problem documents (RFC 9457). The only place that knows which error has which status."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from inspect import getdoc
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field, TypeAdapter
from starlette.exceptions import HTTPException

from commands.accounts.errors import Busy, SessionNotFound, SessionOver, TooManyAttempts, WrongCredentials
from commands.handler import PreconditionFailed
from commands.lookups.checkout import stands
from commands.passkeys.errors import PasskeyRefused
from commands.ports import ConcurrentChange, StoreError, StoreUnavailable, StreamCut
from commands.staff.provider_login import NotInvited, ProviderAway, ProviderRefused
from commands.staff.second_factor import ChallengeOver, SecondFactorRequired, WrongCode
from domain.cart.errors import CartIsCheckedOut
from domain.shared.errors import Conflict, DomainError, Invalid, NotFound, NotYours
from domain.staff.permissions import Permission
from http_edge.problems import response
from http_edge.security_headers import HEADERS as SECURITY_HEADERS
from write_api.http.errors import (
    BodyTooLarge,
    InternalError,
    InvalidRequest,
    MalformedJson,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotReady,
    Overloaded,
    ReauthenticationRequired,
    RequestError,
    UnknownPath,
    UnsupportedMediaType,
    UnusableETag,
    UnusableKey,
)
from write_api.http.validation_errors import Fault, faults_of
from write_api.ports import Caller, Ports

STATUS: Mapping[type[Exception], int] = {
    MalformedJson: 400,
    UnusableKey: 400,
    UnusableETag: 400,
    NotAuthenticated: 401,
    WrongCredentials: 401,
    SessionOver: 401,
    SecondFactorRequired: 401,
    WrongCode: 401,
    ChallengeOver: 401,
    PasskeyRefused: 401,
    ProviderRefused: 401,
    NotAllowed: 403,
    ReauthenticationRequired: 403,
    NotYours: 403,
    NotInvited: 403,
    NotFound: 404,
    SessionNotFound: 404,
    UnknownPath: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    PreconditionFailed: 412,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    Invalid: 422,
    InvalidRequest: 422,
    DomainError: 422,
    TooManyAttempts: 429,
    ProviderAway: 502,
    Overloaded: 503,
    Busy: 503,
    NotReady: 503,
    ConcurrentChange: 503,
    StoreUnavailable: 503,
    StreamCut: 500,
    StoreError: 500,
    Exception: 500,
}
"""Looked up along the classes that an error comes from, so a new error has a status on its first day."""

HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="counterfoil"'},
    503: {"Retry-After": "1"},
}

SHOWN: Mapping[type[Exception], str] = {
    ConcurrentChange: "Others changed the same thing at the same time. Nothing was stored; try again.",
    StoreUnavailable: "The store did not answer in time. Try again with the same Idempotency-Key.",
    StreamCut: (
        "The history of what this changes was deleted or cut off at the event store. The change may be stored, but "
        "nothing can follow it. Do not send it again before the operators have restored that history."
    ),
    StoreError: "The event store did not take this. Do not send it again unchanged; the operators have been told.",
}
"""What is said instead of an error's own words, which are for those who run the shop; looked up as STATUS is."""

log = structlog.get_logger()

_JSON = TypeAdapter(dict[str, Any])


class Problem(BaseModel):
    """What went wrong, for people (title, detail) and for programs (type, errors); see RFC 9457."""

    type: str = Field(description="Names the kind of problem, for ever.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked, or the number under which our logs tell more.")
    errors: list[Fault] = Field(default=[], description="The fields at fault.")


def status_of(kind: type[Exception]) -> int:
    return next(STATUS[cls] for cls in kind.__mro__ if cls in STATUS)


def problem_of(error: Exception, instance: str) -> dict[str, Any]:
    """The problem document of an error; what else the error knows becomes further members."""
    kind = type(error)
    document: dict[str, Any] = {
        "type": f"urn:counterfoil:problem:{re.sub(r'(?<!^)(?=[A-Z])', '-', kind.__name__).lower()}",
        "title": (getdoc(kind) or kind.__name__).splitlines()[0].rstrip("."),
        "status": status_of(kind),
        "detail": next((SHOWN[cls] for cls in kind.__mro__ if cls in SHOWN), str(error)),
        "instance": instance,
    }
    if isinstance(error, DomainError):
        known = {name: value for name, value in vars(error).items() if name not in ("detail", "field", "number")}
        document |= known
        if error.field is not None:
            document["errors"] = [Fault(field=error.field, reason=error.detail)]
    return document


def as_json(document: Mapping[str, Any]) -> dict[str, Any]:
    """A problem document as plain JSON values."""
    values: dict[str, Any] = _JSON.dump_python(dict(document), mode="json", exclude_none=True)
    return values


def answer(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A problem document as it goes over the wire."""
    status: int = document["status"]
    told = {**HEADERS.get(status, {}), **(headers or {})}
    return response(status, as_json(document), told)


REFUSED = (DomainError, StoreError, RequestError)
"""Errors that say no; all others are ours."""


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that is refused. What needs an operator is logged."""
    if isinstance(error, StoreError) and status_of(type(error)) == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("event store refused", method=request.method, path=request.url.path, exc_info=error)
    if isinstance(error, CartIsCheckedOut):
        # The cart knows that it is being bought, and not how that goes.
        ports: Ports = request.app.state.ports
        error = CartIsCheckedOut(error.checkout_id, await stands(ports.handler, error.checkout_id))
    if isinstance(error, PreconditionFailed) and not _is_staff(request.state.ticket.caller):
        error = PreconditionFailed(error.revision, changed_at=getattr(error, "changed_at", None))
    wait = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyAttempts) else None
    return answer(problem_of(error, request.url.path), wait)


def _is_staff(caller: Caller) -> bool:
    """Names of those who work in the shop are for them alone."""
    return not caller.permissions <= {Permission.SHOP}


async def _misshapen(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details: Sequence[Any] = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        return await refused(request, MalformedJson("Send a body that is JSON (RFC 8259)."))
    faults = faults_of(details)
    document = problem_of(InvalidRequest(f"Fields at fault: {len(faults)}."), request.url.path)
    return answer({**document, "errors": faults})


async def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 400:
            told: RequestError = MalformedJson("Send a body that is JSON (RFC 8259) in UTF-8.")
        case 404:
            told = UnknownPath("See /openapi.json for what there is.")
        case 405:
            told = MethodNotAllowed("See /openapi.json for what can be done here.")
            return answer(problem_of(told, request.url.path), {"Allow": ", ".join(_methods_at(request))})
        case _:
            return await _unexpected(request, error)
    return answer(problem_of(told, request.url.path), error.headers)


def _methods_at(request: Request) -> list[str]:
    """All that can be done at the path (RFC 9110, section 15.5.6); the router names those of its first route."""
    path = request.url.path
    return sorted(
        {method for route in request.app.state.routes if route.path_regex.match(path) for method in route.methods}
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    ports = request.app.state.ports
    number = ports.new_id()
    log.error("request failed", error_id=str(number), method=request.method, path=request.url.path, exc_info=error)
    failed = answer(problem_of(InternalError("We have been told. Try again later."), f"urn:uuid:{number}"))
    failed.raw_headers.extend(SECURITY_HEADERS)  # the middleware that adds them is inside of what answers here
    return failed


def install(app: FastAPI) -> None:
    """Let every error of the application leave as a problem document."""
    for kind in REFUSED:
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _unexpected)
