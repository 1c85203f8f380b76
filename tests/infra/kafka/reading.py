"""What a reader of committed messages gets to see."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

PARTITIONS = 3
PATIENCE = 120.0


class Got(NamedTuple):
    """A message as it was read: its attributes, key and data, and where it was."""

    attributes: dict[str, str]
    key: str
    value: bytes
    partition: int


async def committed(broker: str, topic: str, partitions: int = PARTITIONS) -> list[Got]:
    """All messages up to the present end, partition by partition."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=broker, isolation_level="read_committed") as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(places)
        found = list[Got]()
        for place in places:
            while await consumer.position(place) < ends[place]:
                for record in (await consumer.getmany(place, timeout_ms=100)).get(place, ()):
                    attributes = {name: value.decode() for name, value in record.headers}
                    found.append(Got(attributes, record.key.decode(), record.value, record.partition))
        return found


async def until(reached: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(patience):
        while not reached():  # noqa: ASYNC110 - what is waited for lies outside
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(work: Any) -> AsyncIterator[asyncio.Task[Any]]:
    """Do the work beside the test. What it raises comes out at the end, unless it was still at work."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def ids(messages: Sequence[Got]) -> list[str]:
    return [message.attributes["ce_id"] for message in messages]
