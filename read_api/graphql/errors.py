"""Why a question is not answered. Every error carries a code that programs can rely on."""

import math
from collections.abc import Iterable, Mapping
from typing import ClassVar

import structlog
from graphql import GraphQLError, GraphQLSyntaxError, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.relay.types import GlobalIDValueError

from domain.shared.errors import NotFound
from domain.shared.recorded import Position
from projections.engine.ports import BeingRebuilt, StorageUnavailable, TookTooLong

REBUILDING, COME_BACK = "REBUILDING", 5
"""Seconds after which it is worth while to ask for a read model again that is being made anew."""

LESS = "Narrow it: give a term or a category, and leave out `total` and `facets` where you can."

log = structlog.get_logger()


class ReadError(Exception):
    """A question that is not answered, and what the asker can do about it."""

    code: ClassVar[str]
    extensions: Mapping[str, object] = {}


class BadUserInput(ReadError):
    """An argument makes no sense."""

    code = "BAD_USER_INPUT"


class Unauthenticated(ReadError):
    """The field is only for those who say who they are."""

    code = "UNAUTHENTICATED"


class Forbidden(ReadError):
    """The field is only for other roles."""

    code = "FORBIDDEN"


class NotThere(ReadError):
    """There is no such thing, or not for the caller; both are answered alike."""

    code = "NOT_FOUND"


class TooComplex(ReadError):
    """The question would cost too much."""

    code = "QUERY_TOO_COMPLEX"


class OverBudget(ReadError):
    """The caller, or their address, has used up what one may use of the database."""

    code = "RATE_LIMITED"

    def __init__(self, seconds: float) -> None:
        after = math.ceil(seconds)
        super().__init__(f"You used up your share of searches that go through much. Ask again in {after} s. {LESS}")
        self.extensions = {"retryAfter": after}


class Busy(ReadError):
    """Too many others ask for what costs much."""

    code = "BUSY"
    extensions: Mapping[str, object] = {"retryAfter": 1}

    def __init__(self) -> None:
        super().__init__("Too many others search just now. Ask again in a moment.")


class Stale(ReadError):
    """The read models have not come as far as the caller asked for."""

    code = "STALE"

    def __init__(self, wanted: Position, reached: Mapping[str, Position]) -> None:
        behind = ", ".join(f"{name} is at {position}" for name, position in reached.items() if position < wanted)
        super().__init__(f"Not as far as position {wanted} yet: {behind}. Ask again in a moment.")
        models = [{"name": name, "position": str(position)} for name, position in reached.items()]
        self.extensions = {"wanted": str(wanted), "reached": models}


def presented(errors: Iterable[GraphQLError] | None) -> list[GraphQLError]:
    """Errors as the outside may see them: with a code, and without anything that was not meant for it."""
    return [_presented(error) for error in errors or ()]


def _presented(error: GraphQLError) -> GraphQLError:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    match cause:
        case ReadError():
            return _coded(error, cause.code, str(cause), cause.extensions)
        case StrawberryInputCoercionError() | GlobalIDValueError():
            return _coded(error, BadUserInput.code, str(cause))
        case BeingRebuilt():
            return _coded(error, REBUILDING, _rebuilding(cause), {"model": cause.model, "retryAfter": COME_BACK})
        case TookTooLong():
            return _coded(error, "TOO_SLOW", f"This took too long and was stopped. {LESS}")
        case StorageUnavailable() | NotFound():
            return _coded(error, "UNAVAILABLE", "The shop cannot be read just now. Ask again in a moment.")
        case RecursionError():
            return _coded(error, TooComplex.code, "The query is nested too deeply.")
        case None if "code" in (error.extensions or {}):
            return error
        case None if isinstance(error, GraphQLSyntaxError):
            return _coded(error, "GRAPHQL_PARSE_FAILED", error.message)
        case None if error.path is None:
            return _coded(error, "GRAPHQL_VALIDATION_FAILED", error.message)
        case None if error.nodes and isinstance(error.nodes[0], ValueNode):
            return _coded(error, BadUserInput.code, error.message)
    log.error("query failed", path=error.path, exc_info=cause or error)
    return _coded(error, "INTERNAL_ERROR", "Something went wrong on our side.")


def _rebuilding(cause: BeingRebuilt) -> str:
    told = "It waits for somebody to look after it" if cause.share is None else f"{cause.share:.0%} of it are there"
    return f"{cause.model} is being made anew after an upgrade. {told}. Ask again in {COME_BACK} s."


def _coded(error: GraphQLError, code: str, message: str, more: Mapping[str, object] | None = None) -> GraphQLError:
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions={"code": code, **(more or {})})
