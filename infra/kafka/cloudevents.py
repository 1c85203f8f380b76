"""CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the value is the data and nothing else."""

from typing import Any
from uuid import UUID

import msgspec

from domain.shared.derived import derived_id
from domain.shared.recorded import Recorded
from published.message import Kind, kind_of

TYPE = "counterfoil"
CONTENT_TYPE = "content-type"
ID = "ce_id"
WIDTH = 20


class Outgoing(msgspec.Struct, frozen=True):
    """A message for the broker. It is skipped if one with any of its `names` is published already."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    names: tuple[str, ...] = ()


def type_of(kind: Kind) -> str:
    return f"{TYPE}.{kind.name}"


def id_of(event_id: UUID, kind: str) -> str:
    """The id of an event's message, derived from the id of the event: the same whenever it is made."""
    return str(derived_id(event_id, kind))


def headers(message: Any, recorded: Recorded[Any], source: str, schema: str | None) -> list[tuple[str, bytes]]:
    """The attributes (CloudEvents 1.0.2, section 3; Kafka binding, section 3.2.3).

    `sequence` (an extension) is the position in the log: text that sorts like the number.
    """
    kind, metadata = kind_of(message), recorded.metadata
    key = getattr(message, kind.key)
    attributes = {
        "specversion": "1.0",
        "id": id_of(recorded.event_id, kind.name),
        "source": source,
        "type": type_of(kind),
        "subject": key,
        "time": recorded.recorded_at.isoformat(),
        "dataschema": schema,
        "partitionkey": key,
        "sequence": str(recorded.position).zfill(WIDTH),
        "correlationid": str(metadata.correlation_id),
        "traceparent": metadata.traceparent,
    }
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items() if value is not None]
