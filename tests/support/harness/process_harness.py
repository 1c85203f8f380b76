"""A house with plays and dinners, run by the real runner on a store in memory, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from commands.handler import CommandHandler
from commands.ports import Appended, EventStore
from commands.routes import Route
from domain.shared.journal import JournalEntry
from domain.shared.recorded import START, Metadata, Recorded
from infra.eventstore.factory import in_memory_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.serialization.codec import JsonCodec
from process_managers.engine.delivery import Patience
from process_managers.engine.parking import PARKING, ResendInput, ResendParked
from process_managers.engine.partitions import ALL
from process_managers.engine.ports import Clock, Commands
from process_managers.engine.process import Process, Reaction
from process_managers.engine.runner import Limits, Runner
from tests.support.fixtures.progress import MemoryProgress
from tests.support.fixtures.virtual_time import clock
from tests.support.fixtures.watched import Point, WatchedCommands, WatchedProgress, WatchedStore
from tests.support.harness.counter import SHOWS, SellTicket
from tests.support.harness.outing import outing, waiting_list

ROUTES: dict[type[Any], Route] = {**SHOWS, ResendParked: PARKING, ResendInput: PARKING}
PATIENCE = Patience(attempts=3, first=1.0, most=4.0, jitter=lambda: 1.0)


async def nothing(_: str) -> None:
    """A point at which nothing happens."""


async def forgetful(_: object, __: Metadata) -> None:
    """Says yes to every command and does nothing."""


@dataclass(slots=True)
class ProcessHarness:
    """`point` is passed by the runner, not by those who buy tickets."""

    point: Point = nothing
    around: Callable[[Commands], Commands] = lambda commands: commands
    processes: Sequence[Process[Any] | Reaction] = (outing, waiting_list)
    limits: Limits = field(default_factory=Limits)
    store: EventStore = field(default_factory=lambda: in_memory_store(clock))
    progress: MemoryProgress = field(default_factory=MemoryProgress)
    codec: JsonCodec = field(default_factory=JsonCodec)
    clock: Clock = clock
    partitions: frozenset[int] = ALL

    def handler(self) -> CommandHandler:
        return CommandHandler(self.store, JsonCodec(), MemorySnapshots(), ROUTES)

    async def ask(self, command: object, number: int) -> Appended:
        """What somebody asks from outside; `number` makes the ids."""
        number_id = UUID(int=number)
        signed = Metadata(command_id=number_id, correlation_id=number_id, causation_id=number_id, actor="anna")
        return await self.handler()(command, signed)

    async def sell(self, show: str, number: int) -> Appended:
        return await self.ask(SellTicket(show=show), number)

    async def sell_out(self, show: str) -> None:
        for number in range(3):
            await self.sell(show, 900 + number)

    def runner(self) -> Runner:
        return Runner(
            store=WatchedStore(self.store, self.point),
            codec=self.codec,
            processes=self.processes,
            progress=WatchedProgress(self.progress, self.point),
            commands=WatchedCommands(self.around(self.handler()), self.point),
            clock=self.clock,
            routes=ROUTES,
            patience=PATIENCE,
            limits=self.limits,
            partitions=self.partitions,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The runner works while the block runs, and has stopped after it."""
        stop = asyncio.Event()
        running = asyncio.create_task(self.runner().run(stop))
        try:
            yield
        finally:
            stop.set()
            await running

    async def run_for(self, seconds: float) -> None:
        async with self.running():
            await asyncio.sleep(seconds)

    async def log(self) -> list[Recorded[Any]]:
        page = await self.store.read_all(after=START, limit=100_000)
        return [JsonCodec().decode_event(record) for record in page.records]

    async def facts(self) -> list[Any]:
        """What happened, journals left out."""
        return [recorded.fact for recorded in await self.log() if not isinstance(recorded.fact, JournalEntry)]

    async def heard(self, instance: str) -> list[JournalEntry]:
        """The journal of an outing."""
        return [JsonCodec().decode_event(record).fact for record in await self.store.read(f"outing-{instance}")]
