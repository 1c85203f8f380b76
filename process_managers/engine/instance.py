"""One instance of a process: the fold of its journal, and the next entries to it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from immutables import Map

from commands.ports import NO_STREAM
from domain.shared.journal import CommandResent, Envelope, JournalEntry, RequestedCommand, TimerChange
from domain.shared.messages import name_of
from domain.shared.recorded import START, Metadata, Position, Recorded
from process_managers.engine.inputs import Input, OutgoingCommand, actor
from process_managers.engine.journal import command_id, entry_id
from process_managers.engine.process import CancelTimer, Process, SetTimer, TimerFired

TIMERS = (SetTimer, CancelTimer)
NEVER_TAKEN_IN = (CommandResent, JournalEntry)


class NewEntry(NamedTuple):
    """An entry about to be appended."""

    id: UUID
    entry: JournalEntry
    metadata: Metadata


class Instance(NamedTuple):
    """The fold of a journal: the state, the inputs that were taken in, running timers, and commands to deliver.

    An entry is only appended when all requests of earlier appends are settled, so `unsettled` comes from the last
    append alone. `trouble` is why an input could not be taken in; it stays until the process is mended.
    """

    state: Any
    revision: int = NO_STREAM
    position: Position = START
    settled: int = NO_STREAM
    taken_in: frozenset[UUID] = frozenset()
    alarms: Map[str, datetime] = Map()
    trouble: str | None = None
    unsettled: tuple[OutgoingCommand, ...] = ()
    correlation_id: UUID | None = None

    def is_new(self, given: Input) -> bool:
        """Whether the input is to be taken in: not a repeat, and not a timer that was moved or cancelled since."""
        if isinstance(given.message, TimerFired):
            return self.alarms.get(given.message.name) == given.message.due
        return given.id not in self.taken_in and not isinstance(given.message, NEVER_TAKEN_IN)


def with_entry(process: Process[Any], instance: Instance, recorded: Recorded[JournalEntry]) -> Instance:
    """The instance after an entry of its journal."""
    entry = recorded.fact
    state, trouble = instance.state, instance.trouble
    try:
        state = process.evolve(state, entry.input.message)
    except Exception as fault:
        trouble = _trouble(entry.input.message, fault)
    after = _after(instance, entry, recorded.event_id, state, trouble, recorded.metadata.correlation_id)
    return after._replace(position=recorded.position)


def take_in(
    process: Process[Any], name: str, instance: Instance, inputs: Sequence[Input]
) -> tuple[Instance, list[NewEntry]]:
    """Take inputs in: the entries that they make, for one append, and the instance after it."""
    settled = instance.revision
    entries = list[NewEntry]()
    for given in inputs:
        if not instance.is_new(given):
            continue
        message, state, trouble = given.message, instance.state, instance.trouble
        try:
            state = process.evolve(instance.state, message)
            requests = process.react(instance.state, state, message, given.at)
            phase, attention = process.phase_of(state), process.attention_of(state) or trouble
        except Exception as fault:
            state, requests, trouble = instance.state, (), _trouble(message, fault)
            phase, attention = _phase(process, state), trouble
        entry = entry_id(process.name, given.id)
        new = JournalEntry(
            process=process.name,
            instance=name,
            input_id=given.id,
            input=Envelope(message),
            input_at=given.at,
            asked=requested_commands(entry, requests),
            alarms=timer_changes(requests),
            phase=phase,
            attention=attention,
            settled=settled,
        )
        signed = Metadata(
            command_id=given.id,
            correlation_id=given.correlation_id,
            causation_id=given.id,
            actor=actor(process.name),
        )
        entries.append(NewEntry(entry, new, signed))
        instance = _after(instance, new, entry, state, trouble, given.correlation_id)
    return instance, entries


def requested_commands(entry: UUID, requests: Sequence[Any]) -> tuple[RequestedCommand, ...]:
    """The commands among the requests, numbered."""
    commands = [request for request in requests if not isinstance(request, TIMERS)]
    return tuple(
        [RequestedCommand(command_id=command_id(entry, n), command=Envelope(c)) for n, c in enumerate(commands)]
    )


def timer_changes(requests: Sequence[Any]) -> tuple[TimerChange, ...]:
    """The timers among the requests, set and cancelled."""
    return tuple(
        [
            TimerChange(name=request.name, due=request.due if isinstance(request, SetTimer) else None)
            for request in requests
            if isinstance(request, TIMERS)
        ]
    )


def outgoing_of(
    process: str, instance: str, requested: Sequence[RequestedCommand], correlation_id: UUID, causation_id: UUID
) -> tuple[OutgoingCommand, ...]:
    """Requested commands, ready to be carried out."""
    return tuple(
        OutgoingCommand(
            process,
            instance,
            one.command.message,
            Metadata(
                command_id=one.command_id,
                correlation_id=correlation_id,
                causation_id=causation_id,
                actor=actor(process),
            ),
        )
        for one in requested
    )


def _after(
    instance: Instance, new: JournalEntry, entry: UUID, state: Any, trouble: str | None, correlation_id: UUID
) -> Instance:
    alarms = instance.alarms
    message = new.input.message
    rung = (TimerChange(name=message.name, due=None),) if isinstance(message, TimerFired) else ()
    for alarm in (*rung, *new.alarms):
        if alarm.due is not None:
            alarms = alarms.set(alarm.name, alarm.due)
        elif alarm.name in alarms:
            alarms = alarms.delete(alarm.name)
    before = instance.unsettled if new.settled == instance.settled else ()
    return Instance(
        state=state,
        revision=instance.revision + 1,
        position=instance.position,
        settled=new.settled,
        taken_in=instance.taken_in | {new.input_id},
        alarms=alarms,
        trouble=trouble,
        unsettled=before + outgoing_of(new.process, new.instance, new.asked, correlation_id, entry),
        correlation_id=correlation_id,
    )


def _trouble(message: Any, fault: Exception) -> str:
    return f"{name_of(message)} could not be taken in: {type(fault).__name__}"


def _phase(process: Process[Any], state: Any) -> str:
    try:
        return process.phase_of(state)
    except Exception:
        return "unknown"
