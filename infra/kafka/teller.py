"""What a page of the log means to others. The same page means the same messages, however often it is read."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import structlog

from commands.ports import Codec, EventStore, Record
from domain.shared.messages import stored_name
from domain.shared.recorded import Recorded
from published.telling import ALONE, HEARD, WHOLE

KEPT = 20_000
LOOKS = 8

TYPES = tuple(stored_name(fact) for fact in HEARD)
"""Stored names of the facts that others may hear of."""

log = structlog.get_logger()


class Told(NamedTuple):
    """A fact and what it means; `message` is None and `error` said when it cannot be told."""

    record: Record
    recorded: Recorded[Any] | None
    message: Any
    error: str | None = None


@dataclass(slots=True)
class Teller:
    """Remembers how aggregates stood when it last told of them, and reads up what it does not remember."""

    store: EventStore
    codec: Codec
    _states: "OrderedDict[str, tuple[int, Any]]" = field(default_factory=OrderedDict)

    async def tell(self, records: Sequence[Record]) -> list[Told]:
        """Messages in the order of their facts. Raises StoreUnavailable."""
        await self._read_up(records)
        return [told for record in records if (told := self._told(record)) is not None]

    def _told(self, record: Record) -> Told | None:
        try:
            recorded = self.codec.understand(record)
            fact = recorded.fact
            if (alone := ALONE.get(type(fact))) is not None:
                message = alone(fact)
            else:
                message = WHOLE[type(fact)].tell(fact, self._state_after(recorded))
        except Exception as error:
            log.exception("event cannot be published", position=record.position, type=record.type)
            return Told(record, None, None, f"{type(error).__name__}: {error}")
        return None if message is None else Told(record, recorded, message)

    def _state_after(self, recorded: Recorded[Any]) -> Any:
        decider = WHOLE[type(recorded.fact)].decider
        revision, state = self._states.pop(recorded.stream, (-1, decider.initial))
        if revision != recorded.revision - 1:
            raise ValueError(f"{recorded.stream} is known up to {revision}, and {recorded.revision} is told of")
        state = decider.evolve(state, recorded.fact)
        self._states[recorded.stream] = (recorded.revision, state)
        return state

    async def _read_up(self, records: Sequence[Record]) -> None:
        """Get the state before the first fact of each stream, where it is not the one that is remembered."""
        whole = {stored_name(fact): it.decider for fact, it in WHOLE.items()}
        first: dict[str, Record] = {}
        for record in records:
            if record.type in whole:
                first.setdefault(record.stream, record)
        missing = [record for record in first.values() if self._known(record.stream) != record.revision - 1]
        for _, group in groupby(enumerate(missing), lambda numbered: numbered[0] // LOOKS):
            await asyncio.gather(*(self._read(record, whole[record.type]) for _, record in group))
        while len(self._states) > KEPT + len(first):
            self._states.popitem(last=False)

    def _known(self, stream: str) -> int:
        return self._states[stream][0] if stream in self._states else -1

    async def _read(self, before: Record, decider: Any) -> None:
        known, state = self._states.pop(before.stream, (-1, decider.initial))
        if known >= before.revision:
            known, state = -1, decider.initial
        if before.revision > 0:
            earlier = await self.store.read(before.stream, after=known, limit=before.revision - 1 - known)
            try:
                state = decider.replay((self.codec.understand(record).fact for record in earlier), since=state)
            except Exception:
                log.exception("stream cannot be read", stream=before.stream)
                return
        self._states[before.stream] = (before.revision - 1, state)
