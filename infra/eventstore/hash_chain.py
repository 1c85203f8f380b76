"""What is stored: every record names its predecessor's hash and its own, so that a changed byte shows.

The hash is SHA-256, in hexadecimal, over six parts with a NUL between each two:

    stream, revision (decimal), event id (36 characters, lower case), type, data, metadata

all as the stored bytes, and the metadata without its last member: where the store has `..."previous":"P","hash":"H"}`
the hash covers `..."previous":"P"}`. No part can hold a NUL, so bytes cannot be moved from one part to the next.
Where a store puts a record in its global order is not part of it: records can be copied, byte for byte, elsewhere.
docs/hash-chain.md says the same to auditors, with an example, and docs/verifier/verify.py verifies a log by it alone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from commands.ports import NewEvent, Record, StoreError

FIRST = "0" * 64
"""What the first record of a stream names as its predecessor's hash."""

LONGEST_NAME = 1000
_END = len(',"hash":"') + 64 + len('"}')


class NotStorable(StoreError, ValueError):
    """The event is not what every store can keep: names without a NUL and not too long, data in JSON."""


class BrokenSeal(Exception):
    """A record is not what was stored, or does not follow the record it is read after."""


class _Metadata(msgspec.Struct, kw_only=True, omit_defaults=True):
    correlation_id: UUID = msgspec.field(name="$correlationId")
    causation_id: UUID = msgspec.field(name="$causationId")
    command_id: UUID
    actor: str
    reason: str | None = None
    traceparent: str | None = None
    fingerprint: str | None = None
    recorded_at: str
    previous: str


_encode = msgspec.json.Encoder().encode
_validate = msgspec.json.Decoder(msgspec.Raw).decode


def storable_name(name: str) -> bool:
    """Whether every store can keep a stream or a type of this name."""
    try:
        return 0 < len(name.encode()) <= LONGEST_NAME and "\0" not in name
    except UnicodeEncodeError:
        return False


def check(stream: str, events: Sequence[NewEvent]) -> None:
    """Raise NotStorable when an append could not be kept, or not by every store alike."""
    if not events:
        raise NotStorable(f"Nothing to append to {stream!r}.")
    for name in (stream, *(event.type for event in events)):
        if not storable_name(name):
            raise NotStorable(f"{name[:80]!r} cannot be the name of a stream or a type.")
    for event in events:
        try:
            event.data.decode()
            _validate(event.data)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            raise NotStorable(f"{event.type} {event.event_id}: the data is not JSON: {error}") from error


def timestamp(at: datetime) -> str:
    """RFC 3339, in UTC, always with six digits, so that timestamps compare as text."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def seal(event: NewEvent, stream: str, revision: int, previous: str, recorded_at: str) -> tuple[bytes, str]:
    """The metadata to store with an event, and the hash at its end."""
    about = event.metadata
    try:
        metadata = _encode(
            _Metadata(
                correlation_id=about.correlation_id,
                causation_id=about.causation_id,
                command_id=about.command_id,
                actor=about.actor,
                reason=about.reason,
                traceparent=about.traceparent,
                fingerprint=about.fingerprint,
                recorded_at=recorded_at,
                previous=previous,
            )
        )
    except UnicodeEncodeError as error:
        raise NotStorable(f"{event.type} {event.event_id}: the metadata is not text: {error}") from error
    own = _hash(stream, revision, event.event_id, event.type, event.data, metadata)
    return b'%b,"hash":"%b"}' % (metadata[:-1], own.encode()), own


def stated_hash(metadata: bytes) -> str:
    """The hash that stored metadata ends with; nothing is proven by it."""
    return metadata[-66:-2].decode()


def recorded_at(metadata: bytes) -> str:
    """When stored metadata says that it was recorded."""
    return msgspec.json.decode(metadata, type=_RecordedAt).recorded_at


class _RecordedAt(msgspec.Struct):
    recorded_at: str


def hash_of(record: Record) -> str:
    """The hash that a record's bytes have, whatever the record states."""
    metadata = record.metadata[:-_END] + b"}"
    return _hash(record.stream, record.revision, record.event_id, record.type, record.data, metadata)


def verify(record: Record, previous: str) -> str:
    """The hash of a record that follows the one with the hash `previous` (FIRST at revision 0). Raises BrokenSeal."""
    own = hash_of(record)
    if not record.metadata.endswith(b'"previous":"%b","hash":"%b"}' % (previous.encode(), own.encode())):
        raise BrokenSeal(f"{record.stream} at revision {record.revision} is not what was stored.")
    return own


def _hash(stream: str, revision: int, event_id: UUID, type_name: str, data: bytes, metadata: bytes) -> str:
    names = f"{stream}\0{revision}\0{event_id}\0{type_name}\0".encode()
    return sha256(b"%b%b\0%b" % (names, data, metadata)).hexdigest()
