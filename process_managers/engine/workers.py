"""A worker takes the inputs of one instance in, and has the commands carried out that they lead to.

It takes the next inputs in only when all commands of the earlier ones are settled. So a process is never overtaken by
its own commands, and the commands of the journal's last append are all that a crash can have left undone.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from commands.ports import ConcurrentChange, EventIdTaken, NewEvent, StoreUnavailable
from domain.shared.journal import JournalEntry
from domain.shared.messages import stored_name
from process_managers.engine.inputs import Input, OutgoingCommand, of_refusal, resent
from process_managers.engine.instance import (
    Instance,
    NewEntry,
    outgoing_of,
    requested_commands,
    take_in,
    timer_changes,
    with_entry,
)
from process_managers.engine.journal import entry_id, journal_stream
from process_managers.engine.process import CommandRefused, Process, Reaction
from process_managers.engine.services import Services

JOURNAL_ENTRY = stored_name(JournalEntry)

log = structlog.get_logger()


@dataclass(slots=True)
class JournalWorker:
    """Takes in the inputs of one instance of a process with memory: load, deliver, decide, store, in turns."""

    services: Services
    process: Process[Any]
    name: str
    inbox: list[Input] = field(default_factory=list)
    busy: bool = False
    instance: Instance | None = None
    waiting: Sequence[Input] = ()

    @property
    def may_go(self) -> bool:
        """Whether the worker can be dropped: the journal holds all that it knows."""
        if self.busy or self.instance is None:
            return not self.busy
        return self.services.checkpoint.covers(self.name, self.instance.position)

    async def take(self, inputs: Sequence[Input]) -> None:
        """Take inputs in with one append, deliver their commands, take in the refusals, until nothing waits.

        Raises EventIdTaken when the journal holds an entry of another instance under one of the ids.
        """
        self.waiting, failures = inputs, 0
        resend = [outgoing for given in inputs for outgoing in resent(given)]
        by_hand = any(given.attempt for given in inputs)
        presumed = self._presumed(inputs)
        while True:
            known, presumed = self.instance or presumed, None
            try:
                instance = known or await self._load()
                if by_hand:
                    self._keep_timers(instance)
                self.instance = instance = await self._deliver(instance, resend)
                resend = []
                if not self.waiting:
                    return
                await self._store(instance, *self._decide(instance))
            except ConcurrentChange:
                self._read_again()
            except EventIdTaken:
                if known is None:
                    raise
                self._read_again()
            except StoreUnavailable:  # stored or not: only the journal shows
                self._read_again()
                failures += 1
                await self.services.delivery.pause(self.services.delivery.patience.pause(failures))

    def _presumed(self, inputs: Sequence[Input]) -> Instance | None:
        """An instance without a journal, for an input that begins one; the append says if that is wrong."""
        begins = self.instance is None and isinstance(inputs[0].message, self.process.begins)
        return Instance(self.process.initial) if begins else None

    def _read_again(self) -> None:
        """Drop what is known of the instance, so that the next turn reads its journal."""
        self.instance = None

    async def _load(self) -> Instance:
        """The instance as the fold of its journal. Raises StoreUnavailable."""
        instance = Instance(self.process.initial)
        for record in await self.services.store.read(journal_stream(self.process.name, self.name)):
            instance = with_entry(self.process, instance, self.services.codec.decode_event(record))
        if self.services.checkpoint.covers(self.name, instance.position):
            return instance._replace(unsettled=())
        # Written above the watermark: neither its commands nor its timers are sure to have gone out.
        self._keep_timers(instance)
        return instance

    async def _deliver(self, instance: Instance, resend: Sequence[OutgoingCommand]) -> Instance:
        """Deliver what is not settled; refusals are the next inputs."""
        if not instance.unsettled and not resend:
            return instance
        refused = await self.services.delivery.all_of([*instance.unsettled, *resend])
        self.waiting = [*(of_refusal(no, self.services.clock()) for no in refused), *self.waiting]
        return instance._replace(unsettled=())

    def _decide(self, instance: Instance) -> tuple[Instance, Sequence[NewEntry]]:
        """The instance after the inputs that wait, and the entries that make it so. Nothing is stored."""
        return take_in(self.process, self.name, instance, self.waiting)

    async def _store(self, before: Instance, after: Instance, entries: Sequence[NewEntry]) -> None:
        """Append the entries. Raises ConcurrentChange, EventIdTaken, StoreUnavailable."""
        if entries:
            if after.trouble != before.trouble:
                log.error("process in trouble", process=self.process.name, instance=self.name, trouble=after.trouble)
            encode = self.services.codec.encode
            events = [NewEvent(new.id, JOURNAL_ENTRY, encode(new.entry), new.metadata) for new in entries]
            stream = journal_stream(self.process.name, self.name)
            appended = await self.services.store.append(stream, events, expected=before.revision)
            if appended.repeated:  # stored earlier, and more may have followed: read the journal before going on
                self._read_again()
                return
            for new in entries:
                timers = ((timer.name, timer.due) for timer in new.entry.alarms)
                self.services.keep(self.process.name, self.name, timers, new.metadata.correlation_id)
            after = after._replace(position=appended.position)
        self.instance, self.waiting = after, ()

    def _keep_timers(self, instance: Instance) -> None:
        if instance.correlation_id is not None:
            self.services.keep(self.process.name, self.name, instance.alarms.items(), instance.correlation_id)


@dataclass(slots=True)
class ReactionWorker:
    """Takes in the inputs of one instance of a process without memory: the log is its journal."""

    services: Services
    process: Reaction
    name: str
    inbox: list[Input] = field(default_factory=list)
    busy: bool = False

    def at_once(self, given: Input) -> bool:
        """Take in an input that leads to timers at most. False: it leads to commands, or cannot be taken in."""
        try:
            outgoing_commands, alarms = self._react(given)
        except Exception:
            return False
        if not outgoing_commands:
            self.services.keep(self.process.name, self.name, alarms, given.correlation_id)
        return not outgoing_commands

    async def take(self, inputs: Sequence[Input]) -> None:
        """React to one input after the other, and to refusals if the reaction handles them."""
        waiting = deque(inputs)
        while waiting:
            given = waiting.popleft()
            outgoing_commands, alarms = self._react(given)
            self.services.keep(self.process.name, self.name, alarms, given.correlation_id)
            refused = await self.services.delivery.all_of(outgoing_commands)
            if CommandRefused in self.process.handles:
                waiting.extendleft(of_refusal(no, self.services.clock()) for no in reversed(refused))

    def _react(self, given: Input) -> tuple[Sequence[OutgoingCommand], Sequence[tuple[str, datetime | None]]]:
        if again := resent(given):
            return again, ()
        if not (requests := self.process.react(given.message, given.at)):
            return (), ()
        alarms = [(alarm.name, alarm.due) for alarm in timer_changes(requests)]
        if len(alarms) == len(requests):
            return (), alarms
        requested = requested_commands(entry_id(self.process.name, given.id), requests)
        return outgoing_of(self.process.name, self.name, requested, given.correlation_id, given.id), alarms
