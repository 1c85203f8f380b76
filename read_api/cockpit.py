"""The cockpit: processes, what waits for staff, and how far the read models are."""

from datetime import datetime
from enum import Enum

import strawberry

from domain.shared.recorded import Position
from projections import cockpit, parked
from projections.cockpit import Filter
from projections.engine.builds import StoppedStream
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, connection, window
from read_api.graphql.scalars import Whole
from read_api.graphql.values import described
from read_api.parked import (
    PARKED,
    PARKED_INPUTS,
    ParkedCommand,
    ParkedInput,
    parked_command_of,
    parked_input_of,
)
from read_api.ports import Lag
from read_api.processes import ProcessInstance, ProcessRun, find_run, instance_of
from read_api.publishing import Publisher, find_publisher

MODEL = cockpit.PROJECTION.name
INSTANCES = Cursors("processes", datetime, str, str)


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


@strawberry.type(description="A process of the operating system that takes part in a work, under a lease.")
class Worker:
    work: str
    holder: str = strawberry.field(description="The machine, and the process id there.")
    token: Whole = strawberry.field(
        description="Grows with each member: what was written under an older one is fenced."
    )
    expires_at: datetime = strawberry.field(description="When its term ends unless it is renewed.")
    ended: bool = strawberry.field(description="Whether the term has ended, so that others may take its pieces.")
    pieces: list[str] = strawberry.field(description="What of the work is its share; empty while others hold all.")


@strawberry.type(description="How far the processes are as a whole.")
class Processing:
    position: Position = strawberry.field(description="All that follows from events up to there is done.")
    lag_events: Whole
    late_seconds: float | None = strawberry.field(
        description="How late they take events in, as told within the last seconds; None when no worker has told."
    )
    under_way: Whole = strawberry.field(description="Inputs in hand.")
    timers: Whole = strawberry.field(description="Timers that run.")
    next_timer: datetime | None


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
            await cockpit.instances(await info.context.tables(MODEL), wanted, asked), INSTANCES, instance_of
        )

    @described("One instance, with its timers and its journal.")
    async def instance(self, info: Info, process: str, instance: strawberry.ID) -> ProcessRun | None:
        return await find_run(info, process, str(instance))

    @described("Who works, and under which terms.")
    async def workers(self, info: Info) -> list[Worker]:
        return [
            Worker(
                work=one.work,
                holder=one.holder,
                token=Whole(one.token),
                expires_at=one.expires_at,
                ended=one.ended,
                pieces=list(one.pieces),
            )
            for one in await info.context.ports.history.workers()
        ]

    @described("The publisher, in a shop that has published to Kafka.")
    async def publisher(self, info: Info) -> Publisher | None:
        return await find_publisher(info)

    @described("How far the processes are.")
    async def processing(self, info: Info) -> Processing:
        history = info.context.ports.history
        now = await history.processing()
        return Processing(
            position=now.position,
            lag_events=Whole(max(0, await history.head() - now.position)),
            late_seconds=now.seconds,
            under_way=Whole(now.under_way),
            timers=Whole(now.timers),
            next_timer=now.next_timer,
        )

    @described("Commands that wait to be sent again, the latest first.")
    async def parked(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ParkedCommand] | None:
        asked = window(PARKED, first, after, last, before)
        return connection(await parked.commands(await info.context.tables(MODEL), asked), PARKED, parked_command_of)

    @described("Inputs that wait to be sent again, the latest first.")
    async def parked_inputs(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ParkedInput] | None:
        asked = window(PARKED_INPUTS, first, after, last, before)
        return connection(await parked.inputs(await info.context.tables(MODEL), asked), PARKED_INPUTS, parked_input_of)

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
