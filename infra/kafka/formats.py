"""How the data of a message is written: JSON for everybody, or Avro with a registry."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Protocol

import fastavro
import msgspec

from infra.kafka.schemas import avro_schema, json_schema
from published.message import Kind, kind_of
from published.registry import KINDS

MAGIC = b"\0"
"""What a value begins with whose schema is in a registry, before its id in four bytes (Confluent's wire format)."""


class Format(Protocol):
    """One way to write the data of messages."""

    @property
    def name(self) -> str:
        """As registries call it."""
        ...

    @property
    def content_type(self) -> str: ...

    @property
    def schema_of(self) -> Callable[[Kind], dict[str, Any]]: ...

    def encoder(self, ids: Mapping[str, int]) -> Callable[[Any], bytes]:
        """Writes messages whose schemas have these ids in the registry (empty: there is none)."""
        ...


@dataclass(frozen=True, slots=True)
class Json:
    """Plain JSON; a header has the address of the schema."""

    name: str = "JSON"
    content_type: str = "application/json"
    schema_of: Callable[[Kind], dict[str, Any]] = json_schema

    def encoder(self, ids: Mapping[str, int]) -> Callable[[Any], bytes]:  # noqa: ARG002 - JSON needs no schema to be read
        return msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Avro:
    """Avro's binary encoding behind the id of the schema, as Confluent's clients read it."""

    name: str = "AVRO"
    content_type: str = "application/avro"
    schema_of: Callable[[Kind], dict[str, Any]] = avro_schema

    def encoder(self, ids: Mapping[str, int]) -> Callable[[Any], bytes]:
        schemas = {kind.name: fastavro.parse_schema(avro_schema(kind)) for kind in KINDS.values()}
        heads = {name: MAGIC + number.to_bytes(4, "big") for name, number in ids.items()}

        def encode(message: Any) -> bytes:
            name = kind_of(message).name
            out = BytesIO()
            out.write(heads[name])
            fastavro.schemaless_writer(out, schemas[name], msgspec.to_builtins(message, builtin_types=(datetime,)))
            return out.getvalue()

        return encode


FORMATS: Mapping[str, Format] = {"json": Json(), "avro": Avro()}


def as_text(schema: dict[str, Any]) -> str:
    """A schema as registries take it."""
    return json.dumps(schema, separators=(",", ":"))
