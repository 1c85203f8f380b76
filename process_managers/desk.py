"""What all workers of a runner share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import structlog

from commands.ports import Codec, EventStore, NewEvent
from domain.shared.journal import InputParked
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata
from process_managers.checkpoint import Checkpoint
from process_managers.delivery import Delivery, until_stored
from process_managers.inputs import actor
from process_managers.journal import entry_id, unheard_stream
from process_managers.ports import CancelledTimer, Clock, Timer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, the way out for commands, and the checkpoint that waits for all of it."""

    store: EventStore
    codec: Codec
    clock: Clock
    delivery: Delivery
    checkpoint: Checkpoint

    def keep(
        self, process: str, instance: str, alarms: Iterable[tuple[str, datetime | None]], correlation_id: UUID
    ) -> None:
        """Have timers, by name and due time (None: cancelled), stored with the next checkpoint."""
        self.checkpoint.keep(
            CancelledTimer(process=process, instance=instance, name=name)
            if due is None
            else Timer(process=process, instance=instance, name=name, due=due, correlation_id=correlation_id)
            for name, due in alarms
        )

    async def park(
        self, fault: Exception, *, process: str, input_id: UUID, input_name: str, stream: str, revision: int
    ) -> None:
        """Show an input that could not be taken in, where people look."""
        log.error("input parked", process=process, input=input_name, stream=stream, revision=revision, exc_info=fault)
        event = InputParked(
            process=process,
            input_id=input_id,
            input=input_name,
            stream=stream,
            revision=revision,
            error=type(fault).__name__,
        )
        entry = entry_id(process, input_id)
        signed = Metadata(command_id=entry, correlation_id=input_id, causation_id=input_id, actor=actor(process))
        new = NewEvent(uuid5(entry, "parked"), name_of(event), self.codec.encode(event), signed)
        await until_stored(self.store, unheard_stream(entry), new, self.delivery.patience, self.delivery.pause)
