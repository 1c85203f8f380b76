"""Between facts and the JSON in which they are stored."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar, get_args, get_origin
from uuid import UUID

import msgspec
from immutables import Map

from commands.ports import Record, Unreadable
from domain.shared.journal import Envelope, JournalEntry
from domain.shared.messages import name_of, stored_name
from domain.shared.recorded import EventView, Metadata, Position, Recorded
from infra.serialization.journals import JournalEntryDecoder
from infra.serialization.message_registry import COMMANDS, EVENTS

T = TypeVar("T")

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
"""Old data to the next stored name and its data."""

Data = bytes | msgspec.Raw | dict[str, Any]
"""A message as JSON, or as what JSON says."""


class Decoder(Protocol):
    """Makes a value of JSON. Raises ValueError."""

    def decode(self, data: bytes | msgspec.Raw, /) -> Any: ...


class UnknownEvent(Unreadable):
    """The log holds a name that this version does not know."""


class StoredMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of a record's metadata that facts are understood by; the hashes are read by those who verify."""

    correlation_id: UUID = msgspec.field(name="$correlationId")
    causation_id: UUID = msgspec.field(name="$causationId")
    command_id: UUID
    actor: str
    recorded_at: datetime
    reason: str | None = None
    traceparent: str | None = None
    fingerprint: str | None = None


class _Cause(msgspec.Struct, frozen=True, gc=False):
    """The part of a record's metadata that read models look at."""

    actor: str
    recorded_at: datetime
    reason: str | None = None


class _EventView(NamedTuple):
    fact: Any
    position: Position
    recorded_at: datetime
    actor: str
    reason: str | None
    stream: str
    revision: int


class _Unread(Envelope):
    """A message inside another one, decoded at its first use."""

    __slots__ = ("_data", "_name", "_read")

    def __init__(self, name: str, data: Data, read: Callable[[str, Data], Any]) -> None:
        self._message = None
        self._name, self._data, self._read = name, data, read

    @property
    def message(self) -> Any:
        if self._message is None:
            self._message = self._read(self._name, self._data)
        return self._message

    @property
    def name(self) -> str:
        return self._name


_METADATA = msgspec.json.Decoder(StoredMetadata)
_CAUSE = msgspec.json.Decoder(_Cause)

_tuple = tuple.__new__
"""Makes a named tuple in half the time that its own constructor takes."""


@dataclass(slots=True)
class JsonCodec:
    """Facts, commands and states as JSON (RFC 8259), field for field.

    A stored name that is no longer written is brought up to date by its upcaster, link by link.
    """

    upcasters: Mapping[str, Upcaster] = field(default_factory=dict)
    _encoder: msgspec.json.Encoder = field(init=False)
    _decoders: dict[Any, Decoder] = field(default_factory=dict)
    _by_name: dict[str, Callable[[bytes], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._encoder = msgspec.json.Encoder(enc_hook=self._to_json)
        self._decoders[JournalEntry] = JournalEntryDecoder(self._envelope)

    def encode(self, value: object) -> bytes:
        return self._encoder.encode(value)

    def decode(self, data: bytes, into: type[T]) -> T:
        value: T = self._decoder(into).decode(data)
        return value

    def decode_event(self, record: Record) -> Recorded[Any]:
        try:
            return self._understood(record)
        except Exception as fault:
            raise _unreadable(record, fault) from fault

    def _understood(self, record: Record) -> Recorded[Any]:
        position, stream, revision, event_id, name, data, metadata = record
        stored = _METADATA.decode(metadata)
        caused = _tuple(
            Metadata,
            (
                stored.command_id,
                stored.correlation_id,
                stored.causation_id,
                stored.actor,
                stored.reason,
                stored.traceparent,
                stored.fingerprint,
            ),
        )
        read = self._by_name.get(name) or self._reader(name)
        return _tuple(Recorded, (read(data), position, stream, revision, event_id, stored.recorded_at, caused))

    def decode_view(self, record: Record) -> EventView[Any]:
        position, stream, revision, _, name, data, metadata = record
        try:
            cause = _CAUSE.decode(metadata)
            read = self._by_name.get(name) or self._reader(name)
            fields = (read(data), position, cause.recorded_at, cause.actor, cause.reason, stream, revision)
            return _tuple(_EventView, fields)
        except Exception as fault:
            raise _unreadable(record, fault) from fault

    def kind_of(self, name: str) -> type[Any] | None:
        return object if name in self.upcasters else EVENTS.get(name)

    def names_of(self, events: Collection[type[Any]]) -> Collection[str]:
        return {*map(stored_name, events), *self.upcasters}

    def _reader(self, name: str) -> Callable[[bytes], Any]:
        """The decoder of events of this name, made once."""
        read: Callable[[bytes], Any]
        if name in self.upcasters:
            read = partial(self._message, name)
        elif name in EVENTS:
            read = self._decoder(EVENTS[name]).decode
        else:
            raise UnknownEvent(f"No event is called {name}. Is this version older than the log?")
        self._by_name[name] = read
        return read

    def _decoder(self, into: Any) -> Decoder:
        decoder = self._decoders.get(into)
        if decoder is None:
            decoder = self._decoders[into] = msgspec.json.Decoder(into, dec_hook=self._from_json)
        return decoder

    def _message(self, name: str, data: Data) -> Any:
        if name not in self.upcasters and not isinstance(data, dict):
            return self._decoder(_class_of(name)).decode(data)
        fields: dict[str, Any] = data if isinstance(data, dict) else msgspec.json.decode(data)
        while (upcast := self.upcasters.get(name)) is not None:
            name, fields = upcast(fields)
        return msgspec.convert(fields, _class_of(name), dec_hook=self._from_json)

    def _envelope(self, name: str, data: Data) -> Envelope:
        """An envelope that is decoded at its first use; most never are."""
        if name in self.upcasters:
            return Envelope(self._message(name, data))
        _class_of(name)
        return _Unread(name, data, self._message)

    def _to_json(self, value: Any) -> Any:
        if isinstance(value, Envelope):
            return {"type": name_of(value.message), "data": value.message}
        if isinstance(value, Map):
            return dict(value)
        raise NotImplementedError(type(value))

    def _from_json(self, into: Any, value: Any) -> Any:
        if into is Envelope:
            return self._envelope(value["type"], value["data"])
        if get_origin(into) is Map:
            return Map(msgspec.convert(value, dict[get_args(into)], dec_hook=self._from_json))  # type: ignore[misc]
        raise NotImplementedError(into)


def recorded_at(record: Record) -> datetime:
    """When a record was stored, whatever it holds. Raises ValueError."""
    return _CAUSE.decode(record.metadata).recorded_at


def _class_of(name: str) -> type[Any]:
    """Raises UnknownEvent."""
    into = EVENTS.get(name) or COMMANDS.get(name)
    if into is None:
        raise UnknownEvent(f"No event or command is called {name}. Is this version older than the log?")
    return into


def _unreadable(record: Record, fault: Exception) -> Unreadable:
    """The fault with the place where it was met. A hook's fault comes out of msgspec as the cause of another one."""
    fault = fault.__cause__ if isinstance(fault.__cause__, UnknownEvent) else fault
    kind = UnknownEvent if isinstance(fault, UnknownEvent) else Unreadable
    why = str(fault) if isinstance(fault, ValueError) else f"{type(fault).__name__}: {fault}"
    return kind(f"{record.type} in {record.stream} at revision {record.revision} cannot be read: {why}")
