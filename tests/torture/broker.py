"""The Kafka that the tortured shop tells others over, and what they hear there."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from aiokafka.errors import KafkaError

from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.dev_servers.ports import ServiceMissing
from infra.dev_servers.registry import instances, ports
from infra.kafka.broker import Broker
from infra.kafka.topics import DEAD_LETTERS, FEEDS, Topics
from infra.settings import Settings
from published.registry import KINDS
from tests.infra.kafka.reading import PARTITIONS, committed
from tests.torture.plan import BROKER
from tests.torture.told import Heard

TOPICS = Topics(Settings.model_fields["kafka_prefix"].default)
SPOKEN = (*sorted({kind.topic for kind in KINDS.values()} - {FEEDS}), DEAD_LETTERS)
TOLD_WITHIN, LOOK_EVERY = 120.0, 0.5


class LeftOut(Exception):
    """Something that was to be tortured cannot be had here, and everything else can."""


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Instance]:
    """A broker of our own with the topics of a shop, stopped in the end.

    Raises LeftOut, or ServiceMissing where `CI=true` says that everything has to be there.
    """
    (broker,) = instances(folder, (BROKER,))
    try:
        await asyncio.to_thread(broker.start, default_cache(), ports(broker.server, 0))
    except ServiceMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        raise LeftOut(f"NOT TORTURED: the publisher and the feeds, for there is no Kafka: {missing}") from missing
    try:
        await TOPICS.create(Broker(broker.address), PARTITIONS, 1)
        yield broker
    finally:
        await asyncio.to_thread(broker.kill)


async def heard(address: str, enough: Callable[[Sequence[Heard]], bool]) -> Sequence[Heard]:
    """All that readers of committed messages get, in their order, as soon as it is enough or patience ends."""
    deadline = monotonic() + TOLD_WITHIN
    while True:
        try:
            messages = [Heard(topic, *got) for topic in SPOKEN for got in await committed(address, TOPICS.of(topic))]
        except (KafkaError, OSError):
            messages = []
        if enough(messages) or monotonic() > deadline:
            return messages
        await asyncio.sleep(LOOK_EVERY)
