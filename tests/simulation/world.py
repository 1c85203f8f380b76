"""A whole shop on one thread: real deciders, handler, processes and runner; time, chance and crashes from one seed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from commands.handler import CommandHandler
from commands.ports import NO_STREAM, Appended, EventStore, Expected, NewEvent, Page, Record, StoreUnavailable
from commands.routes import ROUTES, Route
from domain.shared.errors import DomainError
from domain.shared.ids import PaymentId
from domain.shared.messages import EVENTS, name_of
from domain.shared.recorded import Metadata, Position, Recorded
from infra.eventstore.factory import in_memory_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.payments.book import MemoryBook
from infra.payments.gateway import TestGateway
from infra.payments.intents import Standing, standing
from infra.payments.sender import Sender
from infra.payments.webhooks import read_webhook
from infra.serialization.codec import JsonCodec
from process_managers.engine.delivery import Patience
from process_managers.engine.parking import PARKING, ResendParked
from process_managers.engine.ports import Gateway
from process_managers.engine.process import Process, Reaction
from process_managers.engine.runner import Limits, Runner
from process_managers.gateway_calls import GatewayCalls
from process_managers.registry import PROCESSES
from tests.simulation.chaos import Chaos, Plug
from tests.simulation.invariants import Books, Broken
from tests.simulation.story import Story, short
from tests.support.fixtures.progress import MemoryProgress
from tests.support.fixtures.virtual_time import BEGINNING
from tests.support.fixtures.watched import Crash, WatchedCommands, WatchedGateway, WatchedProgress, WatchedStore

SECRET = b"whsec_simulation"
NAMESPACE = UUID("c7d9f0a2-7b0e-5d0a-9c9c-2f4f3a1b6e55")
ALL_ROUTES: dict[type[Any], Route] = {**ROUTES, ResendParked: PARKING}


Call = Callable[[CommandHandler, Metadata], Awaitable[Appended]]


@dataclass(frozen=True, slots=True)
class Variant:
    """What a planted bug may change, and what is left of the chaos when crashes come one by one at chosen points."""

    processes: Sequence[Process[Any] | Reaction] = PROCESSES
    at_gateway: Callable[[Gateway], Gateway] = lambda gateway: gateway
    shoppers: int | None = None
    calm: bool = False
    crash_at: int | None = None


class World:
    """The shop, its gateway, its books, and all that goes wrong."""

    def __init__(self, seed: int, variant: Variant) -> None:
        self.seed, self.variant = seed, variant
        self.random = Random(seed)
        fail = self.random.choice([0.0, 0.01, 0.05, 0.15])
        self.chaos = Chaos(self.random, fail=fail, calm=variant.calm, crash_at=variant.crash_at)
        self.story, self.books, self.codec = Story(), Books(), JsonCodec()
        self.warped = timedelta(0)
        self.store: EventStore = _Seen(in_memory_store(self.clock), self)
        self.progress = MemoryProgress()
        self.bank = MemoryBook()
        late_by = timedelta(days=3) if self.random.random() < 0.1 else timedelta(minutes=self.random.random() * 30)
        self.gateway = TestGateway(self.bank, self.clock, "https://bank.test/", late_by)
        self.sender = Sender(self.bank, self.take_webhook, SECRET, self.clock)
        self.broken: Broken | None = None
        self.asked = 0
        self.api = self._handler(self.chaos_of_api().point)

    def clock(self) -> datetime:
        return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time()) + self.warped

    def ledger(self) -> dict[PaymentId, Standing]:
        """The gateway's money, seen without waiting."""
        now = self.clock()
        return {payment: standing(account.intents, now) for payment, account in self.bank.known.items()}

    def tell(self, word: str, what: str) -> None:
        self.story.tell(self.clock(), word, what)

    def chaos_of_api(self) -> Plug:
        return Plug(Chaos(self.random, crash=0, fail=self.chaos.fail, calm=self.variant.calm))

    async def ask(self, who: str, command: object) -> None:
        """Somebody asks the write API."""
        await self.request(
            who, f"{name_of(command)}({short(command)})", lambda handler, signed: handler(command, signed)
        )

    async def request(self, who: str, what: str, call: Call) -> None:
        """Somebody asks, sometimes twice, with one idempotency key, until there is an answer."""
        self.asked += 1
        key = uuid5(NAMESPACE, f"{self.seed}:{self.asked}")
        self.tell("when", f"{who}: {what}")
        signed = Metadata(command_id=key, correlation_id=key, causation_id=key, actor=who)
        times = 2 if self.chaos.chance(0.2) else 1
        await asyncio.gather(*(self._until_answered(call, signed) for _ in range(times)))

    async def _until_answered(self, call: Call, signed: Metadata) -> None:
        while True:
            await self.chaos.delay()
            if self.chaos.chance(0.02):
                self.api = self._handler(self.chaos_of_api().point)
            try:
                self._acknowledged(await call(self.api, signed), signed)
                return
            except DomainError as refusal:
                self.tell("then", f"no to {signed.actor}: {refusal}")
                return
            except StoreUnavailable:
                continue

    def _acknowledged(self, at: Appended, signed: Metadata) -> None:
        """Whoever gets a position can find there what was done, now and later."""
        if self.broken is None and at.position > self.books.seen:
            self.broken = Broken(f"{signed.actor} was told of {at}, which is not in the log")

    async def take_webhook(self, body: bytes, signature: str) -> None:
        await self.chaos.delay()
        command_id, command = read_webhook(body, signature, self.clock(), SECRET)
        assert command is not None, "The test gateway tells of nothing that the shop does not know."
        self.tell("when", f"gateway: {name_of(command)}({short(command)})")
        signed = Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="gateway")
        try:
            await self.api(command, signed)
        except DomainError as refusal:
            self.tell("then", f"no to the gateway: {refusal}")

    async def live_and_die(self, stop: asyncio.Event) -> None:
        """The runner works, crashes, loses its memory and starts again from what was stored."""
        while not stop.is_set():
            plug = Plug(self.chaos)
            try:
                await self.runner(plug).run(stop)
            except* Crash:
                self.tell("crash", f"processes die at {plug.pulled}")
            if not stop.is_set():
                await asyncio.sleep(self.random.choice([0.1, 1, 30]) * self.random.random())

    def runner(self, plug: Plug) -> Runner:
        draw = self.random.choice
        commands = GatewayCalls(
            WatchedGateway(self.variant.at_gateway(self.gateway), plug.point), self._handler(plug.point)
        )
        return Runner(
            store=WatchedStore(self.store, plug.point),
            codec=self.codec,
            processes=self.variant.processes,
            progress=WatchedProgress(self.progress, plug.point),
            commands=WatchedCommands(commands, plug.point),
            clock=self.clock,
            routes=ALL_ROUTES,
            patience=Patience(attempts=5, first=0.2, most=5.0, jitter=self.random.random),
            limits=Limits(
                beat=draw([2, 10, 40]), under_way=draw([2, 2000]), page=draw([1, 500]), instances=draw([2, 999])
            ),
        )

    def _handler(self, point: Callable[[str], Any]) -> CommandHandler:
        return CommandHandler(WatchedStore(self.store, point), self.codec, MemorySnapshots(), ALL_ROUTES)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Implements commands.ports.EventStore; whatever is stored is seen by the books at once."""

    store: EventStore
    world: World

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        appended = await self.store.append(stream, events, expected=expected)
        if not appended.repeated and self.world.broken is None:
            self._see(stream, events, appended)
        return appended

    def _see(self, stream: str, events: Sequence[NewEvent], appended: Appended) -> None:
        world, ledger = self.world, self.world.ledger()
        for behind, event in zip(range(len(events) - 1, -1, -1), events, strict=True):
            recorded = Recorded(
                world.codec.decode(event.data, EVENTS[event.type]),
                Position(appended.position - behind),
                stream,
                appended.revision - behind,
                event.event_id,
                world.clock(),
                event.metadata,
            )
            world.story.fact(recorded)
            try:
                world.books.see(recorded, ledger)
            except Broken as broken:
                world.broken = broken
                return

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        return await self.store.find(stream, event_id)

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        return await self.store.read(stream, after=after, limit=limit)

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        return await self.store.read_all(after=after, limit=limit, types=types)

    def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        return self.store.subscribe(after=after, types=types, batch=batch)

    async def head(self) -> Position:
        return await self.store.head()

    async def event_at(self, position: Position) -> UUID | None:
        return await self.store.event_at(position)
