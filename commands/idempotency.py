"""Whether a command was carried out before: ids of events are derived from the id of their command (ADR 9)."""

from dataclasses import dataclass
from uuid import UUID

from commands.ports import Appended, Codec, EventStore
from commands.stream_cache import CachedStream
from domain.shared.derived import derived_id
from domain.shared.errors import Invalid
from domain.shared.recorded import Metadata

MOST_EVENTS = 1_000
"""Of one command."""


class CommandIdReused(Invalid):
    """The command id was used before, for another request."""

    def __init__(self) -> None:
        super().__init__("This key was used for another request. Use a new key.")


def event_id(metadata: Metadata, number: int) -> UUID:
    """The id of the n-th event of a command, known before the event is: the store recognises a repeat by it."""
    return derived_id(metadata.command_id, str(number))


def remembered(cached: CachedStream, metadata: Metadata) -> Appended | None:
    """Where the command's events stand, if the cached stream holds its answer. Raises CommandIdReused."""
    if (done := cached.done.get(metadata.command_id)) is None:
        return None
    if done.fingerprint != metadata.fingerprint:
        raise CommandIdReused
    return done.at


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """Finds the events of commands that were carried out earlier."""

    store: EventStore
    codec: Codec

    async def find(self, stream: str, cached: CachedStream, metadata: Metadata) -> Appended | None:
        """Return where the command's events stand, or None if it was not carried out. Raises CommandIdReused.

        `cached` has to be caught up. It remembers the latest commands; of older ones the store knows.
        """
        if (done := remembered(cached, metadata)) is not None or cached.remembers_all:
            return done
        first = await self.store.find(stream, event_id(metadata, 0))
        return None if first is None else await self.last_event(stream, first.revision, metadata)

    async def last_event(self, stream: str, revision: int, metadata: Metadata) -> Appended:
        """Return where the last event of a command stands that has one at this revision. Raises CommandIdReused."""
        records = await self.store.read(stream, after=revision - 1, limit=MOST_EVENTS)
        position = records[0].position
        for record in records:
            recorded = self.codec.decode_event(record)
            if recorded.metadata.command_id != metadata.command_id:
                break
            if recorded.metadata.fingerprint != metadata.fingerprint:
                raise CommandIdReused
            position, revision = recorded.position, recorded.revision
        return Appended(position, revision, repeated=True)
