"""Streams.BatchAppend: many appends over one call, each answered under its correlation id."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from esdbclient.protos.Grpc import shared_pb2, status_pb2, streams_pb2
from grpc import StatusCode

from . import statuses
from .calls import Call
from .faults import LOST_ANSWER, NO_LEADER, NOT_READY, TIMEOUT, TOO_BUSY
from .messages import GOOGLES_NOTHING, expected_version, proposed, uuid_of
from .node import Node
from .record import Proposed
from .refusals import RpcRefusal, no_leader
from .writing import StreamDeleted, Written, WrongExpectedVersion, append

Resp = streams_pb2.BatchAppendResp

INSIDE = {
    NO_LEADER: "No leader info available in response",
    NOT_READY: "Server Is Not Ready",
    TOO_BUSY: "Server Is Busy",
}
"""Faults that the answer tells, in its own words."""


@dataclass(slots=True)
class Pending:
    """An append whose last part has not come."""

    stream: str
    expected: int
    until: float
    size: int = 0
    events: list[Proposed] = field(default_factory=list)


async def batch_append(node: Node, requests: AsyncIterator[Any], call: Call) -> AsyncIterator[Any]:
    pending: dict[Any, Pending] = {}
    async for request in requests:
        try:
            answer = _take(node, request, call, pending)
        except RpcRefusal:
            raise
        except Exception as failure:
            answer = _answer(request, request.options.stream_identifier, error=statuses.bad_request(_words(failure)))
        if answer:
            yield answer


def _words(failure: Exception) -> str:
    if isinstance(failure, KeyError):
        return f"The given key '{failure.args[0]}' was not present in the dictionary."
    return str(failure)


def _take(node: Node, request: Any, call: Call, pending: dict[Any, Pending]) -> Any:
    """The answer, or None if more is to come."""
    correlation_id = uuid_of(request.correlation_id)
    if request.HasField("options"):
        refused = _open(node, request, call, pending, correlation_id)
        if refused:
            return _answer(request, request.options.stream_identifier, error=refused)
    write = pending.get(correlation_id)
    if write is None:
        return None
    stream = shared_pb2.StreamIdentifier(stream_name=write.stream.encode())
    if time.monotonic() > write.until:
        del pending[correlation_id]
        return _answer(request, stream, error=statuses.timed_out())
    for message in request.proposed_messages:
        write.events.append(proposed(message))
        write.size += len(message.data)
    if write.size > node.max_append_size:
        del pending[correlation_id]
        return _answer(request, stream, error=statuses.append_too_big(node.max_append_size))
    if not request.is_final:
        return None
    del pending[correlation_id]
    return _finish(node, request, call, write, stream)


def _open(
    node: Node, request: Any, call: Call, pending: dict[Any, Pending], correlation_id: Any
) -> status_pb2.Status | None:
    options = request.options
    if not options.HasField("stream_identifier"):
        return statuses.bad_request("Required field StreamIdentifier not set.")
    stream = options.stream_identifier.stream_name.decode()
    try:
        node.check_stream(call.user, "w", stream)
    except RpcRefusal:
        return statuses.access_denied()
    seconds = min(_requested_seconds(options), node.write_timeout)
    if seconds <= 0:
        return statuses.timed_out()
    if correlation_id not in pending:
        expected = expected_version(options, "expected_stream_position")
        pending[correlation_id] = Pending(stream, expected, time.monotonic() + seconds)
    return None


def _requested_seconds(options: Any) -> float:
    match options.WhichOneof("deadline_option"):
        case "deadline":
            return float(options.deadline.seconds + options.deadline.nanos / 1e9)
        case "deadline_21_10_0":
            return float(options.deadline_21_10_0.seconds + options.deadline_21_10_0.nanos / 1e9 - time.time())
        case _:
            return float("inf")


def _finish(node: Node, request: Any, call: Call, write: Pending, stream: Any) -> Any:
    fault = call.fault
    if fault and fault.kind in INSIDE:
        return _answer(request, stream, error=statuses.not_handled(INSIDE[fault.kind]))
    if fault and fault.kind == TIMEOUT:
        return _answer(request, stream, error=statuses.timed_out())
    if fault and fault.kind not in (LOST_ANSWER, "stall"):
        raise fault.refused()
    try:
        node.check_leader(call)
    except RpcRefusal as refusal:
        if refusal.details != no_leader().details:
            raise
        return _answer(request, stream, error=statuses.not_handled(refusal.details))
    try:
        check_name(write.stream)
        written = append(node.log, write.stream, write.expected, write.events)
    except WrongExpectedVersion as wrong:
        return _answer(request, stream, error=statuses.wrong_expected_version(wrong.current, write.expected))
    except StreamDeleted:
        return _answer(request, stream, error=statuses.stream_deleted(write.stream))
    if fault and fault.kind == LOST_ANSWER:
        raise RpcRefusal(StatusCode.UNAVAILABLE, "Socket closed")
    return _answer(request, stream, success=_success(written))


def _success(written: Written) -> Any:
    success = Resp.Success()
    if written.last_revision >= 0:
        success.current_revision = written.last_revision
    else:
        success.no_stream.CopyFrom(GOOGLES_NOTHING)
    if written.position is None:
        success.no_position.CopyFrom(GOOGLES_NOTHING)
    else:
        success.position.commit_position = success.position.prepare_position = written.position
    return success


def _answer(request: Any, stream: Any, **result: Any) -> Any:
    return Resp(correlation_id=request.correlation_id, stream_identifier=stream, **result)


def check_name(stream: str) -> None:
    """Names that no stream can have."""
    if stream in ("", "$$"):
        raise ValueError("Specified argument was out of the range of valid values. (Parameter 'eventStreamId')")
