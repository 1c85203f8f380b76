"""Streams.Append, Delete and Tombstone: one write, one answer, refused by an RPC status."""

from collections.abc import AsyncIterator
from typing import Any

from esdbclient.protos.Grpc import streams_pb2
from grpc import StatusCode

from .batch_append import check_name
from .calls import Call
from .faults import LOST_ANSWER
from .messages import NOTHING, expected_version, proposed
from .node import Node
from .record import ANY, EXISTS, NO_STREAM
from .refusals import RpcRefusal, append_too_big, handler_failed, invalid_argument, metadata_missing
from .refusals import stream_deleted as deleted
from .refusals import wrong_expected_version as wrong_version
from .writing import StreamDeleted, Written, WrongExpectedVersion, append, delete, tombstone

Resp = streams_pb2.AppendResp


async def append_stream(node: Node, requests: AsyncIterator[Any], call: Call) -> Any:
    options, events, size = None, [], 0
    async for request in requests:
        if options is None:
            if request.WhichOneof("content") != "options":
                raise handler_failed()
            options = request.options
            stream = options.stream_identifier.stream_name.decode()
            expected = _expected(options)
            node.check_stream(call.user, "w", stream)
            continue
        if request.WhichOneof("content") != "proposed_message":
            raise handler_failed()
        try:
            events.append(proposed(request.proposed_message))
        except KeyError as missing:
            raise metadata_missing(missing.args[0]) from None
        size += len(request.proposed_message.data)
        if size > node.max_append_size:
            raise append_too_big(node.max_append_size)
    if options is None:
        raise handler_failed()
    node.check_leader(call)
    try:
        check_name(stream)
        written = append(node.log, stream, expected, events)
    except WrongExpectedVersion as wrong:
        return _wrong(wrong.current, expected)
    except StreamDeleted:
        raise deleted(stream) from None
    return _answered(call, _success(written))


async def delete_stream(node: Node, request: Any, call: Call) -> Any:
    position = _removed(node, request.options, call, delete)
    position_of = streams_pb2.DeleteResp.Position(commit_position=position, prepare_position=position)
    return _answered(call, streams_pb2.DeleteResp(position=position_of))


async def tombstone_stream(node: Node, request: Any, call: Call) -> Any:
    position = _removed(node, request.options, call, tombstone)
    position_of = streams_pb2.TombstoneResp.Position(commit_position=position, prepare_position=position)
    return _answered(call, streams_pb2.TombstoneResp(position=position_of))


def _removed(node: Node, options: Any, call: Call, remove: Any) -> int:
    stream, expected = options.stream_identifier.stream_name.decode(), _expected(options)
    node.check_stream(call.user, "d", stream)
    node.check_leader(call)
    check_name(stream)
    try:
        return int(remove(node.log, stream, expected))
    except WrongExpectedVersion as wrong:
        raise wrong_version("Delete", stream, expected, wrong.current) from None
    except StreamDeleted:
        raise deleted(stream) from None


def _answered(call: Call, answer: Any) -> Any:
    if call.fault and call.fault.kind == LOST_ANSWER:
        raise RpcRefusal(StatusCode.UNAVAILABLE, "Socket closed")
    return answer


def _expected(options: Any) -> int:
    try:
        return expected_version(options, "expected_stream_revision")
    except ValueError as wrong:
        raise invalid_argument(str(wrong)) from None


def _success(written: Written) -> Any:
    success = Resp.Success()
    if written.last_revision >= 0:
        success.current_revision = written.last_revision
    else:
        success.no_stream.CopyFrom(NOTHING)
    if written.position is None:
        success.no_position.CopyFrom(NOTHING)
    else:
        success.position.commit_position = success.position.prepare_position = written.position
    return Resp(success=success)


def _wrong(current: int, expected: int) -> Any:
    """Told twice: in today's fields, and in those of version 20.6."""
    wrong = Resp.WrongExpectedVersion()
    if current == NO_STREAM:
        wrong.current_no_stream.CopyFrom(NOTHING)
        wrong.no_stream_20_6_0.CopyFrom(NOTHING)
    else:
        wrong.current_revision = wrong.current_revision_20_6_0 = current
    if expected == ANY:
        wrong.expected_any.CopyFrom(NOTHING)
        wrong.any_20_6_0.CopyFrom(NOTHING)
    elif expected == EXISTS:
        wrong.expected_stream_exists.CopyFrom(NOTHING)
        wrong.stream_exists_20_6_0.CopyFrom(NOTHING)
    elif expected == NO_STREAM:
        wrong.expected_no_stream.CopyFrom(NOTHING)
        wrong.expected_revision_20_6_0 = 2**64 - 1
    else:
        wrong.expected_revision = wrong.expected_revision_20_6_0 = expected
    return Resp(wrong_expected_version=wrong)
