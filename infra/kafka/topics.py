"""The topics of a shop: what goes out, how far that went, what could not go out, and the feeds that come in."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, for_code

from infra.kafka.broker import Broker
from infra.kafka.refusals import TopicsMissing
from published import feeds
from published.registry import KINDS

CHECKPOINT = "published"
DEAD_LETTERS = "dead-letters"
FEEDS = feeds.TOPIC
LATEST_IS_ENOUGH = frozenset({"products", "stock"})
"""Topics whose messages hold all there is to know of their key: Kafka may drop older ones (compaction)."""

EXISTS = 36
WEEK = 7 * 24 * 3600 * 1000

COMPACTED = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "max.compaction.lag.ms": str(WEEK)}
SMALL_SEGMENTS = {"segment.bytes": str(1024 * 1024), "segment.ms": "600000"}
FOR_EVER = {"retention.ms": "-1"}


@dataclass(frozen=True, slots=True)
class Topics:
    """Names and settings of topics; `prefix` distinguishes the shops on one cluster."""

    prefix: str

    def of(self, topic: str) -> str:
        return f"{self.prefix}.{topic}"

    def all(self) -> dict[str, dict[str, str]]:
        """Every topic with what is particular to it. Nothing is dropped by age: what to keep is the operator's word."""
        messages = sorted({kind.topic for kind in KINDS.values()})
        wanted = {self.of(name): COMPACTED if name in LATEST_IS_ENOUGH else FOR_EVER for name in messages}
        wanted[self.of(CHECKPOINT)] = COMPACTED | SMALL_SEGMENTS
        wanted[self.of(DEAD_LETTERS)] = FOR_EVER
        return wanted

    async def create(self, broker: Broker, partitions: int, replicas: int) -> Sequence[str]:
        """Create those that are missing, and answer their names. Raises KafkaError."""
        new = [
            NewTopic(name, 1 if name == self.of(CHECKPOINT) else partitions, replicas, topic_configs=settings)
            for name, settings in self.all().items()
        ]
        async with broker.admin() as admin:
            answer = await admin.create_topics(new)
        created = []
        for name, code, *_ in answer.topic_errors:
            if code not in (0, EXISTS):
                error: type[KafkaError] = for_code(code)
                raise error(f"topic {name} was not created")
            if code == 0:
                created.append(name)
        return created

    async def check(self, broker: Broker) -> None:
        """Raises TopicsMissing, KafkaError."""
        async with broker.admin() as admin:
            missing = sorted(set(self.all()) - set(await admin.list_topics()))
        if missing:
            raise TopicsMissing(f"Topics are missing: {', '.join(missing)}. Create them with: counterfoil kafka topics")
