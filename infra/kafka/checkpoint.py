"""How far the log was published: a record in a topic of its own, written in the transaction of the next messages."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from aiokafka import TopicPartition

from commands.ports import Seen
from domain.shared.recorded import START, Position
from infra.kafka.committed_reads import CommittedReads, Offsets

KEY = b"checkpoint"
WINDOW = 64


class Checkpoint(msgspec.Struct, frozen=True):
    """All messages about events up to `position` are published, before `ends`.

    Behind the ends (offsets by topic and partition) there may be later messages. Records of older versions have no
    ends: there are none. `event_id` is the id of the last event of the log up to `event_position`.
    """

    position: int = START
    event_position: int = START
    event_id: str | None = None
    ends: dict[str, dict[int, int]] | None = None

    def passed(self, seen: Seen) -> "Checkpoint":
        """The checkpoint after a page."""
        if seen.event_id is None:
            return msgspec.structs.replace(self, position=seen.position)
        return Checkpoint(seen.position, seen.position, str(seen.event_id))

    @property
    def seen(self) -> Sequence[Seen]:
        """Events by which the log is recognised."""
        known = [Seen(Position(self.event_position), UUID(self.event_id))] if self.event_id is not None else []
        return [Seen(Position(self.position), None), *known]

    def up_to(self, position: int, ends: Offsets) -> "Checkpoint":
        """As it is written: published up to that position, before these ends."""
        nested: dict[str, dict[int, int]] = {}
        for place, end in ends.items():
            nested.setdefault(place.topic, {})[place.partition] = end
        return Checkpoint(position, self.event_position, self.event_id, nested)

    def starts(self, ends: Offsets) -> dict[TopicPartition, int]:
        """Where later messages start in these partitions. A topic that was made anew is read from its start."""
        known = self.ends
        if known is None:
            return dict(ends)
        behind = {place: known.get(place.topic, {}).get(place.partition, 0) for place in ends}
        return {place: start if start <= ends[place] else 0 for place, start in behind.items()}


def encoded(checkpoint: Checkpoint) -> bytes:
    return msgspec.json.encode(checkpoint)


async def last_checkpoint(shown: CommittedReads, place: TopicPartition, end: int) -> Checkpoint:
    """The last one that is shown in front of `end`; the beginning, if there is none. Raises KafkaError.

    Read from the end backwards: the topic is compacted, but late.
    """
    begin = await shown.begin(place)
    window, start = WINDOW, end
    while start > begin:
        start = max(begin, end - window)
        if found := await shown.between({place: start}, {place: end}):
            return msgspec.json.decode(found[-1].value, type=Checkpoint)
        window *= 8
    return Checkpoint(ends={})
