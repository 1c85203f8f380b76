"""An input that could not be taken in waits in a stream of its own until somebody sends it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from commands.ports import Record
from commands.routes import Route
from domain.shared.decider import Decider
from domain.shared.derived import derived_id
from domain.shared.errors import Conflict
from domain.shared.journal import Envelope, InputParked, InputResent, Unrecorded
from domain.shared.messages import command, name_of
from process_managers.engine.inputs import Input
from process_managers.engine.journal import entry_id, parked_input_stream
from process_managers.engine.parked_commands import NotParked

ParkedInputEvent = InputParked | InputResent


class InputNotKept(Conflict):
    """The input was a timer or a refusal, and was parked by a version that did not keep those."""


@command("process.resend_input.v1")
class ResendInput:
    """Give a parked input once more to the process that could not take it in."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class ParkedInputs:
    """The last that is known of one input."""

    last: ParkedInputEvent | None = None


def decide(parked_inputs: ParkedInputs, command: ResendInput) -> Sequence[ParkedInputEvent]:
    """Answer a command with the facts that follow from it."""
    match parked_inputs.last:
        case None:
            raise NotParked(f"No input {command.entry_id} is parked.")
        case InputResent():
            return []
        case InputParked(stream="", unrecorded=None) as parked:
            raise InputNotKept(f"{parked.input} was parked without its content. See to {parked.process} by hand.")
        case InputParked() as parked:
            return [
                InputResent(
                    process=parked.process,
                    instance=parked.instance,
                    entry_id=parked.entry_id,
                    input_id=parked.input_id,
                    input=parked.input,
                    stream=parked.stream,
                    revision=parked.revision,
                    unrecorded=parked.unrecorded,
                )
            ]
        case _:
            assert_never(parked_inputs.last)


def evolve(_: ParkedInputs, event: ParkedInputEvent) -> ParkedInputs:
    """Only the last word counts."""
    return ParkedInputs(event)


unheard_decider = Decider(initial=ParkedInputs(), decide=decide, evolve=evolve)

UNHEARD = Route(unheard_decider, lambda c: parked_input_stream(c.entry_id), ParkedInputs, "unheard.1")


def of_record(record: Record, process: str, fault: Exception) -> InputParked:
    """What is to be known of a record that could not be handed out."""
    return InputParked(
        process=process,
        instance=None,
        entry_id=entry_id(process, record.event_id),
        input_id=record.event_id,
        input=record.type,
        stream=record.stream,
        revision=record.revision,
        unrecorded=None,
        error=type(fault).__name__,
    )


def of_input(given: Input, process: str, instance: str, fault: Exception) -> InputParked:
    """What is to be known of an input that an instance could not take in."""
    kept = Unrecorded(message=Envelope(given.message), at=given.at, correlation_id=given.correlation_id)
    return InputParked(
        process=process,
        instance=instance,
        entry_id=entry_id(process, given.id),
        input_id=given.id,
        input=name_of(given.message),
        stream=given.stream,
        revision=given.revision,
        unrecorded=None if given.stream else kept,
        error=type(fault).__name__,
    )


def once_more(asked: InputResent, fault: Exception) -> InputParked:
    """What is to be known of an input that was sent again and could not be found."""
    return InputParked(
        process=asked.process,
        instance=asked.instance,
        entry_id=asked.entry_id,
        input_id=asked.input_id,
        input=asked.input,
        stream=asked.stream,
        revision=asked.revision,
        unrecorded=asked.unrecorded,
        error=type(fault).__name__,
    )


def parked_input_id(entry: UUID, attempt: UUID | None) -> UUID:
    """One parking for the first time and for each time it was sent again, however often that is told."""
    return derived_id(entry, "parked" if attempt is None else f"parked:{attempt}")
