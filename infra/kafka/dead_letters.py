"""Dead letters: events that could not be published, and which of them still wait."""

import asyncio
from collections import Counter
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from commands.ports import Codec, EventStore
from domain.publication.events import PublicationRequested
from domain.shared.recorded import START
from infra.kafka.broker import Broker
from infra.kafka.topics import DEAD_LETTERS, Topics

PAGE, PATIENCE = 1_000, 30.0


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """The place of the event, and the error. `asked`: after how many requests to publish it again."""

    position: int
    stream: str
    revision: int
    event_id: UUID
    type: str
    error: str
    asked: int = 0

    @property
    def name(self) -> str:
        """The name of the letter: another one each time that the event could not be published."""
        return name_of(self.event_id, self.asked)


def name_of(event_id: UUID, asked: int) -> str:
    """The name of the letter about an event that could not be published after so many requests."""
    return f"{event_id}/{asked}"


async def waiting(broker: Broker, topics: Topics, store: EventStore, codec: Codec) -> list[Letter]:
    """Letters whose event was not requested again, oldest event first. Raises KafkaError, StoreUnavailable."""
    last: dict[UUID, Letter] = {}
    for letter in await _written(broker, topics.of(DEAD_LETTERS)):
        if (known := last.get(letter.event_id)) is None or known.asked <= letter.asked:
            last[letter.event_id] = letter
    asked = await _asked(store, codec) if last else Counter()
    return sorted((it for it in last.values() if it.asked >= asked[it.event_id]), key=lambda it: it.position)


async def _asked(store: EventStore, codec: Codec) -> Counter[UUID]:
    """How often each event was asked for again."""
    found, position, names = Counter[UUID](), START, codec.names_of([PublicationRequested])
    while True:
        page = await store.read_all(after=position, limit=PAGE, types=names)
        facts = [codec.decode_event(record).fact for record in page.records]
        found.update(fact.event_id for fact in facts if isinstance(fact, PublicationRequested))
        position = page.position
        if len(page.records) < PAGE:
            return found


async def _written(broker: Broker, topic: str) -> list[Letter]:
    """All letters that were committed until now, partition by partition."""
    async with broker.admin() as admin:
        (described,) = await admin.describe_topics([topic])
    places = [TopicPartition(topic, one["partition"]) for one in described["partitions"]]
    consumer = AIOKafkaConsumer(
        **broker.client, isolation_level="read_committed", enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE):
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            return [letter for place in places for letter in await _in(consumer, place, ends[place])]
    except TimeoutError:
        raise KafkaTimeoutError(f"{topic} was not read to its end within {PATIENCE:.0f} s") from None
    finally:
        await consumer.stop()


async def _in(consumer: AIOKafkaConsumer, place: TopicPartition, end: int) -> list[Letter]:
    found = list[Letter]()
    while await consumer.position(place) < end:
        records = (await consumer.getmany(place, timeout_ms=200)).get(place, ())
        found += [msgspec.json.decode(record.value, type=Letter) for record in records]
    return found
