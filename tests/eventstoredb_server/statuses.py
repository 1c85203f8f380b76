"""How BatchAppend says no: inside its answer, as a status with details."""

from esdbclient.protos.Grpc import code_pb2, shared_pb2, status_pb2
from google.protobuf import any_pb2
from google.protobuf.message import Message

from .messages import GOOGLES_NOTHING
from .record import ANY, EXISTS, NO_STREAM

Status = status_pb2.Status


def _status(code: "code_pb2.Code.ValueType", message: str, details: Message) -> Status:
    packed = any_pb2.Any()
    packed.Pack(details)
    return Status(code=code, message=message, details=packed)


def wrong_expected_version(current: int, expected: int) -> Status:
    details = shared_pb2.WrongExpectedVersion()
    if current == NO_STREAM:
        details.current_no_stream.SetInParent()
    else:
        details.current_stream_revision = current
    if expected == ANY:
        details.expected_any.SetInParent()
    elif expected == EXISTS:
        details.expected_stream_exists.SetInParent()
    elif expected == NO_STREAM:
        details.expected_no_stream.SetInParent()
    else:
        details.expected_stream_position = expected
    return _status(code_pb2.ALREADY_EXISTS, "WrongExpectedVersion", details)


def stream_deleted(stream: str) -> Status:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    return _status(code_pb2.NOT_FOUND, "StreamDeleted", shared_pb2.StreamDeleted(stream_identifier=identifier))


def access_denied() -> Status:
    return _status(code_pb2.PERMISSION_DENIED, "AccessDenied", shared_pb2.AccessDenied())


def timed_out() -> Status:
    return _status(code_pb2.DEADLINE_EXCEEDED, "Timeout", shared_pb2.Timeout())


def append_too_big(limit: int) -> Status:
    details = shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=limit)
    return _status(code_pb2.INVALID_ARGUMENT, "MaximumAppendSizeExceeded", details)


def bad_request(message: str) -> Status:
    return _status(code_pb2.INVALID_ARGUMENT, "BadRequest", shared_pb2.BadRequest(message=message))


def not_handled(message: str) -> Status:
    """The server is no leader, not ready or busy: no code, an empty detail, and only the message tells."""
    return _status(code_pb2.OK, message, GOOGLES_NOTHING)
