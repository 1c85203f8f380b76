"""Records and ids as protobuf messages, and back."""

from typing import Any
from uuid import UUID

from esdbclient.protos.Grpc import persistent_pb2, shared_pb2, streams_pb2
from google.protobuf import empty_pb2

from .log import Log
from .record import ANY, EXISTS, LINK, NO_STREAM, Proposed, Record

JSON, OCTETS = "application/json", "application/octet-stream"
NOTHING = shared_pb2.Empty()
GOOGLES_NOTHING = empty_pb2.Empty()


def uuid_of(message: shared_pb2.UUID) -> UUID:
    if message.WhichOneof("value") == "structured":
        high, low = message.structured.most_significant_bits, message.structured.least_significant_bits
        return UUID(int=((high & (2**64 - 1)) << 64) | (low & (2**64 - 1)))
    return UUID(message.string)


def uuid_message(value: UUID, *, as_text: bool) -> shared_pb2.UUID:
    if as_text:
        return shared_pb2.UUID(string=str(value))
    high, low = (signed(half) for half in divmod(value.int, 2**64))
    structured = shared_pb2.UUID.Structured(most_significant_bits=high, least_significant_bits=low)
    return shared_pb2.UUID(structured=structured)


def signed(bits: int) -> int:
    return bits - 2**64 if bits >= 2**63 else bits


def expected_version(options: Any, oneof: str) -> int:
    """Of any request with an expected revision. OverflowError for one that is no revision at all."""
    match options.WhichOneof(oneof):
        case "revision":
            return revision_of(options.revision)
        case "stream_position":
            return revision_of(options.stream_position)
        case "any":
            return ANY
        case "stream_exists":
            return EXISTS
        case "no_stream":
            return NO_STREAM
        case other:
            raise ValueError(f"'{other}' is not a valid {oneof}")


def revision_of(value: int) -> int:
    """-1 is the end, as unsigned; all else above the signed numbers is no revision."""
    if value == 2**64 - 1:
        return -1
    if value >= 2**63:
        raise OverflowError("Specified argument was out of the range of valid values. (Parameter 'value')")
    return value


def proposed(message: Any) -> Proposed:
    """KeyError if type or content type are missing."""
    return Proposed(
        id=uuid_of(message.id),
        type=message.metadata["type"] if "type" in message.metadata else _missing("type"),
        is_json=(message.metadata["content-type"] if "content-type" in message.metadata else _missing("content-type"))
        == JSON,
        data=message.data,
        metadata=message.custom_metadata,
    )


def _missing(name: str) -> str:
    raise KeyError(name)


def recorded(kind: Any, record: Record, *, as_text: bool) -> Any:
    return kind(
        id=uuid_message(record.id, as_text=as_text),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=record.stream.encode()),
        stream_revision=record.revision,
        commit_position=record.position,
        prepare_position=record.position,
        metadata={
            "type": record.type,
            "created": str(record.created),
            "content-type": JSON if record.is_json else OCTETS,
        },
        custom_metadata=record.metadata,
        data=record.data,
    )


def read_event(log: Log, record: Record, *, resolve: bool, as_text: bool) -> Any:
    """A record as a reader of streams gets it."""
    return _read_event(streams_pb2.ReadResp.ReadEvent, log, record, resolve, as_text)


def delivered_event(log: Log, record: Record, *, resolve: bool, as_text: bool, retries: int) -> Any:
    """A record as the consumer of a persistent subscription gets it."""
    message = _read_event(persistent_pb2.ReadResp.ReadEvent, log, record, resolve, as_text)
    message.retry_count = retries
    return message


def _read_event(kind: Any, log: Log, record: Record, resolve: bool, as_text: bool) -> Any:
    message = kind(commit_position=record.position)
    target: Record | None = record
    if resolve and record.type == LINK:
        target, is_link = target_of(log, record)
        if is_link:
            message.link.CopyFrom(recorded(kind.RecordedEvent, record, as_text=as_text))
    if target:
        message.event.CopyFrom(recorded(kind.RecordedEvent, target, as_text=as_text))
    return message


def target_of(log: Log, link: Record) -> tuple[Record | None, bool]:
    """What a link leads to, and whether it is a link at all: a number, @, a stream."""
    number, at, stream = link.data.decode("utf8", "replace").partition("@")
    if not number.strip().lstrip("-").isdecimal():
        return link, False
    return (log.read_event(stream, int(number)) if at else None), True
