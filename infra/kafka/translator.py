"""What a page of the log means to others. The same page means the same messages, however often it is read."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from cachetools import LRUCache

from commands.ports import Codec, EventStore, Record
from domain.publication.events import PublicationRequested
from domain.shared.recorded import Recorded
from infra.kafka.republish import Republish
from infra.kafka.translated import Translated, why
from published.translation import ALONE, HEARD, WHOLE

KEPT = 20_000
"""Streams. A page of the log touches fewer, so those that a page needs stay cached while it is translated."""

LOOKS = 8

log = structlog.get_logger()


@dataclass(slots=True)
class Translator:
    """Caches the states of aggregates at their last message, and reads the streams of those that are not cached."""

    store: EventStore
    codec: Codec
    _states: LRUCache[str, tuple[int, Any]] = field(default_factory=lambda: LRUCache(KEPT))

    @property
    def types(self) -> Collection[str]:
        """Stored names under which the log may hold what others hear of, or are to hear of again."""
        return self.codec.names_of((*HEARD, PublicationRequested))

    async def translate(self, records: Sequence[Record]) -> list[Translated]:
        """Messages in the order of their facts. Raises StoreUnavailable."""
        read = [self._read(record) for record in records]
        await self._read_up([it for it in read if isinstance(it, Recorded) and type(it.fact) in WHOLE])
        translated = [await self._meant(record, it) for record, it in zip(records, read, strict=True)]
        return [one for one in translated if one is not None]

    def _read(self, record: Record) -> Recorded[Any] | str:
        """The fact, or why it cannot be read."""
        try:
            return self.codec.decode_event(record)
        except Exception as error:
            return _why(record, error)

    async def _meant(self, record: Record, recorded: Recorded[Any] | str) -> Translated | None:
        if isinstance(recorded, Recorded) and isinstance(recorded.fact, PublicationRequested):
            return await Republish(self.store, self.codec).translate(recorded)
        return self._translated(record, recorded)

    def _translated(self, record: Record, recorded: Recorded[Any] | str) -> Translated | None:
        if isinstance(recorded, str):
            return Translated(record, None, None, recorded)
        fact = recorded.fact
        try:
            if (alone := ALONE.get(type(fact))) is not None:
                message = alone(fact)
            elif (whole := WHOLE.get(type(fact))) is not None:
                message = whole.translate(fact, self._state_after(recorded))
            else:
                return None
        except Exception as error:
            return Translated(record, None, None, _why(record, error))
        return None if message is None else Translated(record, recorded, message)

    def _state_after(self, recorded: Recorded[Any]) -> Any:
        decider = WHOLE[type(recorded.fact)].decider
        revision, state = self._states.pop(recorded.stream, (-1, decider.initial))
        if revision != recorded.revision - 1:
            raise ValueError(f"{recorded.stream} is known up to {revision}, and {recorded.revision} is translated")
        state = decider.evolve(state, recorded.fact)
        self._states[recorded.stream] = (recorded.revision, state)
        return state

    async def _read_up(self, facts: Sequence[Recorded[Any]]) -> None:
        """Get the state before the first fact of each stream, where it is not the one that is remembered."""
        first: dict[str, Recorded[Any]] = {}
        for recorded in facts:
            first.setdefault(recorded.stream, recorded)
        missing = [it for it in first.values() if self._known(it.stream) != it.revision - 1]
        for start in range(0, len(missing), LOOKS):
            await asyncio.gather(*map(self._fold_before, missing[start : start + LOOKS]))

    def _known(self, stream: str) -> int:
        return self._states.get(stream, (-1, None))[0]

    async def _fold_before(self, recorded: Recorded[Any]) -> None:
        decider = WHOLE[type(recorded.fact)].decider
        known, state = self._states.pop(recorded.stream, (-1, decider.initial))
        if known >= recorded.revision:
            known, state = -1, decider.initial
        if recorded.revision > 0:
            earlier = await self.store.read(recorded.stream, after=known, limit=recorded.revision - 1 - known)
            try:
                state = decider.replay((self.codec.decode_event(record).fact for record in earlier), since=state)
            except Exception:
                log.exception("stream cannot be read", stream=recorded.stream)
                return
        self._states[recorded.stream] = (recorded.revision - 1, state)


def _why(record: Record, error: Exception) -> str:
    log.error("event cannot be published", position=record.position, type=record.type, exc_info=error)
    return why(error)
