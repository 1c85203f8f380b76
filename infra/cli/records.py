"""Records as JSON lines, made of the stored bytes without reading them."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commands.ports import Record


def as_line(record: "Record") -> bytes:
    """One event, one line; `data` and `metadata` are what is stored."""
    return b'{"position":%d,"stream":%s,"revision":%d,"id":"%s","type":"%s","data":%s,"metadata":%s}\n' % (
        record.position,
        json.dumps(record.stream).encode(),
        record.revision,
        str(record.event_id).encode(),
        record.type.encode(),
        record.data,
        record.metadata,
    )
