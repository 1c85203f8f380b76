"""What of a shop stands on Kafka, put together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from commands.handler import CommandHandler
from commands.ports import EventStore
from commands.routes import ROUTES
from domain.shared.ids import Warehouse
from infra.bootstrap import composition
from infra.kafka.broker import Broker
from infra.kafka.consumer import FeedConsumer
from infra.kafka.dead_letters import waiting
from infra.kafka.feeds import Feeds
from infra.kafka.formats import FORMATS
from infra.kafka.inbox import PostgresInbox
from infra.kafka.publisher import Publisher
from infra.kafka.registry import SchemaRegistry
from infra.kafka.reporting import report
from infra.kafka.standing import StandingTable
from infra.kafka.topics import Topics
from infra.postgres.sessions import Sessions
from infra.settings import Settings
from infra.telemetry import observing
from infra.telemetry.lag import Behind

CONNECTIONS = 2


def topics_of(settings: Settings) -> Topics:
    return Topics(settings.kafka_prefix)


@asynccontextmanager
async def feeds(settings: Settings) -> AsyncIterator[FeedConsumer]:
    """The consumer of feeds, on the shop that it feeds. Raises NoKafka, BadKafkaSettings."""
    broker = Broker.of(settings)
    async with inbox(settings) as (box, asking):
        yield FeedConsumer(asking, box, broker, topics_of(settings))


@asynccontextmanager
async def inbox(settings: Settings) -> AsyncIterator[tuple[PostgresInbox, Feeds]]:
    """What waits, and the way to try it again."""
    sessions = Sessions(composition.database_of(settings), "inbox", CONNECTIONS)
    try:
        box = PostgresInbox(sessions)
        await box.prepare()
        async with composition.opened(settings) as (store, snapshots):
            yield (
                box,
                Feeds(
                    CommandHandler(store, composition.codec(), snapshots, ROUTES),
                    settings.currency,
                    tuple(map(Warehouse, settings.warehouses)),
                ),
            )
    finally:
        await sessions.close()


@asynccontextmanager
async def publisher(settings: Settings) -> AsyncIterator[Publisher]:
    """The publisher, on the event store it follows. Raises NoKafka, BadKafkaSettings."""
    broker, topics = Broker.of(settings), topics_of(settings)
    registry = SchemaRegistry(settings.schema_registry, topics) if settings.schema_registry else None
    async with composition.event_store(settings) as store:
        made = Publisher(
            store=store,
            codec=composition.codec(),
            broker=broker,
            topics=topics,
            form=FORMATS[settings.kafka_format],
            source=settings.event_source,
            registry=registry,
        )
        async with observing.standing(partial(_behind, store, made)):
            yield made


@asynccontextmanager
async def reporting_of(settings: Settings, publisher: Publisher) -> AsyncIterator[None]:
    """Meanwhile the publisher reports how far it is."""
    letters = partial(waiting, publisher.broker, publisher.topics, publisher.store, publisher.codec)
    async with composition.sessions_of(settings, "publisher") as sessions:
        reporting = asyncio.create_task(report(StandingTable(sessions), publisher, letters))
        try:
            yield
        finally:
            reporting.cancel()
            await asyncio.wait([reporting])


async def _behind(store: EventStore, publisher: Publisher) -> Mapping[str, Behind]:
    """No metrics of one that waits for the lease."""
    if publisher.position is None:
        return {}
    return {"publisher": Behind(max(0, await store.head() - publisher.position))}
