"""Translate errors of the server and of its client library into those of the port."""

import grpc
from esdbclient import exceptions as esdb

from commands.ports import LogDiverged, StoreError, StoreUnavailable, StreamCut
from infra.eventstore.eventstoredb.client import Cut
from infra.eventstore.hash_chain import NotStorable

TRY_AGAIN = (esdb.EventStoreDBClientException, Cut, TimeoutError, OSError, grpc.RpcError, grpc.aio.UsageError)
"""What a dropped connection, a server that stops, starts or elects a leader, a missed deadline and a wrong address look
like. All that no further try can change is sorted out by `final`."""

ANSWERS = (esdb.WrongCurrentVersion, esdb.NotFound)
"""What the server answers to a question that was understood; not trouble at all."""

_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


class AppendTooLarge(NotStorable):
    """The events of one append are more than the server takes at once; an append is all or nothing, so not split."""


class NoSuchPosition(LogDiverged, ValueError):
    """No record stands at the position: EventStoreDB can only begin where one does."""


def final(error: Exception) -> StoreError | None:
    """What no further try can change; None when one may."""
    code, said = _code(error), str(error)
    if isinstance(error, esdb.MaximumAppendSizeExceededError):
        return AppendTooLarge(f"The append is larger than the server takes: {said}.")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return AppendTooLarge("The append, or a stored event, is larger than a message may be (16 MiB).")
    if isinstance(error, esdb.AccessDeniedError) or code in _REFUSED:
        return StoreUnavailable("The event store refuses the user or the password of the connection string.")
    if isinstance(error, esdb.StreamIsDeleted):
        return StreamCut(f"The stream was tombstoned at the server: {said}")
    if code is grpc.StatusCode.INVALID_ARGUMENT or "ReadAllResult: Error" in said:
        return NoSuchPosition("No record of this event store stands at the position that was given.")
    if isinstance(error, esdb.BadRequestError | esdb.InvalidTransactionError):
        return StoreError(f"The event store did not understand: {said}")
    return None


def reason(error: Exception) -> str:
    """In one line, for people and logs."""
    cause = error.args[0] if error.args else ""
    if isinstance(cause, grpc.aio.AioRpcError):
        cause = cause.details()
    return f"{type(error).__name__}: {' '.join(str(cause).split())[:300]}".rstrip(": ")


def _code(error: Exception) -> grpc.StatusCode | None:
    cause = error.args[0] if error.args else None
    return cause.code() if isinstance(cause, grpc.aio.AioRpcError) else None
