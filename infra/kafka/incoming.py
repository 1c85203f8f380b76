"""A message of a feed, read from a record: a CloudEvent in binary or structured mode."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from domain.shared.derived import derived_id
from infra.kafka.cloudevents import type_of
from published.feeds import TOPIC
from published.registry import KINDS

NAMESPACE = UUID("c41cbb0c-6a2b-5b0e-9d7e-0f5a1a3f8d42")
"""Of command ids that follow from a message. Never changes, or a message of yesterday would mean a new command."""

LONGEST = 200
STRUCTURED = "application/cloudevents+json"
SHAPES = {type_of(kind): kind.shape for kind in KINDS.values() if kind.topic == TOPIC}


class Unreadable(Exception):
    """It is no message that this shop takes in; the words say why."""


class Raw(msgspec.Struct, frozen=True):
    """A record as it came, which is all that is needed to try again."""

    place: str
    headers: dict[str, str]
    key: bytes
    value: bytes


class Incoming(msgspec.Struct, frozen=True):
    """A message by its name: two with one source and id are one (CloudEvents 1.0.2, section 3)."""

    source: str
    id: str
    type: str
    raw: Raw

    @property
    def command_id(self) -> UUID:
        return derived_id(NAMESPACE, f"{self.source}\n{self.id}")

    @property
    def fingerprint(self) -> str:
        return sha256(f"{self.type}\n".encode() + self.raw.value).hexdigest()


class _Envelope(msgspec.Struct):
    specversion: str
    id: str
    source: str
    type: str
    data: msgspec.Raw = msgspec.Raw(b"null")


def named(raw: Raw) -> Incoming:
    """The message's name; one that has none is called after its place, and is found unreadable later."""
    try:
        attributes = _attributes(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        attributes = {}
    source, number, kind = (attributes.get(name, "") for name in ("source", "id", "type"))
    if not source or not number or len(source) > LONGEST or len(number) > LONGEST:
        return Incoming("", raw.place, kind[:LONGEST], raw)
    return Incoming(source, number, kind[:LONGEST], raw)


def understood(incoming: Incoming) -> Any:
    """The data of a message, as a message of the language. Raises Unreadable."""
    if not incoming.source:
        raise Unreadable(f"It has no CloudEvents source and id of 1 to {LONGEST} characters.")
    if incoming.type not in SHAPES:
        raise Unreadable(f"The type {incoming.type!r} is not one of {', '.join(SHAPES)}.")
    try:
        return msgspec.json.decode(_data(incoming.raw), type=SHAPES[incoming.type])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"The data is not a {incoming.type}: {error}.") from error


def _is_structured(raw: Raw) -> bool:
    return raw.headers.get("content-type", "").startswith(STRUCTURED)


def _attributes(raw: Raw) -> Mapping[str, str]:
    if _is_structured(raw):
        envelope = msgspec.json.decode(raw.value, type=_Envelope)
        return {"source": envelope.source, "id": envelope.id, "type": envelope.type}
    return {name.removeprefix("ce_"): value for name, value in raw.headers.items()}


def _data(raw: Raw) -> bytes | msgspec.Raw:
    return msgspec.json.decode(raw.value, type=_Envelope).data if _is_structured(raw) else raw.value
