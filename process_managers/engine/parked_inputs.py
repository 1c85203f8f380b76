"""The event that parks an input which could not be taken in."""

from uuid import UUID

from commands.ports import Record
from domain.shared.derived import derived_id
from domain.shared.journal import Envelope, InputParked, InputResent, Unrecorded
from domain.shared.messages import name_of
from process_managers.engine.inputs import Input
from process_managers.engine.journal import entry_id


def of_record(record: Record, process: str, fault: Exception) -> InputParked:
    """The event for a record that could not be dispatched."""
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
    """The event for an input that an instance could not take in."""
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


def once_more(resent: InputResent, fault: Exception) -> InputParked:
    """The event for an input that was sent again and could not be found."""
    return InputParked(
        process=resent.process,
        instance=resent.instance,
        entry_id=resent.entry_id,
        input_id=resent.input_id,
        input=resent.input,
        stream=resent.stream,
        revision=resent.revision,
        unrecorded=resent.unrecorded,
        error=type(fault).__name__,
    )


def parked_input_id(entry: UUID, attempt: UUID | None) -> UUID:
    """The id of that event: one for the first time and for each time it was sent again, however often it is stored."""
    return derived_id(entry, "parked" if attempt is None else f"parked:{attempt}")
