"""The history of any stream, event by event as stored, for auditors."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
import strawberry
from strawberry.scalars import JSON

from domain.shared.recorded import Position
from read_api.audit.differences import differences
from read_api.audit.reasons import reason_of
from read_api.audit.scanning import FROM_THE_FIRST, Wanted, scan, scanned
from read_api.audit.sentences import sentence_of
from read_api.audit.states import Change, change_of
from read_api.audit.streams import checked_stream, no_stream
from read_api.graphql.access import STAFF
from read_api.graphql.context import PAST, Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, Number, window
from read_api.graphql.values import described
from read_api.ports import Entry

CURSORS = Cursors("history", Number)
MOST_TYPES = 50


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
    stored_data: str = strawberry.field(description="The data as the text that is stored; the hash covers it.")
    stored_metadata: str = strawberry.field(description="The metadata as the text that is stored, with both hashes.")
    entry: strawberry.Private[Entry]

    @STAFF.null_for_others("What the actor is called: a member of staff by name or address, an API key by its name.")
    async def actor_name(self, info: Info) -> str | None:
        return await info.context.loaders.actor_names.load(self.actor)

    @described("What the event says, in a sentence; None for an event that this version cannot read.")
    def says(self, info: Info) -> str | None:
        recorded = info.context.ports.history.understood(self.entry)
        return None if recorded is None else sentence_of(recorded.fact)

    @described(
        f"What the event changed in the state of its stream. None when the stream has no state, and from revision "
        f"{PAST:,} on."
    )
    async def changes(self, info: Info) -> list[Change] | None:
        past = info.context.past_of(self.stream)
        if past is None or self.revision >= PAST:
            return None
        await past.at(self.revision)
        return [change_of(it) for it in differences(past.shown(self.revision - 1), past.shown(self.revision))]


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
        stored_data=entry.data.decode(),
        stored_metadata=entry.metadata.decode(),
        entry=entry,
    )


Types = Annotated[
    list[str] | None, strawberry.argument(description=f"Stored names, at most {MOST_TYPES}: only events of these.")
]
Actor = Annotated[str | None, strawberry.argument(description="Only what this one did, written as `actor` has it.")]
Since = Annotated[
    datetime | None, strawberry.argument(name="from", description="Only what was recorded then or later.")
]
Until = Annotated[datetime | None, strawberry.argument(name="to", description="Only what was recorded before.")]


async def read_history(
    info: Info,
    stream: str,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    types: Types = None,
    actor: Actor = None,
    since: Since = None,
    until: Until = None,
) -> Connection[HistoryEvent]:
    checked_stream(stream)
    if types is not None and len(types) > MOST_TYPES:
        raise BadUserInput(f"Ask for at most {MOST_TYPES} types of events at once, not for {len(types)}.")
    wanted = Wanted(None if types is None else frozenset(types), actor, since, until)
    history = info.context.ports.history
    asked = window(CURSORS, first, after, last, before)
    if wanted.all:
        found = await scan(history, stream, asked, wanted)
    else:
        async with info.context.turn():
            found = await scan(history, stream, asked, wanted)
    if not found.found and not await history.entries(stream, after=FROM_THE_FIRST, limit=1):
        raise no_stream(stream)
    return scanned(found, CURSORS, _event)


async def find_event(info: Info, stream: str, revision: int) -> HistoryEvent | None:
    """None when the stream has no such revision."""
    checked_stream(stream)
    if revision < 0:
        return None
    entries = await info.context.ports.history.entries(stream, after=revision - 1, limit=1)
    return _event(entries[0]) if entries else None
