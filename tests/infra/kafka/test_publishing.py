"""Each fact is told once, as a CloudEvent, in the order of its aggregate."""

import asyncio
import json
from io import BytesIO
from uuid import uuid5

import fastavro
import httpx
import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.producer.sender import Sender

from commands.ports import ANY, NewEvent
from domain.shared.recorded import START
from infra.bootstrap.composition import codec
from infra.eventstore.factory import ClosableEventStore, in_memory_store
from infra.kafka.broker import Broker
from infra.kafka.formats import Avro, Json
from infra.kafka.publisher import Publisher
from infra.kafka.refusals import AnotherLog, SchemaRefused, TopicsMissing
from infra.kafka.registry import SchemaRegistry
from infra.kafka.schemas import avro_schema
from infra.kafka.topics import DEAD_LETTERS, Topics
from published.registry import KINDS
from tests.infra.eventstore.making import event
from tests.infra.kafka.reading import PATIENCE, committed, ids, running, until
from tests.support.harness.command_sender import CommandSender


def publisher(store: ClosableEventStore, kafka: str, topics: Topics, **others: object) -> Publisher:
    settings = {"form": Json(), "source": "/shop", **others}
    return Publisher(store=store, codec=codec(), broker=Broker(kafka), topics=topics, **settings)  # type: ignore[arg-type]


async def test_a_fact_becomes_a_cloud_event(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    await sender.receive("MUG", 10)
    one = publisher(store, kafka, topics)
    async with running(one.run()):
        await until(lambda: one.published == 1)
    (message,) = await committed(kafka, topics.of("stock"))
    (record,) = (await store.read_all(after=START, limit=10)).records
    recorded = codec().decode_event(record)
    assert message.attributes == {
        "ce_specversion": "1.0",
        "ce_id": str(uuid5(record.event_id, "stock.level_changed.v1")),
        "ce_source": "/shop",
        "ce_type": "counterfoil.stock.level_changed.v1",
        "ce_subject": "MUG@MAIN",
        "ce_time": recorded.recorded_at.isoformat(),
        "ce_partitionkey": "MUG@MAIN",
        "ce_sequence": "00000000000000000001",
        "ce_correlationid": str(recorded.metadata.correlation_id),
        "content-type": "application/json",
    }
    assert message.key == "MUG@MAIN"
    assert json.loads(message.value) == {
        "place": "MUG@MAIN",
        "sku": "MUG",
        "warehouse": "MAIN",
        "on_hand": 10,
        "available": 10,
    }


async def test_a_publisher_goes_on_where_the_last_one_stopped(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    for round_ in range(3):
        await sender.receive("MUG", 1, times=5)
        one = publisher(store, kafka, topics)
        async with running(one.run()):
            await until(lambda: one.published == 5)  # noqa: B023 - waited for within the round
        messages = await committed(kafka, topics.of("stock"))
        assert [json.loads(message.value)["on_hand"] for message in messages] == list(range(1, 5 * (round_ + 1) + 1))


async def test_a_producer_that_does_not_come_to_work_leaves_no_connection_behind(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, failures = Sender.start, [KafkaTimeoutError(), KafkaTimeoutError(), KafkaTimeoutError()]

    async def failing(self: Sender) -> None:
        if failures:
            raise failures.pop()
        await start(self)

    async def at_once(_: float) -> None: ...

    monkeypatch.setattr(Sender, "start", failing)
    await sender.receive("MUG", 1)
    one = publisher(store, kafka, topics, pause=at_once)
    async with running(one.run()):
        await until(lambda: one.published == 1)
        clients = [task for task in asyncio.all_tasks() if "_md_synchronizer" in repr(task)]
        assert (len(failures), len(clients)) == (0, 3)


async def test_of_two_publishers_the_later_one_works_and_nothing_is_told_twice(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    one, two = publisher(store, kafka, topics), publisher(store, kafka, topics)
    async with running(one.run()), running(two.run()):
        for number in range(20):
            await sender.receive(f"SKU-{number % 3}", times=10)
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            while len(told := ids(await committed(kafka, topics.of("stock")))) < 200:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    assert (len(told), len(set(told))) == (200, 200)


async def test_avro_is_read_with_the_schema_of_the_registry(
    kafka: str, registry: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    await sender.receive("MUG", 10)
    one = publisher(store, kafka, topics, form=Avro(), registry=SchemaRegistry(registry, topics))
    async with running(one.run()):
        await until(lambda: one.published == 1)
    (message,) = await committed(kafka, topics.of("stock"))
    magic, number, body = message.value[:1], int.from_bytes(message.value[1:5], "big"), message.value[5:]
    assert (magic, message.attributes["ce_dataschema"]) == (b"\0", f"{registry}/schemas/ids/{number}")
    async with httpx.AsyncClient(trust_env=False) as client:
        schema = (await client.get(message.attributes["ce_dataschema"])).json()["schema"]
    read = fastavro.schemaless_reader(BytesIO(body), fastavro.parse_schema(json.loads(schema)))
    assert read == {"place": "MUG@MAIN", "sku": "MUG", "warehouse": "MAIN", "on_hand": 10, "available": 10}


async def test_a_schema_that_readers_could_not_read_is_refused_before_anything_is_published(
    kafka: str, registry: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    await sender.receive("MUG")
    agreed = SchemaRegistry(registry, topics)
    kind = KINDS["stock.level_changed.v1"]
    theirs = avro_schema(kind) | {"fields": [{"name": "place", "type": "long"}]}
    url = f"{registry}/subjects/{agreed.subject(kind)}/versions"
    async with httpx.AsyncClient(trust_env=False) as client:
        (await client.post(url, json={"schema": json.dumps(theirs)})).raise_for_status()
        with pytest.raises(SchemaRefused, match=rf"{topics.prefix}\.stock-counterfoil\.stock\.level_changed\.v1"):
            await publisher(store, kafka, topics, form=Avro(), registry=agreed).run()
        subjects = (await client.get(f"{registry}/subjects")).json()
    assert await committed(kafka, topics.of("stock")) == []
    assert [name for name in subjects if name.startswith(topics.prefix)] == [agreed.subject(kind)]


async def test_an_event_that_cannot_be_told_becomes_a_dead_letter_and_the_others_go_on(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    broken: NewEvent = event(b'{"quantity":"a secret"}')
    await store.append("stock-BROKEN@MAIN", [broken], expected=ANY)
    await sender.receive("MUG")
    one = publisher(store, kafka, topics)
    async with running(one.run()):
        await until(lambda: one.published == 2)
    (letter,) = await committed(kafka, topics.of(DEAD_LETTERS))
    told = json.loads(letter.value)
    assert told.pop("error").startswith("Unreadable: ")
    assert told == {
        "position": 1,
        "stream": "stock-BROKEN@MAIN",
        "revision": 0,
        "event_id": str(broken.event_id),
        "type": "stock.received.v1",
        "asked": 0,
    }
    assert [message.key for message in await committed(kafka, topics.of("stock"))] == ["MUG@MAIN"]


async def test_topics_of_another_log_are_not_mixed_with_this_one(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender
) -> None:
    await sender.receive("MUG")
    one = publisher(store, kafka, topics)
    async with running(one.run()):
        await until(lambda: one.published == 1)
    with pytest.raises(AnotherLog, match="Choose another COUNTERFOIL_KAFKA_PREFIX"):
        await publisher(in_memory_store(), kafka, topics).run()


@pytest.mark.parametrize("received_since", [0, 5], ids=["shorter", "other"])
async def test_a_log_that_was_restored_from_a_backup_is_not_published(
    kafka: str, topics: Topics, store: ClosableEventStore, sender: CommandSender, received_since: int
) -> None:
    """The last that was seen of it may have meant nothing to others."""
    await sender.receive("MUG")
    backup = (await store.read_all(after=START, limit=100)).records
    await store.append("cart-1", [event(type="cart.opened.v1")], expected=ANY)
    await sender.receive("MUG")
    await store.append("cart-1", [event(type="cart.opened.v1"), event(type="cart.opened.v1")], expected=ANY)
    one = publisher(store, kafka, topics)
    async with running(one.run()):
        await until(lambda: one.published == 2)
        await until(lambda: one.position == 5)
        await sender.receive("CUP")
        await until(lambda: one.published == 3)

    restored = in_memory_store()
    await restored.restore(backup)
    for _ in range(received_since):
        await restored.append("stock-CUP@MAIN", [event()], expected=ANY)
    with pytest.raises(AnotherLog, match="restore the missing events"):
        await publisher(restored, kafka, topics).run()
    again = publisher(store, kafka, topics)
    async with running(again.run()):
        await sender.receive("CUP")
        await until(lambda: again.published == 1)


async def test_missing_topics_are_named(kafka: str) -> None:
    topics = Topics("not-there-yet")
    with pytest.raises(TopicsMissing, match=r"not-there-yet.dead-letters, .*counterfoil kafka topics"):
        await topics.check(Broker(kafka))


async def test_creating_topics_twice_creates_them_once(kafka: str, topics: Topics) -> None:
    assert list(await topics.create(Broker(kafka), 3, 1)) == []


def test_readers_are_not_told_the_password_of_the_registry() -> None:
    told = SchemaRegistry("https://shop:hidden@registry.example:8443/apis/ccompat/v7/", Topics("any")).address(7)
    assert told == "https://registry.example:8443/apis/ccompat/v7/schemas/ids/7"
