"""What other systems tell is taken in once, and what cannot be waits until somebody sends it again."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from commands.handler import CommandHandler
from commands.lookups.catalogue import add_variant
from commands.ports import StoreUnavailable
from commands.routes import ROUTES, STOCK
from domain.product.commands import AddVariant, DraftProduct
from domain.shared.ids import ProductId, Sku, Warehouse
from domain.shared.recorded import START, Metadata
from infra.bootstrap.composition import codec
from infra.eventstore.factory import ClosableEventStore, open_event_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.kafka.broker import Broker
from infra.kafka.consumer import FeedConsumer
from infra.kafka.feeds import Feeds
from infra.kafka.inbox import PostgresInbox
from infra.kafka.incoming import STRUCTURED, Raw, named
from infra.kafka.topics import FEEDS, Topics
from infra.postgres.sessions import Sessions
from tests.e2e.shop import counterfoil
from tests.infra.kafka.program import part
from tests.infra.kafka.reading import PATIENCE, running, until

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
RECEIVED, PRICED = "counterfoil.feed.stock_received.v1", "counterfoil.feed.price_set.v1"


def received(number: object, sku: str = "MUG", quantity: int = 1, **others: object) -> Raw:
    """A receipt in binary mode."""
    data = {"sku": sku, "warehouse": "MAIN", "quantity": quantity, **others}
    headers = {"ce_specversion": "1.0", "ce_source": "/wms", "ce_id": str(number), "ce_type": RECEIVED}
    return Raw(f"feeds/0/{uuid4()}", headers, sku.encode(), json.dumps(data).encode())


async def send(kafka: str, topics: Topics, messages: Sequence[Raw]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for one in messages:
            headers = [(name, value.encode()) for name, value in one.headers.items()]
            await producer.send_and_wait(topics.of(FEEDS), value=one.value, key=one.key, headers=headers)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[ClosableEventStore]:
    opened, _ = await open_event_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def inbox(database_url: str) -> AsyncIterator[PostgresInbox]:
    sessions = Sessions(database_url, "inbox", 1)
    box = PostgresInbox(sessions)
    await box.prepare()
    yield box
    await sessions.close()


@pytest.fixture
def handler(store: ClosableEventStore) -> CommandHandler:
    return CommandHandler(store, codec(), MemorySnapshots(), ROUTES)


def feeds(handler: CommandHandler) -> Feeds:
    return Feeds(handler, "USD", (Warehouse("MAIN"),))


@pytest.fixture
def consumer(handler: CommandHandler, inbox: PostgresInbox, topics: Topics, kafka: str) -> FeedConsumer:
    return FeedConsumer(feeds(handler), inbox, Broker(kafka), topics)


async def stored(store: ClosableEventStore, at_least: int) -> int:
    """How many events there are, as soon as there are so many."""
    async with asyncio.timeout(PATIENCE):
        while (found := len((await store.read_all(after=START, limit=10_000)).records)) < at_least:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return found


async def on_hand(handler: CommandHandler, sku: str = "MUG") -> int:
    units: int = (await handler.state_of(STOCK, f"stock-{sku}@MAIN")).on_hand
    return units


async def test_a_receipt_is_booked_in_once_however_often_it_is_sent(
    kafka: str, topics: Topics, consumer: FeedConsumer, handler: CommandHandler
) -> None:
    await send(kafka, topics, [received(1, quantity=5), received(1, quantity=5), received(2, quantity=7)])
    async with running(consumer.run()):
        await until(lambda: consumer.taken_in == 3)
        await send(kafka, topics, [received(1, quantity=5)])
        await until(lambda: consumer.taken_in == 4)
    assert (await on_hand(handler), consumer.repeated, consumer.parked) == (12, 2, 0)


async def test_what_was_carried_out_but_not_remembered_is_not_carried_out_again(
    consumer: FeedConsumer, handler: CommandHandler
) -> None:
    messages = [received(number) for number in range(3)]
    await consumer.take_in(messages[:2])
    await consumer.inbox.sessions.persistently(lambda c: c.execute("truncate inbox.messages"), 5)
    await consumer.take_in(messages)
    assert await on_hand(handler) == 3


async def test_a_price_in_structured_mode_finds_the_product_of_its_sku(
    consumer: FeedConsumer, handler: CommandHandler, store: ClosableEventStore
) -> None:
    command_id = uuid4()
    made = Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="staff")
    await handler(DraftProduct(product_id=ProductId("p-1"), title="A mug"), made)
    other = Metadata(command_id=uuid4(), correlation_id=command_id, causation_id=command_id, actor="staff")
    await add_variant(handler, AddVariant(product_id=ProductId("p-1"), sku=Sku("MUG")), other)
    data = {"sku": "MUG", "price": {"amount": 1250, "currency": "USD"}, "valid_from": AT.isoformat()}
    envelope = {"specversion": "1.0", "id": "7", "source": "/prices", "type": PRICED, "data": data}
    await consumer.take_in([Raw("feeds/0/1", {"content-type": STRUCTURED}, b"MUG", json.dumps(envelope).encode())])
    last = codec().decode_event((await store.read("product-p-1"))[-1])
    assert (type(last.fact).__name__, last.fact.price.amount, last.fact.valid_from) == ("VariantPriced", 1250, AT)
    assert last.metadata.actor == "feed:/prices"


@pytest.mark.parametrize(
    ("headers", "value", "why"),
    [
        ({}, b"{}", "It has no CloudEvents source and id of 1 to 200 characters."),
        ({"ce_source": "s" * 201, "ce_id": "1"}, b"{}", "It has no CloudEvents source and id"),
        ({"ce_source": "/wms", "ce_id": "1", "ce_type": "other"}, b"{}", "The type 'other' is not one of "),
        ({"ce_source": "/wms", "ce_id": "1", "ce_type": RECEIVED}, b"\xff", f"The data is not a {RECEIVED}: "),
        ({"ce_source": "/wms", "ce_id": "1", "ce_type": RECEIVED}, b"{}", f"The data is not a {RECEIVED}: "),
        ({"content-type": STRUCTURED}, b"[", "It has no CloudEvents source and id"),
    ],
)
async def test_what_is_no_message_waits_and_the_next_one_is_taken_in(
    consumer: FeedConsumer, handler: CommandHandler, headers: dict[str, str], value: bytes, why: str
) -> None:
    await consumer.take_in([Raw("feeds/0/5", headers, b"MUG", value), received(2)])
    (waiting,) = await consumer.inbox.parked()
    assert waiting.error.startswith(why)
    assert (waiting.incoming.raw.value, await on_hand(handler)) == (value, 1)


async def test_an_id_that_was_used_for_another_message_waits(consumer: FeedConsumer, handler: CommandHandler) -> None:
    await consumer.take_in([received(1, quantity=5)])
    await consumer.take_in([received(1, sku="CUP", quantity=9)])
    assert [one.error for one in await consumer.inbox.parked()] == ["Its id was used before, for another message."]
    assert (await on_hand(handler), await on_hand(handler, "CUP")) == (5, 0)


async def test_what_the_shop_refuses_waits_until_it_is_sent_again(
    consumer: FeedConsumer, handler: CommandHandler, database_url: str, tmp_path: Path
) -> None:
    await consumer.take_in([received(1, sku="CUP", quantity=0), received(2)])
    settings = {"COUNTERFOIL_DATABASE": database_url, "COUNTERFOIL_DATA": str(tmp_path)}
    listed = await asyncio.to_thread(counterfoil, "kafka", "parked", "--json", **settings)
    (waiting,) = map(json.loads, listed.stdout.splitlines())
    refusal = "Choose quantity between 1 and 1000000000; 0 is not."
    assert (waiting["source"], waiting["id"], waiting["error"]) == ("/wms", "1", refusal)
    again = await asyncio.to_thread(counterfoil, "kafka", "resend", str(waiting["number"]), **settings)
    assert (again.returncode, again.stdout) == (1, f"{waiting['number']}  {refusal}\n")
    mended = "update inbox.messages set raw = $1 where number = $2"
    await consumer.inbox.sessions.persistently(
        lambda c: c.execute(mended, msgspec.msgpack.encode(received(1, sku="CUP", quantity=4)), waiting["number"]), 5
    )
    done = await asyncio.to_thread(counterfoil, "kafka", "resend", "--all", **settings)
    assert (done.returncode, done.stdout) == (0, f"{waiting['number']}  taken in\n")
    assert (await on_hand(handler, "CUP"), await consumer.inbox.parked()) == (4, [])


async def test_a_store_that_is_away_parks_nothing(
    consumer: FeedConsumer, store: ClosableEventStore, database_url: str
) -> None:
    messages = [received(number, sku=f"SKU-{number}") for number in range(3)]
    await store.close()
    with pytest.raises(StoreUnavailable):
        await consumer.take_in(messages)
    assert (await consumer.inbox.parked(), await consumer.inbox.known([*map(named, messages)])) == ([], {})
    again, _ = await open_event_store(database_url)
    consumer.feeds = feeds(CommandHandler(again, codec(), MemorySnapshots(), ROUTES))
    await consumer.take_in(messages)
    assert await stored(again, 3) == 3
    await again.close()


async def test_nothing_is_lost_or_booked_in_twice_when_consumers_are_killed(
    kafka: str, topics: Topics, store: ClosableEventStore, database_url: str, tmp_path: Path
) -> None:
    await send(kafka, topics, [received(number, sku=f"SKU-{number % 7}") for number in range(300)])
    for booked in (1, 100):
        async with part("feeds", database_url, kafka, topics.prefix, tmp_path) as process:
            await stored(store, booked)
            process.send_signal(signal.SIGKILL)
    async with part("feeds", database_url, kafka, topics.prefix, tmp_path):
        await stored(store, 300)
        await send(kafka, topics, [received(number, sku=f"SKU-{number % 7}") for number in range(300, 310)])
        await stored(store, 310)
    assert await stored(store, 310) == 310
