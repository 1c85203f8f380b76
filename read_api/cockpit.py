"""The cockpit: processes, what waits for somebody, and how far the read models are."""

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

from domain.shared.recorded import Position
from projections import cockpit, parked
from projections.cockpit import Filter, Instance
from projections.engine.builds import StoppedStream
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, connection, window
from read_api.graphql.scalars import Whole
from read_api.graphql.values import described
from read_api.ports import Lag

MODEL = cockpit.PROJECTION.name
INSTANCES = Cursors("processes", datetime, str, str)
PARKED = Cursors("parked commands", datetime, UUID)
PARKED_INPUTS = Cursors("parked inputs", datetime, UUID)


@strawberry.type(description="One instance of a business process.")
class ProcessInstance:
    process: str
    instance: strawberry.ID
    phase: str
    since: datetime = strawberry.field(description="When it came into its phase.")
    attention: str | None = strawberry.field(description="Why somebody has to look.")
    last_input: str = strawberry.field(description="The stored name of what it heard last.")
    heard_at: datetime


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


@strawberry.type(description="An event that a read model could not take in; its stream stands still there.")
class ParkedEvent:
    read_model: str
    build: int
    stream: str
    position: Position
    type: str = strawberry.field(description="Its stored name.")
    error: str
    held_back: Whole = strawberry.field(description="How many later events of the stream wait behind it.")
    parked_at: datetime


@strawberry.type(description="How many instances of a process stand in a phase.")
class PhaseCount:
    process: str
    phase: str
    instances: Whole


@strawberry.type(description="What the running of the shop looks like from inside.")
class Cockpit:
    @described("Process instances, those that moved latest first.")
    async def processes(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        process: str | None = None,
        instance: strawberry.ID | None = None,
        phase: str | None = None,
        attention: bool | None = None,
    ) -> Connection[ProcessInstance] | None:
        wanted = Filter(process=process, instance=instance, phase=phase, attention=attention)
        asked = window(INSTANCES, first, after, last, before)
        return connection(
            await cockpit.instances(await info.context.tables(MODEL), wanted, asked), INSTANCES, _instance
        )

    @described("Commands that wait to be sent again, the latest first.")
    async def parked(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ParkedCommand] | None:
        asked = window(PARKED, first, after, last, before)
        return connection(await parked.commands(await info.context.tables(MODEL), asked), PARKED, _parked)

    @described("Inputs that wait to be sent again, the latest first.")
    async def parked_inputs(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ParkedInput] | None:
        asked = window(PARKED_INPUTS, first, after, last, before)
        return connection(await parked.inputs(await info.context.tables(MODEL), asked), PARKED_INPUTS, _parked_input)

    @described("Events that read models could not take in. `counterfoil projections resend` gives them again.")
    async def parked_events(self, info: Info) -> list[ParkedEvent]:
        return [_parked_event(found) for found in await info.context.ports.history.stopped()]

    @described("By process and phase.")
    async def phases(self, info: Info) -> list[PhaseCount] | None:
        counted = await cockpit.phases(await info.context.tables(MODEL))
        return [
            PhaseCount(process=name, phase=phase, instances=Whole(number)) for (name, phase), number in counted.items()
        ]


@strawberry.enum(description="What a copy of a read model is there for.")
class BuildState(Enum):
    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"
    FAILED = "failed"


@strawberry.type(description="One copy of a read model, and how far it is behind the log.")
class ProjectionBuild:
    name: str
    build: int
    version: int
    state: BuildState
    position: Position
    lag_events: Whole
    lag_seconds: float = strawberry.field(description="The age of the oldest event that it has not seen.")
    error: str | None
    parked: int = strawberry.field(description="Events that it could not take in, see `cockpit { parkedEvents }`.")


def _instance(found: Instance) -> ProcessInstance:
    return ProcessInstance(
        process=found.process,
        instance=strawberry.ID(found.instance),
        phase=found.phase,
        since=found.since,
        attention=found.attention,
        last_input=found.last_input,
        heard_at=found.heard_at,
    )


def _parked(found: parked.ParkedCommand) -> ParkedCommand:
    return ParkedCommand(
        command_id=found.command_id,
        process=found.process,
        instance=strawberry.ID(found.instance),
        command=found.command,
        error=found.error,
        attempts=found.attempts,
        parked_at=found.parked_at,
    )


def _parked_input(found: parked.ParkedInput) -> ParkedInput:
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


def _parked_event(found: StoppedStream) -> ParkedEvent:
    return ParkedEvent(
        read_model=found.build.name,
        build=found.build.number,
        stream=found.stream,
        position=found.position,
        type=found.type,
        error=found.error,
        held_back=Whole(found.held_back),
        parked_at=found.parked_at,
    )


def _build(lag: Lag) -> ProjectionBuild:
    return ProjectionBuild(
        name=lag.build.name,
        build=lag.build.number,
        version=lag.build.version,
        state=BuildState(lag.build.state),
        position=lag.build.position,
        lag_events=Whole(lag.events),
        lag_seconds=lag.seconds,
        error=lag.build.error,
        parked=lag.build.parked,
    )


async def open_cockpit(info: Info) -> Cockpit:  # noqa: ARG001 - the check reads it
    return Cockpit()


async def list_builds(info: Info) -> list[ProjectionBuild]:
    return [_build(lag) for lag in await info.context.ports.history.lag()]
