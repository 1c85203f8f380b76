"""Where a session starts: open transactions of the last session are aborted, its messages are not published again."""

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
    """The last checkpoint, and the messages published behind it: offsets by partition, and their names."""

    checkpoint: Checkpoint
    starts: dict[TopicPartition, int]
    ends: dict[TopicPartition, int]
    translated: frozenset[str]


async def recover(producer: AIOKafkaProducer, shown: CommittedReads, topics: Topics) -> Recovery:
    """Read what the topics hold, after the producer got its id and fenced off all others. Raises KafkaError."""
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
    """Abort open transactions in these partitions, which no consumer has read, by a record of ours that is aborted too.

    If this process is killed before the end, the next session aborts both.
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
