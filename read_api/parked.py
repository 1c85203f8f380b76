"""Commands and inputs that wait to be resent or skipped."""

from datetime import datetime
from uuid import UUID

import strawberry

from projections import parked
from read_api.graphql.relay import Cursors

PARKED = Cursors("parked commands", datetime, UUID)
PARKED_INPUTS = Cursors("parked inputs", datetime, UUID)


@strawberry.type(description="A command that failed for technical reasons until patience ran out.")
class ParkedCommand:
    command_id: UUID
    process: str
    instance: strawberry.ID
    command: str
    error: str
    attempts: int
    parked_at: datetime


@strawberry.type(description="An input that a process could not take in.")
class ParkedInput:
    entry_id: UUID = strawberry.field(description="Names it when it is sent again.")
    process: str = strawberry.field(description="Who could not take it in; `log` when nobody could read it.")
    instance: strawberry.ID | None = strawberry.field(description="None when it could not be told.")
    input_id: UUID
    input: str = strawberry.field(description="Its stored name.")
    stream: str | None = strawberry.field(description="Where the log has it; None for timers and refusals.")
    revision: int | None
    error: str
    parked_at: datetime


def parked_command_of(found: parked.ParkedCommand) -> ParkedCommand:
    return ParkedCommand(
        command_id=found.command_id,
        process=found.process,
        instance=strawberry.ID(found.instance),
        command=found.command,
        error=found.error,
        attempts=found.attempts,
        parked_at=found.parked_at,
    )


def parked_input_of(found: parked.ParkedInput) -> ParkedInput:
    return ParkedInput(
        entry_id=found.entry_id,
        process=found.process,
        instance=None if found.instance is None else strawberry.ID(found.instance),
        input_id=found.input_id,
        input=found.input,
        stream=found.stream,
        revision=found.revision,
        error=found.error,
        parked_at=found.parked_at,
    )
