"""What goes wrong outside of GraphQL, as problem documents (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from http_edge.problems import about_blank, response
from http_edge.security_headers import HEADERS

log = structlog.get_logger()


def problem(
    status: int, detail: str, headers: dict[str, str] | None = None, more: Mapping[str, object] | None = None
) -> Response:
    """A problem whose status says it all."""
    return response(status, about_blank(status, detail, more), headers)


def not_ready(wrong: Mapping[str, str]) -> Response:
    """What does not answer, by name."""
    detail = ". ".join(f"The {name}: {fault}" for name, fault in wrong.items()) + "."
    return problem(503, detail, {"Retry-After": "1"}, {"wrong": wrong})


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(404, f"There is nothing at {request.url.path}. Ask at /graphql.")
    headers = None if error.headers is None else dict(error.headers)
    return problem(error.status_code, str(error.detail), headers)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Answered outside of everything that surrounds the application."""
    answer = unexpected(request.url.path, error)
    answer.raw_headers.extend(HEADERS)
    return answer


def unexpected(path: str, error: Exception) -> Response:
    log.error("request failed", path=path, exc_info=error)
    return problem(500, "Something went wrong on our side.")
