"""Where a session begins, whatever the last one left: what it left open is aborted, what it told is not told again."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec
import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition

from infra.kafka.checkpoint import KEY, Checkpoint, last_checkpoint
from infra.kafka.cloudevents import ID
from infra.kafka.committed_reads import CommittedReads, Undecided
from infra.kafka.dead_letters import Letter
from infra.kafka.topics import CHECKPOINT, DEAD_LETTERS, Topics

ENDS_WITHIN = 30.0

log = structlog.get_logger()


class Recovery(NamedTuple):
    """The last checkpoint; from where to where what was told behind it stands in each partition, and its names."""

    checkpoint: Checkpoint
    starts: dict[TopicPartition, int]
    ends: dict[TopicPartition, int]
    translated: frozenset[str]


async def recover(producer: AIOKafkaProducer, shown: CommittedReads, topics: Topics) -> Recovery:
    """Look at everything there is, when the producer has its id and nobody else can write. Raises KafkaError."""
    place = TopicPartition(topics.of(CHECKPOINT), 0)
    places = [
        TopicPartition(topic, number) for topic in topics.all() for number in await producer.partitions_for(topic)
    ]
    try:
        ends = await shown.ends(places)
    except Undecided as left:
        log.warning("transaction left open is aborted", places=[f"{it.topic}-{it.partition}" for it in left.places])
        await _abort(producer, left.places)
        ends = await shown.ends(places)
    checkpoint = await last_checkpoint(shown, place, ends.pop(place))
    starts = checkpoint.starts(ends)
    since = await shown.between(starts, ends)
    return Recovery(checkpoint, starts, ends, frozenset(_name(record, topics) for record in since))


async def _abort(producer: AIOKafkaProducer, places: Collection[TopicPartition]) -> None:
    """Abort what is undecided there, for nobody was shown it: with a record of ours, as both have one end.

    Should we die over it, whoever comes next aborts both as well.
    """
    async with asyncio.timeout(ENDS_WITHIN):
        await producer.begin_transaction()
        sent = [await producer.send(it.topic, value=b"", key=KEY, partition=it.partition) for it in places]
        await asyncio.gather(*sent)
        await producer.abort_transaction()


def _name(record: "ConsumerRecord[Any, Any]", topics: Topics) -> str:
    if record.topic == topics.of(DEAD_LETTERS):
        return msgspec.json.decode(record.value, type=Letter).name
    headers: Mapping[str, bytes] = dict(record.headers)
    return headers.get(ID, b"").decode()
