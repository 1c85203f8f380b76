"""Publish an event again that could not be published in its turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from commands.ports import Codec, EventStore, Record
from domain.publication.events import PublicationRequested
from domain.shared.recorded import Position, Recorded
from infra.kafka.translated import Translated, why
from published.translation import ALONE, WHOLE, Whole

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Republish:
    """Looks up what was asked for, and makes its message as it would have been.

    A message of a compacted topic holds the whole state of its aggregate, and consumers keep the last one. One that is
    published behind a later one of its aggregate would replace it by an older state, so it is not published any more.
    """

    store: EventStore
    codec: Codec

    async def translate(self, asked: Recorded[PublicationRequested]) -> Translated | None:
        """None when there is nothing left to tell. Raises StoreUnavailable."""
        fact = asked.fact
        translated = await self.meaning(fact.stream, fact.revision, fact.event_id, before=asked.position)
        if translated is None:
            log.info("event is not published again", stream=fact.stream, revision=fact.revision)
            return None
        return translated._replace(asked=asked.revision + 1)

    async def meaning(self, stream: str, revision: int, event_id: UUID, before: Position | None) -> Translated | None:
        """What would be published, given the records before that position. Raises StoreUnavailable."""
        records = await self.store.read(stream, after=revision - 1, limit=1)
        if not records or (record := records[0]).event_id != event_id:
            return None
        try:
            recorded = self.codec.decode_event(record)
            if (alone := ALONE.get(type(recorded.fact))) is not None:
                message = alone(recorded.fact)
            else:
                translated = [one for one in await self.store.read(stream) if before is None or one.position < before]
                message = self._whole(WHOLE[type(recorded.fact)], translated, revision)
        except Exception as error:
            return Translated(record, None, None, why(error))
        return None if message is None else Translated(record, recorded, message)

    def _whole(self, whole: Whole, records: Sequence[Record], wanted: int) -> Any:
        """The message, unless a later one replaces it. Of a stream that cannot be read nothing later was published."""
        state, message = whole.decider.initial, None
        for record in records:
            try:
                fact = self.codec.decode_event(record).fact
                state = whole.decider.evolve(state, fact)
                means = whole.translate(fact, state)
            except Exception:
                if record.revision <= wanted:
                    raise
                break
            if record.revision == wanted:
                message = means
            elif record.revision > wanted and means is not None:
                return None
        return message
