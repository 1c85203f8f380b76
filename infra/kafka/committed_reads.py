"""What consumers that read committed messages can read of our topics.

They read nothing behind the start of an open transaction. A broker that loses its leadership at the wrong moment
reports a transaction as committed and ends it in some partitions only, or in none: the next producer with the same
transactional id commits or aborts the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from infra.kafka.broker import PATIENCE_MS, Broker

SETTLES_WITHIN = 3.0
LOOK_EVERY = 0.005
PATIENCE = 30.0

Offsets = Mapping[TopicPartition, int]


class Undecided(KafkaError):  # type: ignore[misc]
    """A transaction was said to be over, and is not in these partitions."""

    def __init__(self, places: Collection[TopicPartition]) -> None:
        self.places = places
        names = ", ".join(sorted(f"{place.topic}-{place.partition}" for place in places))
        super().__init__(f"the broker has not ended a transaction in {names}")


@dataclass(frozen=True, slots=True)
class CommittedReads:
    """Looks at the ends of partitions as often as it is asked, through two clients that stay connected."""

    broker: Broker
    _everything: AIOKafkaConsumer
    _committed: AIOKafkaConsumer

    async def ends(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Where they end, once readers are shown all that is there or was aborted. Raises Undecided, KafkaError."""
        written: Offsets = await self._everything.end_offsets(places)
        clock = asyncio.get_running_loop().time
        begun = clock()
        while True:
            shown: dict[TopicPartition, int] = await self._committed.end_offsets(places)
            if not (left := {place for place, end in shown.items() if end < written[place]}):
                return shown
            if clock() - begun > SETTLES_WITHIN:
                raise Undecided(left)
            await asyncio.sleep(LOOK_EVERY)

    async def begin(self, place: TopicPartition) -> int:
        """The first offset that is still kept. Raises KafkaError."""
        begins: Offsets = await self._committed.beginning_offsets([place])
        return begins[place]

    async def between(self, starts: Offsets, ends: Offsets) -> list[ConsumerRecord[Any, Any]]:
        """What is shown from `starts` to `ends`, of each partition in its order. Raises KafkaError.

        Markers of transactions and aborted records take offsets, and are not shown.
        """
        left = [place for place, end in ends.items() if starts[place] < end]
        found = list[ConsumerRecord[Any, Any]]()
        if not left:
            return found
        async with _client(self.broker, "read_committed") as consumer:
            consumer.assign(left)
            for place in left:
                consumer.seek(place, starts[place])
            try:
                async with asyncio.timeout(PATIENCE) as patience:
                    while left:
                        for place, records in (await consumer.getmany(*left, timeout_ms=200)).items():
                            found += [record for record in records if record.offset < ends[place]]
                            patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                        left = [place for place in left if await consumer.position(place) < ends[place]]
            except TimeoutError:
                raise KafkaTimeoutError(f"nothing was read of {left} for {PATIENCE:.0f} s") from None
        return found


@asynccontextmanager
async def looking(broker: Broker) -> AsyncIterator[CommittedReads]:
    """Raises KafkaError."""
    async with _client(broker, "read_uncommitted") as everything, _client(broker, "read_committed") as committed:
        yield CommittedReads(broker, everything, committed)


@asynccontextmanager
async def _client(broker: Broker, isolation: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **broker.client,
        isolation_level=isolation,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=PATIENCE_MS,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()
