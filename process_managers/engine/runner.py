"""Runs all business processes: the log and the timers in, commands out, nothing lost and nothing done twice."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from commands.ports import Codec, EventStore, LogDiverged, Page, Record
from commands.recognising import ADVICE
from commands.routes import Route
from domain.shared.journal import CommandResent, InputParked, InputResent, JournalEntry
from domain.shared.recorded import Position, Recorded
from process_managers.engine.checkpoint import Checkpoint
from process_managers.engine.delivery import Delivery, Patience, Stopping
from process_managers.engine.inputs import of_event, of_timer, of_unrecorded
from process_managers.engine.instance_pool import InstancePool
from process_managers.engine.parked_inputs import of_record, once_more
from process_managers.engine.partitions import ALL, partition_of
from process_managers.engine.ports import Clock, Commands, Progress, Timer
from process_managers.engine.process import CommandRefused, Process, Reaction, TimerFired, UnknownProcess
from process_managers.engine.recognising import recognised
from process_managers.engine.services import Services
from process_managers.engine.watermark import Ticket, Watermark

UNREADABLE = "log"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a runner does and keeps at once. `beat` is how often, in seconds, it stores and looks for timers.

    `quiet` is after how many seconds without a page a runner takes it that there is nothing more to read.
    """

    beat: float = 0.5
    quiet: float = 30.0
    under_way: int = 2000
    page: int = 500
    timers: int = 1000
    instances: int = 20_000


class Look(NamedTuple):
    """A moment, and the end of the log at that moment or a little later."""

    at: datetime
    head: Position


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs `processes` from the stored checkpoint on, for the instances of some partitions.

    Two runners at once on the same partition would be right but wasteful; a lease keeps it to one.
    """

    store: EventStore
    codec: Codec
    processes: Sequence[Process[Any] | Reaction]
    progress: Progress
    commands: Commands
    clock: Clock
    routes: Mapping[type[Any], Route]
    patience: Patience = field(default_factory=Patience)
    limits: Limits = field(default_factory=Limits)
    partitions: frozenset[int] = ALL

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, finish what is in hand, store the checkpoint.

        A log that is not the one of the checkpoint is not followed; it is waited for until `stop` is set.
        """
        if not await recognised(self.store.event_at, self.progress, stop):
            return
        try:
            await self._follow(stop)
        except* LogDiverged as diverged:
            log.error("log not followed", reason=str(diverged.exceptions[0]), advice=ADVICE)

    async def _follow(self, stop: asyncio.Event) -> None:
        start, head = await self.progress.position(), await self.store.head()
        log.info("processes running", processes=[process.name for process in self.processes], position=start)
        async with asyncio.TaskGroup() as tasks:
            shift = RunnerSession(self, start, await self.progress.ahead(), stop, tasks)
            reading = tasks.create_task(shift.read(start, head))
            tasks.create_task(shift.beat())
            await stop.wait()
            reading.cancel()
        await shift.checkpoint.store()
        log.info("processes stopped", position=shift.watermark.low)


class RunnerSession:
    """What a runner knows from start to stop, and loses in a crash."""

    def __init__(
        self,
        runner: Runner,
        start: Position,
        ahead: Mapping[int, Position],
        stop: asyncio.Event,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.runner, self.limits, self.stop, self.tasks = runner, runner.limits, stop, tasks
        self.watermark = Watermark(start)
        self.checkpoint = Checkpoint(runner.progress, runner.store.event_at, self.watermark, start, ahead)
        self.room = asyncio.Event()
        self.room.set()
        self.ringing = set[Timer]()
        self.look: Look | None = None
        self.read_at = asyncio.get_running_loop().time()
        self.listeners = dict[type[Any], list[Process[Any] | Reaction]]()
        for process in runner.processes:
            for event in process.handles:
                self.listeners.setdefault(event, []).append(process)
        delivery = Delivery(runner.commands, runner.store, runner.codec, runner.routes, runner.patience, self.pause)
        self.services = Services(runner.store, runner.codec, runner.clock, delivery, self.checkpoint)
        known = {process.name: process for process in runner.processes}
        self.pool = InstancePool(self.services, known, tasks, runner.limits.instances)

    async def pause(self, seconds: float) -> None:
        """Wait, unless the runner is to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stop.wait()
            raise Stopping

    async def read(self, start: Position, head: Position) -> None:
        """Hand the log out page by page, as long as there is room for more.

        Up to the `head` of the beginning a crash may have left journals whose commands did not go out. Events would
        wake their instances, timers would come too late for that, so the journals themselves do.
        """
        names_of = self.runner.codec.names_of
        events = {*self.listeners, CommandResent, InputResent} - {TimerFired, CommandRefused}
        if start < head:
            await self.follow(names_of({*events, JournalEntry}), until=head)
        await self.follow(names_of(events))

    async def follow(self, types: Collection[str], until: Position | None = None) -> None:
        """Hand out what is read, until a position has been passed, or without an end."""
        pages = self.runner.store.subscribe(after=self.watermark.high, types=types, batch=self.limits.page)
        async for page in pages:
            self.hand_out(page)
            await self.room.wait()
            self.read_at = asyncio.get_running_loop().time()
            if until is not None and self.watermark.high >= until:
                return

    def hand_out(self, page: Page) -> None:
        """Give each record to the processes that handle it."""
        for record in page.records:
            ticket = self.watermark.open(self.closed)
            self.watermark.passed(record.position)
            self.give(record, ticket)
            ticket.done()
        self.watermark.passed(page.position)
        if self.watermark.under_way >= self.limits.under_way:
            self.room.clear()

    def closed(self) -> None:
        """Something is done, so there may be room again."""
        if self.watermark.under_way < self.limits.under_way:
            self.room.set()

    def give(self, record: Record, ticket: Ticket, resent: Recorded[InputResent] | None = None) -> None:
        """Give a record to every process that handles it. `resent`: it was sent again, as a rule to one of them."""
        attempt, only = (None, UNREADABLE) if resent is None else (resent.event_id, resent.fact.process)
        try:
            recorded = self.runner.codec.decode_event(record)
        except Exception as fault:
            self.give_up(of_record(record, only, fault), ticket, fault, attempt)
            return
        if isinstance(recorded.fact, InputResent):
            self.give_again(recorded, ticket)
            return
        given = of_event(recorded, ticket, attempt)
        if isinstance(recorded.fact, CommandResent | JournalEntry):
            if self.is_ours(recorded.fact.instance):
                self.pool.accept(recorded.fact.process, recorded.fact.instance, given)
            return
        for process in self.listeners.get(type(recorded.fact), ()):
            if only not in (UNREADABLE, process.name):
                continue
            try:
                instance = process.instance_of(recorded.fact)
            except Exception as fault:
                self.give_up(of_record(record, process.name, fault), ticket, fault, attempt)
                continue
            if instance is not None and self.is_ours(instance):
                self.pool.accept(process.name, instance, given)

    def is_ours(self, instance: str) -> bool:
        """Whether the instance belongs to a partition of ours."""
        return partition_of(instance) in self.runner.partitions

    def give_again(self, event: Recorded[InputResent], ticket: Ticket) -> None:
        """Give out what was sent again: an event as the log has it, a timer or a refusal as it was kept."""
        resent = event.fact
        if resent.process != UNREADABLE and resent.process not in self.pool.processes:
            fault = UnknownProcess(f"No process is called {resent.process}.")
            self.give_up(once_more(resent, fault), ticket, fault, event.event_id)
            return
        if resent.unrecorded is not None and resent.instance is not None:
            if self.is_ours(resent.instance):
                self.pool.accept(resent.process, resent.instance, of_unrecorded(event, resent.unrecorded, ticket))
            return
        ticket.split()

        async def read() -> None:
            try:
                record = await self.services.look_up(resent.stream, resent.revision)
            except Stopping:
                return
            except Exception as fault:
                self.give_up(once_more(resent, fault), ticket, fault, event.event_id)
            else:
                self.give(record, ticket, event)
            ticket.done()

        self.tasks.create_task(read())

    def give_up(self, parked: InputParked, ticket: Ticket, fault: Exception, attempt: UUID | None) -> None:
        """Park what cannot be handed out."""
        ticket.split()

        async def park() -> None:
            with suppress(Stopping):
                await self.services.park(parked, fault, attempt=attempt)
                ticket.done()

        self.tasks.create_task(park())

    async def beat(self) -> None:
        """Store the checkpoint, report the processing lag, and look for timers, again and again."""
        while not self.stop.is_set():
            try:
                self.ringing.difference_update(await self.checkpoint.store())
                if (late := self.services.processing_lag.taken()) is not None:
                    await self.runner.progress.late(late, self.watermark.under_way)
                await self.ring()
            except Exception as fault:
                # Kept, and tried again with the next beat; until then a crash would cost time and nothing else.
                log.warning("progress not stored", error=type(fault).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), self.limits.beat)

    async def ring(self) -> None:
        """Turn timers that are due into inputs, behind everything that was recorded before they were looked for.

        Else a runner that is behind the log would call late what had come in time.
        """
        look = self.look = self.look or Look(self.runner.clock(), await self.runner.store.head())
        if not self.has_read(look.head):
            return
        self.look = None
        for timer in await self.runner.progress.due(look.at, self.limits.timers):
            if timer not in self.ringing and self.is_ours(timer.instance):
                self.ringing.add(timer)
                ticket = self.watermark.open(partial(self.rung, timer))
                self.pool.accept(timer.process, timer.instance, of_timer(timer, look.at, ticket))
                ticket.done()

    def has_read(self, head: Position) -> bool:
        """Whether the log was read up to there, as far as a subscription to some types of events shows."""
        waiting = self.room.is_set() and asyncio.get_running_loop().time() - self.read_at > self.limits.quiet
        return self.watermark.high >= head or waiting

    def rung(self, timer: Timer) -> None:
        """All that follows from a timer is done."""
        self.checkpoint.rung(timer)
        self.closed()
