"""Who works for one instance: takes in what waits, and sees to it that what was asked for is carried out.

A worker takes the next inputs in only when all that the earlier ones asked for is settled. So a process is never
overtaken by its own commands, and what a journal's last append asked for is all that a crash can have left undone.
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
    outgoing_of,
    requested_commands,
    take_in,
    timer_changes,
    with_entry,
)
from process_managers.engine.journal import entry_id, journal_stream
from process_managers.engine.process import CommandRefused, Process, Reaction
from process_managers.engine.services import Services

HEARD = stored_name(JournalEntry)

log = structlog.get_logger()


@dataclass(slots=True)
class JournalWorker:
    """Works for an instance of a process with memory."""

    services: Services
    process: Process[Any]
    name: str
    inbox: list[Input] = field(default_factory=list)
    busy: bool = False
    instance: Instance | None = None
    waiting: Sequence[Input] = ()

    @property
    def may_go(self) -> bool:
        """Whether the journal alone tells all that the worker knows."""
        if self.busy or self.instance is None:
            return not self.busy
        return self.services.checkpoint.covers(self.name, self.instance.position)

    async def take(self, inputs: Sequence[Input]) -> None:
        """Hear the inputs in one append, deliver what they ask for, then hear what was refused, and so on."""
        self.waiting, lost = inputs, 0
        new = self.instance is None and isinstance(inputs[0].message, self.process.begins)
        guess = Instance(self.process.initial) if new else None
        again = [outgoing for given in inputs for outgoing in resent(given)]
        by_hand = any(given.attempt for given in inputs)
        while True:
            try:
                known, guess = self.instance or guess, None
                instance = known or await self._load()
                if by_hand:
                    self._keep_timers(instance)
                if instance.unsettled or again:
                    refused = await self.services.delivery.all_of([*instance.unsettled, *again])
                    self.waiting = [*(of_refusal(no, self.services.clock()) for no in refused), *self.waiting]
                    again, instance = [], instance._replace(unsettled=())
                    self.instance = instance
                if not self.waiting:
                    self.instance = instance
                    return
                self.instance = await self._append(instance, self.waiting)
                if self.instance is not None:
                    self.waiting = ()
            except ConcurrentChange:
                self.instance = None
            except EventIdTaken:
                if known is None:
                    raise
                self.instance = None
            except StoreUnavailable:
                self.instance = None
                lost += 1
                await self.services.delivery.pause(self.services.delivery.patience.pause(lost))

    async def _load(self) -> Instance:
        instance = Instance(self.process.initial)
        for record in await self.services.store.read(journal_stream(self.process.name, self.name)):
            instance = with_entry(self.process, instance, self.services.codec.decode_event(record))
        if self.services.checkpoint.covers(self.name, instance.position):
            return instance._replace(unsettled=())
        # Written above the watermark: neither its commands nor its timers are sure to have gone out.
        self._keep_timers(instance)
        return instance

    def _keep_timers(self, instance: Instance) -> None:
        if instance.correlation_id is not None:
            self.services.keep(self.process.name, self.name, instance.alarms.items(), instance.correlation_id)

    async def _append(self, instance: Instance, inputs: Sequence[Input]) -> Instance | None:
        """The instance after the append. None when all of it had been stored before, and perhaps more after it."""
        name, encode = self.process.name, self.services.codec.encode
        after, entries = take_in(self.process, self.name, instance, inputs)
        if not entries:
            return instance
        if after.trouble != instance.trouble:
            log.error("process in trouble", process=name, instance=self.name, trouble=after.trouble)
        events = [NewEvent(entry.id, HEARD, encode(entry.heard), entry.metadata) for entry in entries]
        appended = await self.services.store.append(journal_stream(name, self.name), events, expected=instance.revision)
        if appended.repeated:
            return None
        for entry in entries:
            alarms = ((alarm.name, alarm.due) for alarm in entry.heard.alarms)
            self.services.keep(name, self.name, alarms, entry.metadata.correlation_id)
        return after._replace(position=appended.position)


@dataclass(slots=True)
class ReactionWorker:
    """Works for an instance of a process without memory: the log is its journal."""

    services: Services
    process: Reaction
    name: str
    inbox: list[Input] = field(default_factory=list)
    busy: bool = False

    def at_once(self, given: Input) -> bool:
        """Take in an input that asks for timers at most. False: it asks for more, or cannot be taken in."""
        try:
            outgoing_commands, alarms = self._react(given)
        except Exception:
            return False
        if not outgoing_commands:
            self.services.keep(self.process.name, self.name, alarms, given.correlation_id)
        return not outgoing_commands

    async def take(self, inputs: Sequence[Input]) -> None:
        """React to one input after the other, and to refusals if the reaction hears them."""
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
        asked = requested_commands(entry_id(self.process.name, given.id), requests)
        return outgoing_of(self.process.name, self.name, asked, given.correlation_id, given.id), alarms
