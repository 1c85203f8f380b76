"""Publishers and brokers die in the middle of things; readers miss nothing and see nothing twice."""

import asyncio
import json
import signal
from collections import defaultdict
from itertools import count
from pathlib import Path
from uuid import uuid5

from aiokafka.errors import KafkaError

from commands.handler import CommandHandler
from commands.routes import ROUTES
from domain.shared.recorded import START
from infra.bootstrap.composition import codec
from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.eventstore.factory import open_event_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.kafka.broker import Broker
from infra.kafka.topics import Topics
from tests.infra.kafka.program import part
from tests.infra.kafka.reading import PARTITIONS, PATIENCE, Got, committed, ids
from tests.support.fixtures.freezing import frozen
from tests.support.fixtures.services import Own
from tests.support.harness.command_sender import CommandSender

SKUS = 10


async def seen(broker: str, topic: str, at_least: int) -> list[Got]:
    """All that is committed, as soon as it is so much. A broker that is down is asked again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                found = await committed(broker, topic, PARTITIONS)
            except (KafkaError, OSError):
                found = []
            if len(found) >= at_least:
                return found
            await asyncio.sleep(0.1)


async def restarted(broker: Instance) -> None:
    broker.kill()
    await asyncio.to_thread(broker.start, default_cache(), [0, 0])


async def stalled(broker: Instance) -> None:
    """So long that a transaction is under way, and has no answer."""
    broker.pause()
    await asyncio.sleep(1)


async def unhurt(_: Instance) -> None: ...


async def test_nothing_is_lost_or_told_twice_however_often_publisher_and_broker_die(
    database_url: str, own_service: Own, tmp_path: Path
) -> None:
    broker = await asyncio.to_thread(own_service, "kafka")
    topics = Topics("crashing")
    await topics.create(Broker(broker.address), PARTITIONS, 1)
    topic = topics.of("stock")
    store, _ = await open_event_store(database_url)
    sender = CommandSender(CommandHandler(store, codec(), MemorySnapshots(), ROUTES))
    closing = asyncio.Event()

    async def sell() -> None:
        for number in count():
            await sender.receive(f"SKU-{number % SKUS}")
            await asyncio.sleep(0.005)
            if closing.is_set():
                return

    selling = asyncio.create_task(sell())
    for hurt in (unhurt, restarted, stalled):
        known = len(await seen(broker.address, topic, 0))
        async with part("publisher", database_url, broker.address, topics.prefix, tmp_path) as process:
            await seen(broker.address, topic, known + 10)
            await hurt(broker)
            process.send_signal(signal.SIGKILL)
        broker.resume()
    closing.set()
    await selling
    records = (await store.read_all(after=START, limit=100_000)).records
    await store.close()
    async with part("publisher", database_url, broker.address, topics.prefix, tmp_path):
        messages = await seen(broker.address, topic, len(records))
        await asyncio.sleep(0.5)
        assert await committed(broker.address, topic) == messages
    assert sorted(ids(messages)) == sorted(str(uuid5(record.event_id, "stock.level_changed.v1")) for record in records)
    levels = defaultdict[str, list[int]](list)
    for message in messages:
        levels[message.key].append(json.loads(message.value)["on_hand"])
    assert list(levels.values()) == [list(range(1, len(each) + 1)) for each in levels.values()]


async def test_what_a_frozen_publisher_has_left_is_told_by_another_and_nothing_twice_when_it_wakes(
    database_url: str, kafka: str, topics: Topics, tmp_path: Path
) -> None:
    store, _ = await open_event_store(database_url)
    sender, topic = CommandSender(CommandHandler(store, codec(), MemorySnapshots(), ROUTES)), topics.of("stock")

    async def published(deliveries: int) -> None:
        for number in range(deliveries):
            await sender.receive(f"SKU-{number % SKUS}")
        await seen(kafka, topic, len((await store.read_all(after=START, limit=1000)).records))

    async with part("publisher", database_url, kafka, topics.prefix, tmp_path) as first:
        await published(10)
        async with part("publisher", database_url, kafka, topics.prefix, tmp_path) as second:
            with frozen(first.pid):
                await published(10)
            await published(10)
            second.kill()
            await published(10)
        assert first.returncode is None
    records = (await store.read_all(after=START, limit=1000)).records
    await store.close()
    messages = await committed(kafka, topic)
    assert sorted(ids(messages)) == sorted(str(uuid5(record.event_id, "stock.level_changed.v1")) for record in records)
