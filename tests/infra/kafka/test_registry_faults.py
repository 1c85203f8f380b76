"""A registry that is killed or hangs holds up who begins to publish, not who does; nothing is lost or told twice."""

import asyncio
from collections.abc import Callable

import pytest

from infra.bootstrap.composition import codec
from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.eventstore.factory import ClosableEventStore
from infra.kafka import registry as registries
from infra.kafka.broker import Broker
from infra.kafka.formats import Avro
from infra.kafka.publisher import Publisher
from infra.kafka.registry import SchemaRegistry
from infra.kafka.topics import Topics
from tests.infra.kafka.reading import committed, ids, running, until
from tests.support.fixtures.services import Own
from tests.support.harness.command_sender import CommandSender

FEW = 5


def killed(registry: Instance) -> None:
    registry.kill()


def paused(registry: Instance) -> None:
    registry.pause()


@pytest.mark.parametrize("hurt", [killed, paused])
async def test_publishing_goes_on_without_a_registry_and_begins_only_with_one(
    kafka: str,
    topics: Topics,
    store: ClosableEventStore,
    sender: CommandSender,
    own_service: Own,
    hurt: Callable[[Instance], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry = await asyncio.to_thread(own_service, "registry")
    tries = list[float]()

    async def paused_for(seconds: float) -> None:
        tries.append(seconds)
        await asyncio.sleep(0.05)

    def publisher() -> Publisher:
        agreed = SchemaRegistry(registry.address, topics)
        return Publisher(store, codec(), Broker(kafka), topics, Avro(), "/shop", agreed, pause=paused_for)

    await sender.receive("MUG", times=FEW)
    one, two = publisher(), publisher()
    async with running(one.run()):
        await until(lambda: one.published == FEW)
        hurt(registry)
        await sender.receive("MUG", times=FEW)
        await until(lambda: one.published == 2 * FEW)
    await sender.receive("MUG", times=FEW)
    monkeypatch.setattr(registries, "PATIENCE", 0.5)
    tries.clear()
    async with running(two.run()):
        await until(lambda: len(tries) >= 2)
        assert two.published == 0
        assert len(await committed(kafka, topics.of("stock"))) == 2 * FEW
        monkeypatch.setattr(registries, "PATIENCE", 30.0)
        registry.resume()
        await asyncio.to_thread(registry.start, default_cache(), [0, 0])
        await until(lambda: two.published == FEW)
        messages = await committed(kafka, topics.of("stock"))
    assert (len(messages), len(set(ids(messages)))) == (3 * FEW, 3 * FEW)
    assert len({message.attributes["ce_dataschema"] for message in messages}) == 1
