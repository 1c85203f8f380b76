"""What of a shop stands on Kafka, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra import bootstrap
from infra.kafka.formats import FORMATS
from infra.kafka.publisher import Publisher
from infra.kafka.refusals import NoKafka
from infra.kafka.registry import SchemaRegistry
from infra.kafka.topics import Topics
from infra.settings import Settings


def broker_of(settings: Settings) -> str:
    """The broker that is set. Raises NoKafka."""
    if settings.kafka is None:
        raise NoKafka("Set COUNTERFOIL_KAFKA to host:port of a broker; `make services ARGS=kafka` starts one.")
    return settings.kafka


def topics_of(settings: Settings) -> Topics:
    return Topics(settings.kafka_prefix)


@asynccontextmanager
async def publisher(settings: Settings) -> AsyncIterator[Publisher]:
    """The publisher, on the event store it follows. Raises NoKafka."""
    broker, topics = broker_of(settings), topics_of(settings)
    registry = SchemaRegistry(settings.schema_registry, topics) if settings.schema_registry else None
    async with bootstrap.event_store(settings) as store:
        yield Publisher(
            store=store,
            codec=bootstrap.codec(),
            broker=broker,
            topics=topics,
            form=FORMATS[settings.kafka_format],
            source=settings.event_source,
            registry=registry,
        )
