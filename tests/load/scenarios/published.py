"""Integration events a second: the publisher catches up with a log of receipts on a broker of its own.

No shop is open; the time of this process is given as the API's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import uuid4

from commands.ports import NO_STREAM, EventStore, NewEvent
from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import Metadata
from domain.stock.events import StockReceived
from infra.bootstrap.composition import codec
from infra.default_folders import default_cache
from infra.dev_servers.registry import instances, ports
from infra.eventstore.factory import open_event_store
from infra.kafka.broker import Broker
from infra.kafka.formats import FORMATS
from infra.kafka.publisher import Publisher
from infra.kafka.topics import Topics
from tests.load.bench import Bench
from tests.load.figures import Figure
from tests.load.folders import own_server, temporary_folder

STREAMS, EACH = 2_000, 10
EVENTS = STREAMS * EACH
PATIENCE = 300.0


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    with own_server() as server, own_kafka() as broker:
        store, _ = await open_event_store(server.url)
        await fill(store)
        runs = [await published(store, broker) for _ in range(bench.options.runs)]
        rate, processor = sorted(runs)[(len(runs) - 1) // 2]
        bench.say(f"published, json: {', '.join(f'{run[0]:.0f}' for run in runs)} a second")
        yield bench.signed(
            Figure(
                scenario="published, json",
                connections=1,
                rate_per_second=round(rate, 1),
                cpu_us={"api": round(processor, 1)},
                note=f"{EVENTS:,} levels of stock, in transactions of up to 1,000",
            )
        )
        await store.close()


async def fill(store: EventStore) -> None:
    """Receipts, ten to a stream."""

    async def receive(number: int) -> None:
        fact = StockReceived(sku=Sku(f"SKU-{number}"), warehouse=Warehouse("MAIN"), quantity=1)
        data, events = codec().encode(fact), list[NewEvent]()
        for _ in range(EACH):
            command = uuid4()
            told = Metadata(command_id=command, correlation_id=command, causation_id=command, actor="bench")
            events.append(NewEvent(uuid4(), "stock.received.v1", data, told))
        await store.append(f"stock-SKU-{number}@MAIN", events, expected=NO_STREAM)

    for start in range(0, STREAMS, 200):
        await asyncio.gather(*map(receive, range(start, start + 200)))


async def published(store: EventStore, broker: str) -> tuple[float, float]:
    """Events a second, and microseconds of this process for each."""
    topics = Topics(f"bench-{uuid4().hex[:8]}")
    await topics.create(Broker(broker), 6, 1)
    one = Publisher(store, codec(), Broker(broker), topics, FORMATS["json"], "/bench")
    began, processor = time.perf_counter(), time.process_time()
    working = asyncio.create_task(one.run())
    async with asyncio.timeout(PATIENCE):
        while one.published < EVENTS and not working.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    seconds, used = time.perf_counter() - began, time.process_time() - processor
    working.cancel()
    await asyncio.wait([working])
    return EVENTS / seconds, used / EVENTS * 1e6


@contextmanager
def own_kafka() -> Iterator[str]:
    with temporary_folder() as folder:
        (kafka,) = instances(folder, ("kafka",))
        try:
            yield kafka.start(default_cache(), ports(kafka.server, 0))
        finally:
            kafka.stop()
