"""What the log keeps: records, and what their streams' metadata say of them."""

import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

DELETED: Final = 2**63 - 1
"""The revision of a tombstone, and the `$tb` of a stream that was deleted softly."""

ANY, NO_STREAM, EXISTS = -2, -1, -4

LINK = "$>"
METADATA = "$metadata"
TOMBSTONE = "$streamDeleted"


@dataclass(frozen=True, slots=True)
class Proposed:
    """An event that a client wants written."""

    id: UUID
    type: str
    data: bytes
    metadata: bytes = b""
    is_json: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """An event that is written. `created` counts 100 ns since 1970."""

    position: int
    stream: str
    revision: int
    id: UUID
    type: str
    data: bytes
    metadata: bytes
    is_json: bool
    created: int

    @property
    def size(self) -> int:
        return 96 + len(self.stream.encode()) + len(self.type.encode()) + len(self.data) + len(self.metadata)


@dataclass(frozen=True, slots=True)
class StreamMetadata:
    """What a `$$stream` says. A stream without one has the empty one."""

    truncate_before: int | None = None
    max_count: int | None = None
    max_age: int | None = None
    acl: dict[str, Any] | None = None

    @property
    def soft_deleted(self) -> bool:
        return self.truncate_before == DELETED


def parsed_metadata(data: bytes) -> StreamMetadata:
    """Metadata that is no JSON object says nothing, as in the real server."""
    try:
        said = json.loads(data)
        return StreamMetadata(
            truncate_before=None if (tb := said.get("$tb")) is None else int(tb),
            max_count=None if (count := said.get("$maxCount")) is None else int(count),
            max_age=None if (age := said.get("$maxAge")) is None else int(age),
            acl=said.get("$acl"),
        )
    except (ValueError, TypeError, AttributeError):
        return StreamMetadata()


def metastream_of(stream: str) -> str:
    return f"$${stream}"


def is_metastream(stream: str) -> bool:
    return stream.startswith("$$")
