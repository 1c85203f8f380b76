"""What all workers of a runner share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import UUID

import structlog

from commands.ports import Codec, EventStore, NewEvent, Record, StoreUnavailable
from domain.shared.journal import InputParked
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata
from process_managers.engine.checkpoint import Checkpoint
from process_managers.engine.delivery import Delivery, until_stored
from process_managers.engine.inputs import actor
from process_managers.engine.journal import parked_input_stream
from process_managers.engine.parked_inputs import parked_input_id
from process_managers.engine.ports import CancelledTimer, Clock, Timer
from process_managers.engine.processing_lag import ProcessingLag

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Services:
    """The store, the way out for commands, and the checkpoint that waits for all of it."""

    store: EventStore
    codec: Codec
    clock: Clock
    delivery: Delivery
    checkpoint: Checkpoint
    processing_lag: ProcessingLag = field(default_factory=ProcessingLag)

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
        self, parked: InputParked, fault: Exception, *, attempt: UUID | None = None, correlation_id: UUID | None = None
    ) -> None:
        """Show an input that could not be taken in, where people look. `attempt` is the event that sent it again."""
        names = {"process": parked.process, "input": parked.input, "stream": parked.stream, "revision": parked.revision}
        log.error("input parked", **names, entry_id=str(parked.entry_id), exc_info=fault)
        signed = Metadata(
            command_id=parked.entry_id,
            correlation_id=correlation_id or parked.input_id,
            causation_id=attempt or parked.input_id,
            actor=actor(parked.process),
        )
        parked_commands = parked_input_id(parked.entry_id, attempt)
        new = NewEvent(parked_commands, name_of(parked), self.codec.encode(parked), signed)
        stream = parked_input_stream(parked.entry_id)
        await until_stored(self.store, stream, new, self.delivery.patience, self.delivery.pause)

    async def look_up(self, stream: str, revision: int) -> Record:
        """A record of the log, however long the store is away. Raises LookupError when there is none."""
        for attempt in count(1):
            try:
                found = await self.store.read(stream, after=revision - 1, limit=1)
            except StoreUnavailable:
                await self.delivery.pause(self.delivery.patience.pause(attempt))
            else:
                break
        if not found:
            raise LookupError(f"{stream} has no revision {revision}.")
        return found[0]
