"""The part `publisher`: follow the log and publish what it means to other systems, each message once.

A page of the log is published in one Kafka transaction. It is published when consumers that read committed messages
can read all of it; the checkpoint that records this goes out with the next page. Any error ends the session. The next
session starts at the checkpoint, reads what was published behind it, and skips those messages. So consumers get each
message exactly once, also when the publisher is killed or a broker loses part of a transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import IllegalOperation, KafkaError

from commands.ports import Codec, EventStore, LogDiverged, Page, Seen, StoreUnavailable
from commands.recognising import ADVICE, recognise, seen_of
from domain.shared.backoff import Backoff
from domain.shared.recorded import Position
from infra.kafka.broker import Broker
from infra.kafka.checkpoint import KEY, Checkpoint, encoded
from infra.kafka.cloudevents import CONTENT_TYPE, Outgoing, headers, id_of
from infra.kafka.committed_reads import CommittedReads, looking
from infra.kafka.dead_letters import Letter, name_of
from infra.kafka.formats import Format
from infra.kafka.progress import Progress
from infra.kafka.recovery import recover
from infra.kafka.refusals import AnotherLog, TopicsMissing
from infra.kafka.registry import RegistryUnavailable, SchemaRegistry
from infra.kafka.topics import CHECKPOINT, DEAD_LETTERS, Topics
from infra.kafka.translated import Translated
from infra.kafka.translator import Translator
from published.message import kind_of
from published.registry import KINDS

PAGE = 1_000
LARGEST = 900_000
QUIET_POSITIONS = 10_000
CONNECTS_WITHIN, SENDS_WITHIN, STOPS_WITHIN = 30.0, 30.0, 10.0
BACKOFF = Backoff(0.2, 10.0)

TRY_AGAIN = (KafkaError, IllegalOperation, OSError, TimeoutError, StoreUnavailable, TopicsMissing, RegistryUnavailable)

LOST = (KafkaError, IllegalOperation, TimeoutError, AssertionError)
"""Errors of ending a transaction that another producer has ended: the client asserts that it still has one. The client
may also notice it between two messages and forget the transaction."""

log = structlog.get_logger()


@dataclass(slots=True)
class Publisher:
    """Publishes to a broker under a prefix. Of several with one prefix the latest to start works; the others end."""

    store: EventStore
    codec: Codec
    broker: Broker
    topics: Topics
    form: Format
    source: str
    registry: SchemaRegistry | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    published: int = 0
    position: Position | None = None
    """How far the log was looked at; None before the first session."""
    trouble: str | None = None
    """What interrupted the last session, until the next one is at work."""
    _failures: int = 0

    async def run(self) -> None:
        """Until cancelled; a broker, store or registry that is gone is waited for. Raises SchemaRefused, AnotherLog."""
        while True:
            try:
                await self._session()
            except LogDiverged as error:
                log.error("log not followed", reason=str(error), advice=ADVICE)
                raise AnotherLog(
                    f"The topics {self.topics.prefix}.* hold messages of another log. {error} {ADVICE} "
                    "Choose another COUNTERFOIL_KAFKA_PREFIX, or delete those topics, to publish this log as it is."
                ) from error
            except TRY_AGAIN as error:
                self._failures += 1
                pause = BACKOFF.pause(self._failures)
                self.trouble = f"{type(error).__name__}: {error}"
                log.warning("publishing interrupted", error=self.trouble, again_in=pause)
                await self.pause(pause)

    async def _session(self) -> None:
        ids = await self.registry.agree(self.form) if self.registry else {}
        await self.topics.check(self.broker)
        producer = AIOKafkaProducer(
            **self.broker.client,
            transactional_id=f"{self.topics.prefix}.publisher",
            linger_ms=2,
            max_batch_size=256 * 1024,
            request_timeout_ms=10_000,
        )
        try:
            async with asyncio.timeout(CONNECTS_WITHIN):
                await producer.start()
            async with looking(self.broker) as shown:
                begin = await recover(producer, shown, self.topics)
                await self._recognise(begin.checkpoint)
                progress = Progress(begin, await self.store.head())
                await _Session(self, producer, shown, progress, self.form.encoder(ids), self._addresses(ids)).run()
        finally:
            with suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(STOPS_WITHIN):
                    await producer.stop()

    async def _recognise(self, checkpoint: Checkpoint) -> None:
        """Raises LogDiverged: publishing on would mix this log with another one."""
        for seen in checkpoint.seen:
            await recognise(self.store.event_at, seen)

    def _addresses(self, ids: Mapping[str, int]) -> Mapping[str, str]:
        return {name: self.registry.address(number) for name, number in ids.items()} if self.registry else {}

    def count(self, messages: int) -> None:
        """A transaction was committed, so all is well."""
        self.published += messages
        self._failures = 0


@dataclass(slots=True)
class _Session:
    """One producer from its start to its first error."""

    publisher: Publisher
    producer: AIOKafkaProducer
    shown: CommittedReads
    progress: Progress
    encode: Callable[[Any], bytes]
    schemas: Mapping[str, str]
    translator: Translator = field(init=False)

    def __post_init__(self) -> None:
        self.translator = Translator(self.publisher.store, self.publisher.codec)

    async def run(self) -> None:
        after = self.publisher.position = Position(self.progress.passed.position)
        self.publisher.trouble = None
        log.info("publishing", topics=self.publisher.topics.prefix, after=after)
        async for page in self.publisher.store.subscribe(after=after, types=self.translator.types, batch=PAGE):
            await self._publish(page)
            self.publisher.position = page.position

    async def _publish(self, page: Page) -> None:
        translated, ends = await self.translator.translate(page.records), dict[TopicPartition, int]()
        messages = [one for one in map(self._outgoing, translated) if not self.progress.stands(one)]
        after = self.progress.after(await self._seen(page))
        if messages or page.position - self.progress.written >= QUIET_POSITIONS:
            checkpoint = self.progress.to_write(after, with_messages=bool(messages))
            ends = await self.shown.ends(await self._send(messages, checkpoint))
            self.progress.written = checkpoint.position
            self.publisher.count(len(messages))
        self.progress.translated(after, ends)

    async def _seen(self, page: Page) -> Seen:
        seen = seen_of(page)
        return seen if seen.event_id is not None else await recognise(self.publisher.store.event_at, seen)

    async def _send(self, messages: Sequence[Outgoing], checkpoint: Checkpoint) -> Collection[TopicPartition]:
        """All of it in one transaction, or nothing; answers where the messages are.

        One that is left open would keep readers waiting for a minute.
        """
        last = Outgoing(CHECKPOINT, KEY, encoded(checkpoint), [])
        await self.producer.begin_transaction()
        try:
            async with asyncio.timeout(SENDS_WITHIN):
                *sent, _ = await asyncio.gather(*[await self._sent(one) for one in (*messages, last)])
                await self.producer.commit_transaction()
        except BaseException:
            with suppress(*LOST):
                async with asyncio.timeout(STOPS_WITHIN):
                    await self.producer.abort_transaction()
            raise
        return {one.topic_partition for one in sent}

    async def _sent(self, one: Outgoing) -> "asyncio.Future[Any]":
        where = self.publisher.topics.of(one.topic)
        sent: asyncio.Future[Any] = await self.producer.send(where, value=one.value, key=one.key, headers=one.headers)
        sent.add_done_callback(_retrieved)
        return sent

    def _outgoing(self, translated: Translated) -> Outgoing:
        if translated.recorded is None:
            return _dead(translated, translated.error)
        try:
            kind, value = kind_of(translated.message), self.encode(translated.message)
        except Exception as error:
            log.exception("message cannot be written", position=translated.record.position)
            return _dead(translated, f"{type(error).__name__}: {error}")
        if len(value) > LARGEST:
            return _dead(translated, f"{len(value)} bytes are more than {LARGEST}")
        attributes = headers(
            translated.message, translated.recorded, self.publisher.source, self.schemas.get(kind.name)
        )
        attributes.append((CONTENT_TYPE, self.publisher.form.content_type.encode()))
        names = (name_of(translated.record.event_id, translated.asked), id_of(translated.record.event_id, kind.name))
        return Outgoing(kind.topic, getattr(translated.message, kind.key).encode(), value, attributes, names)


def _retrieved(sent: "asyncio.Future[Any]") -> None:
    """Mark the error as retrieved: the first one ends the transaction, and asyncio would log the others."""
    if not sent.cancelled():
        sent.exception()


def _dead(translated: Translated, error: str | None) -> Outgoing:
    """A dead letter: the place of the event and the error, without its content, which may be personal."""
    record = translated.record
    letter = Letter(
        position=record.position,
        stream=record.stream,
        revision=record.revision,
        event_id=record.event_id,
        type=record.type,
        error=error or "",
        asked=translated.asked,
    )
    names = (letter.name, *(id_of(record.event_id, kind) for kind in KINDS))
    return Outgoing(DEAD_LETTERS, record.stream.encode(), msgspec.json.encode(letter), [], names)
