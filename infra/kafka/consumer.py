"""The part `feeds`: take in what other systems tell, each message once, however often Kafka hands it out.

A batch is carried out, then remembered in the inbox, then committed to Kafka. A crash between any two of these hands
it out again: what is in the inbox is passed over, what is not has command ids that the log knows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from commands.ports import StoreError
from domain.shared.backoff import Backoff
from domain.shared.errors import DomainError
from infra.kafka.broker import Broker
from infra.kafka.feeds import Feeds
from infra.kafka.inbox import Outcome, PostgresInbox
from infra.kafka.incoming import Incoming, Raw, Unreadable, named
from infra.kafka.refusals import TopicsMissing
from infra.kafka.topics import FEEDS, Topics

BATCH, AT_ONCE = 500, 32
WAIT_MS = 1_000
BACKOFF = Backoff(0.2, 10.0)
TRY_AGAIN = (KafkaError, StoreError, OSError, TimeoutError, TopicsMissing)
LONGEST_ERROR = 500

log = structlog.get_logger()


@dataclass(slots=True)
class FeedConsumer:
    """A member of the consumer group `<prefix>.feeds`: start several, and they share the partitions."""

    feeds: Feeds
    inbox: PostgresInbox
    broker: Broker
    topics: Topics
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    taken_in: int = 0
    parked: int = 0
    repeated: int = 0

    async def run(self) -> None:
        """Until cancelled; a broker or a store that is gone is waited for."""
        failures = 0
        while True:
            before = self.taken_in
            try:
                await self._session()
            except TRY_AGAIN as error:
                failures = 1 if self.taken_in > before else failures + 1
                pause = BACKOFF.pause(failures)
                log.warning("feeds interrupted", error=f"{type(error).__name__}: {error}", again_in=pause)
                await self.pause(pause)

    async def _session(self) -> None:
        await self.topics.check(self.broker)
        consumer = AIOKafkaConsumer(
            self.topics.of(FEEDS),
            **self.broker.client,
            group_id=self.topics.of(FEEDS),
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_poll_records=BATCH,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=2_000,
        )
        try:
            await consumer.start()
            while True:
                batches = await consumer.getmany(timeout_ms=WAIT_MS)
                if batches:
                    await self.take_in([_raw(record) for records in batches.values() for record in records])
                    await consumer.commit({place: records[-1].offset + 1 for place, records in batches.items()})
        finally:
            with suppress(KafkaError):
                await consumer.stop()

    async def take_in(self, records: Sequence[Raw]) -> None:
        """Carry out what is new, and remember it. Messages of one key are carried out one after the other."""
        messages = [named(raw) for raw in records]
        known = await self.inbox.known(messages)
        queues: dict[bytes, list[Incoming]] = {}
        outcomes: list[Outcome] = []
        for incoming in messages:
            fingerprint = known.setdefault((incoming.source, incoming.id), "")
            if not fingerprint:
                known[incoming.source, incoming.id] = incoming.fingerprint
                queues.setdefault(incoming.raw.key, []).append(incoming)
            elif fingerprint == incoming.fingerprint:
                self.repeated += 1
            else:
                log.warning("feed used an id twice", source=incoming.source, id=incoming.id, type=incoming.type)
                again = Incoming(incoming.source, f"{incoming.id} ({incoming.raw.place})", incoming.type, incoming.raw)
                outcomes.append(Outcome(again, "Its id was used before, for another message."))
        outcomes += await self._at_once(list(queues.values()))
        await self.inbox.store(outcomes)
        for incoming, error in outcomes:
            if error is not None:
                self.parked += 1
                log.warning("feed message parked", source=incoming.source, id=incoming.id, why=error)
        self.taken_in += len(records)

    async def _at_once(self, queues: Sequence[Sequence[Incoming]]) -> list[Outcome]:
        room = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as tasks:
                done = [tasks.create_task(self._one_by_one(queue, room)) for queue in queues]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return [outcome for task in done for outcome in task.result()]

    async def _one_by_one(self, queue: Sequence[Incoming], room: asyncio.Semaphore) -> list[Outcome]:
        async with room:
            return [Outcome(incoming, await outcome(self.feeds, incoming)) for incoming in queue]


async def outcome(feeds: Feeds, incoming: Incoming) -> str | None:
    """Carry a message out; None, or why it cannot be. Raises StoreError when that is not the message's fault."""
    try:
        await feeds.carry_out(incoming)
    except (Unreadable, DomainError) as error:
        return str(error)[:LONGEST_ERROR]
    except (StoreError, OSError, asyncio.CancelledError):
        raise
    except Exception as error:
        log.exception("feed message failed", source=incoming.source, id=incoming.id, type=incoming.type)
        return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    return None


def _raw(record: ConsumerRecord) -> Raw:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return Raw(place, headers, record.key or b"", record.value or b"")
