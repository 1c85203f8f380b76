"""Another system that tells of its deliveries over Kafka, again and again until the broker has them."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import monotonic

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.kafka.cloudevents import type_of
from infra.kafka.topics import FEEDS
from published.feeds import StockReceived
from published.message import kind_of
from tests.torture.broker import TOPICS
from tests.torture.goods import PRICES, RECEIPT_EVERY, WAREHOUSE
from tests.torture.record import Fed, Record
from tests.torture.witness import PATIENCE, ShopSilent

SOURCE = "/supplier"
AT_ONCE, MOST_UNITS, TWICE = 4, 3, 0.15
ONE_TRY, PAUSE = 10.0, 0.5


@dataclass(slots=True)
class Supplier:
    """Tells of one delivery after the other; `told` counts them. A repeat has the same id."""

    address: str
    record: Record
    random: Random
    told: int = 0

    async def work(self, closing: asyncio.Event) -> None:
        """A few deliveries of one of the goods, now and then. Raises ShopSilent."""
        while not closing.is_set():
            sku = self.random.choice(list(PRICES))
            for _ in range(self.random.randint(1, AT_ONCE)):
                await self._tell(sku, self.random.randint(1, MOST_UNITS))
            await asyncio.sleep(self.random.random() * 2 * RECEIPT_EVERY)

    async def _tell(self, sku: str, quantity: int) -> None:
        self.told += 1
        one = Fed(SOURCE, str(self.told), sku, quantity)
        await self.record.keep(one)
        for _ in range(2 if self.random.random() < TWICE else 1):
            await self._until_the_broker_has_it(one)

    async def _until_the_broker_has_it(self, one: Fed) -> None:
        deadline = monotonic() + PATIENCE
        while True:
            producer = AIOKafkaProducer(bootstrap_servers=self.address)
            try:
                async with asyncio.timeout(ONE_TRY):
                    await producer.start()
                    await producer.send_and_wait(TOPICS.of(FEEDS), _value(one), one.sku.encode(), headers=_headers(one))
                return
            except (KafkaError, OSError) as error:
                if monotonic() > deadline:
                    raise ShopSilent(f"The broker does not take {one}: {error!r}") from error
            finally:
                with suppress(KafkaError, OSError):
                    async with asyncio.timeout(ONE_TRY):
                        await producer.stop()
            await asyncio.sleep(PAUSE)


def _message(one: Fed) -> StockReceived:
    return StockReceived(sku=one.sku, warehouse=WAREHOUSE, quantity=one.quantity)


def _value(one: Fed) -> bytes:
    return msgspec.json.encode(_message(one))


def _headers(one: Fed) -> list[tuple[str, bytes]]:
    name = type_of(kind_of(_message(one)))
    attributes = {"specversion": "1.0", "source": one.source, "id": one.id, "type": name}
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
