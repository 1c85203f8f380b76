"""The history of any stream, event by event as stored, for auditors."""

from datetime import datetime
from uuid import UUID

import msgspec
import strawberry
from strawberry.scalars import JSON

from domain.shared.recorded import Position
from projections.engine.paging import Page
from read_api.audit.reasons import reason_of
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput, NotThere
from read_api.graphql.relay import After, Connection, Cursors, First, Number, connection, window
from read_api.ports import Entry

CURSORS = Cursors("history", Number)
FROM_THE_FIRST = -1
LONGEST_NAME = 200


@strawberry.type(description="An event as stored.")
class HistoryEvent:
    position: Position
    stream: str
    revision: int
    event_id: UUID
    type: str
    recorded_at: datetime
    actor: str
    reason: str | None = strawberry.field(description="As the command was given, or else as the event says itself.")
    data: JSON
    metadata: JSON
    hash: str = strawberry.field(description="SHA-256 over the stored event; it covers the hash of the one before.")


def _event(entry: Entry) -> HistoryEvent:
    metadata, data = msgspec.json.decode(entry.metadata), msgspec.json.decode(entry.data)
    return HistoryEvent(
        position=entry.position,
        stream=entry.stream,
        revision=entry.revision,
        event_id=entry.event_id,
        type=entry.type,
        recorded_at=msgspec.convert(metadata["recorded_at"], datetime),
        actor=metadata["actor"],
        reason=reason_of(data, metadata),
        data=data,
        metadata=metadata,
        hash=metadata["hash"],
    )


async def read_history(info: Info, stream: str, first: First = None, after: After = None) -> Connection[HistoryEvent]:
    if not 0 < len(stream) <= LONGEST_NAME:
        raise BadUserInput(f"A stream has a name of 1 to {LONGEST_NAME} characters, such as `order-<id>`.")
    asked = window(CURSORS, first, after)
    (place,) = asked.after or (FROM_THE_FIRST,)
    history = info.context.ports.history
    entries = await history.entries(stream, after=place, limit=asked.size + 1)
    if not entries and (asked.after is None or not await history.entries(stream, after=FROM_THE_FIRST, limit=1)):
        raise NotThere(f"There is no stream {stream!r}. Look for it in the timeline of an order, or in the log.")
    page = Page(
        items=[((entry.revision,), entry) for entry in entries[: asked.size]],
        more_before=asked.after is not None,
        more_after=len(entries) > asked.size,
    )
    return connection(page, CURSORS, _event)
