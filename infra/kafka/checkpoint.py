"""How far the log was published: a record in a topic of its own, written in the transaction of the messages."""

import asyncio

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from commands.ports import Record
from domain.shared.recorded import START, Position
from infra.kafka.broker import Broker

KEY = b"checkpoint"
WINDOW = 64
PATIENCE = 30.0


class Checkpoint(msgspec.Struct, frozen=True):
    """`position` has been passed; `event_id` is the event that was last looked at, at `event_position`."""

    position: int = START
    event_position: int = START
    event_id: str | None = None

    def passed(self, position: Position, record: Record | None) -> "Checkpoint":
        """The checkpoint after a page."""
        if record is None:
            return Checkpoint(position, self.event_position, self.event_id)
        return Checkpoint(position, record.position, str(record.event_id))


def encoded(checkpoint: Checkpoint) -> bytes:
    return msgspec.json.encode(checkpoint)


async def last_checkpoint(broker: Broker, topic: str) -> Checkpoint:
    """The last one that was committed; the beginning, if there is none. Raises KafkaError.

    Read from the end backwards: the topic is compacted, but late. Whoever asks holds the transactional id, so nobody
    else's transaction is open any more.
    """
    place = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        **broker.client,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign([place])
        begin = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        window, start = WINDOW, end
        while start > begin:
            start = max(begin, end - window)
            if (found := await _last_between(consumer, place, start, end)) is not None:
                return msgspec.json.decode(found, type=Checkpoint)
            window *= 8
        return Checkpoint()
    finally:
        await consumer.stop()


async def _last_between(consumer: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> bytes | None:
    """The last value in a stretch; markers of transactions and aborted records take offsets, and are not told."""
    consumer.seek(place, start)
    found = None
    try:
        async with asyncio.timeout(PATIENCE):
            while await consumer.position(place) < end:
                for record in (await consumer.getmany(place, timeout_ms=200)).get(place, ()):
                    found = record.value if record.offset < end else found
    except TimeoutError:
        raise KafkaTimeoutError(f"{place.topic} was not read to its end within {PATIENCE:.0f} s") from None
    return found
