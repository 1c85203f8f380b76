"""The parts of the shop that talk to Kafka, each to be run in a process of its own until it is cancelled."""

from infra.bootstrap import composition, kafka
from infra.bootstrap.parts import Ready, again_and_again
from infra.gc_tuning import collect_rarely
from infra.postgres.lease import lease
from infra.settings import Settings

PUBLISHER = "publisher"


async def take_in_feeds(settings: Settings, ready: Ready) -> None:
    collect_rarely()
    async with kafka.feeds(settings) as consumer:
        ready()
        await consumer.run()


async def publish_events(settings: Settings, ready: Ready) -> None:
    collect_rarely()

    async def work(up: Ready) -> None:
        async with kafka.publisher(settings) as publisher:
            up()
            async with (
                lease(composition.database_of(settings), PUBLISHER),
                kafka.reporting_of(settings, publisher),
            ):
                await publisher.run()

    await again_and_again(work, ready)
