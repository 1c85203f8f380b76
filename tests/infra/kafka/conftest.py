"""Topics of its own for each test, on the broker that all share."""

from collections.abc import AsyncIterator
from itertools import count
from uuid import uuid4

import pytest

from commands.handler import CommandHandler
from commands.routes import ROUTES
from infra.bootstrap.composition import codec
from infra.eventstore.factory import ClosableEventStore, in_memory_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.kafka.broker import Broker
from infra.kafka.topics import Topics
from tests.infra.kafka.reading import PARTITIONS
from tests.support.harness.command_sender import CommandSender

_numbers = count(1)


@pytest.fixture
async def topics(kafka: str) -> Topics:
    made = Topics(f"test-{uuid4().hex[:8]}-{next(_numbers)}")
    await made.create(Broker(kafka), PARTITIONS, 1)
    return made


@pytest.fixture
async def store() -> AsyncIterator[ClosableEventStore]:
    opened = in_memory_store()
    yield opened
    await opened.close()


@pytest.fixture
def sender(store: ClosableEventStore) -> CommandSender:
    return CommandSender(CommandHandler(store, codec(), MemorySnapshots(), ROUTES))
