"""A broker calls a transaction committed and does not end it everywhere; readers still see everything once.

Brokers do so when they lose the leadership of a partition while its transaction ends. Here the client does not tell the
coordinator of some partitions, and the broker does not ask: their records come to lie there just like that.
"""

import asyncio
import json
from collections import defaultdict

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.producer.transaction_manager import TransactionManager

from domain.shared.recorded import START
from infra.dev_servers.kafka import SETTINGS
from infra.eventstore.factory import ClosableEventStore
from infra.kafka.broker import Broker
from infra.kafka.cloudevents import id_of
from infra.kafka.topics import Topics
from tests.infra.kafka.reading import PARTITIONS, Got, committed, ids, running, until
from tests.infra.kafka.test_publishing import publisher
from tests.support.fixtures.services import Own
from tests.support.harness.command_sender import CommandSender

SKUS = 6
CHECKPOINT_ONLY, MESSAGES_ONLY, ALL = (".published",), (".stock",), (".published", ".stock")


def lose_the_first_end(topics: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The coordinator does not hear that the first transaction wrote to these topics."""
    add, begin, begun = TransactionManager.maybe_add_partition_to_txn, TransactionManager.begin_transaction, []

    def beginning(self: TransactionManager) -> None:
        begun.append(self)
        begin(self)

    def adding(self: TransactionManager, place: TopicPartition) -> None:
        if len(begun) > 1 or not place.topic.endswith(topics):
            add(self, place)

    monkeypatch.setattr(TransactionManager, "begin_transaction", beginning)
    monkeypatch.setattr(TransactionManager, "maybe_add_partition_to_txn", adding)


def abort_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second transaction comes to nothing, as it does when somebody dies over it."""
    commit, asked = AIOKafkaProducer.commit_transaction, []

    async def committing(self: AIOKafkaProducer) -> None:
        asked.append(self)
        if len(asked) == 2:
            raise KafkaError("not now")
        await commit(self)

    monkeypatch.setattr(AIOKafkaProducer, "commit_transaction", committing)


@pytest.mark.parametrize("lost", [CHECKPOINT_ONLY, MESSAGES_ONLY, ALL])
async def test_what_the_broker_did_not_end_is_told_once(
    lost: tuple[str, ...],
    own_service: Own,
    store: ClosableEventStore,
    sender: CommandSender,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SETTINGS, "transaction.partition.verification.enable", "false")
    broker = await asyncio.to_thread(own_service, "kafka")
    topics = Topics("losing")
    await topics.create(Broker(broker.address), PARTITIONS, 1)
    lose_the_first_end(lost, monkeypatch)
    if lost == MESSAGES_ONLY:
        abort_the_second(monkeypatch)
    for published in (SKUS, 2 * SKUS):
        for number in range(SKUS):
            await sender.receive(f"SKU-{number}")
        one = publisher(store, broker.address, topics)
        async with running(one.run()):
            await until(lambda: one.position == published)  # noqa: B023 - waited for within the round
    messages = await committed(broker.address, topics.of("stock"))
    records = (await store.read_all(after=START, limit=100)).records
    assert sorted(ids(messages)) == sorted(id_of(record.event_id, "stock.level_changed.v1") for record in records)
    assert levels(messages) == {f"SKU-{number}@MAIN": [1, 2] for number in range(SKUS)}


def levels(messages: list[Got]) -> dict[str, list[int]]:
    told = defaultdict[str, list[int]](list)
    for message in messages:
        told[message.key].append(json.loads(message.value)["on_hand"])
    return dict(told)
