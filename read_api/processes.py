"""One instance of a process: where it stands, its timers, what it took in and what it requested."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.shared.journal import JournalEntry
from domain.shared.recorded import Position
from projections import cockpit, parked
from projections.cockpit import Filter, Instance
from projections.engine.paging import Window
from read_api.audit.past import Unreadable
from read_api.audit.scanning import Wanted, scan, scanned
from read_api.audit.sentences import sentence_of
from read_api.graphql.context import Info
from read_api.graphql.relay import LARGEST, After, Before, Connection, Cursors, First, Last, Number, window
from read_api.graphql.values import described
from read_api.parked import ParkedCommand, ParkedInput, parked_command_of, parked_input_of
from read_api.ports import Entry, History

MODEL = cockpit.PROJECTION.name
STEPS = Cursors("journal", Number)


@strawberry.type(description="One instance of a business process.")
class ProcessInstance:
    process: str
    instance: strawberry.ID
    phase: str
    since: datetime = strawberry.field(description="When it came into its phase.")
    attention: str | None = strawberry.field(description="Why somebody has to look.")
    last_input: str = strawberry.field(description="The stored name of what it heard last.")
    heard_at: datetime

    @described("The stream of its journal.")
    def stream(self) -> str:
        return f"{self.process}-{self.instance}"


@strawberry.type(description="A timer that runs.")
class ProcessTimer:
    name: str
    due: datetime


@strawberry.type(description="A timer that was set, or cancelled.")
class TimerChange:
    name: str
    due: datetime | None = strawberry.field(description="None when it was cancelled.")


@strawberry.type(description="A command that a process requested.")
class RequestedCommand:
    command_id: UUID
    command: str = strawberry.field(description="Its stored name.")


@strawberry.type(description="What a process took in, and all that it requested in answer.")
class JournalStep:
    revision: int
    position: Position
    recorded_at: datetime
    input: str = strawberry.field(description="The stored name of what it took in.")
    input_id: UUID = strawberry.field(description="The id of the event, or of the timer or refusal.")
    input_at: datetime
    says: str = strawberry.field(description="The step, in a sentence.")
    requested: list[RequestedCommand]
    timers: list[TimerChange]
    phase: str = strawberry.field(description="Its phase from then on.")
    attention: str | None


@strawberry.type(description="An instance of a business process, with its journal.")
class ProcessRun(ProcessInstance):
    @described("Timers that run, the next one first.")
    async def timers(self, info: Info) -> list[ProcessTimer]:
        stream = self.stream()
        past = info.context.past_of(stream)
        last = await info.context.ports.history.last_revision(stream)
        if past is None or await past.at(last) is None:
            return []
        running = past.shown(last)["timers"].items()
        return [ProcessTimer(name=name, due=due) for name, due in sorted(running, key=lambda one: one[1])]

    @described(f"Its commands that failed for technical reasons, the latest first; at most {LARGEST}.")
    async def parked(self, info: Info) -> list[ParkedCommand]:
        of = self.process, str(self.instance)
        page = await parked.commands(await info.context.tables(MODEL), Window(size=LARGEST), of)
        return [parked_command_of(one) for _, one in page.items]

    @described(f"Inputs that it could not take in, the latest first; at most {LARGEST}.")
    async def parked_inputs(self, info: Info) -> list[ParkedInput]:
        of = self.process, str(self.instance)
        page = await parked.inputs(await info.context.tables(MODEL), Window(size=LARGEST), of)
        return [parked_input_of(one) for _, one in page.items]

    @described("What it took in and requested, oldest first.")
    async def journal(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[JournalStep]:
        history = info.context.ports.history
        asked = window(STEPS, first, after, last, before)
        return scanned(await scan(history, self.stream(), asked, Wanted()), STEPS, lambda entry: _step(history, entry))

    @described("What the process answers to its inputs: the table of states, inputs and requests of its source.")
    def table(self, info: Info) -> str | None:
        return info.context.ports.process_tables.get(self.process)


def _step(history: History, entry: Entry) -> JournalStep:
    """Raises Unreadable."""
    recorded = history.understood(entry)
    if recorded is None or not isinstance(fact := recorded.fact, JournalEntry):
        raise Unreadable(entry.stream, entry.revision)
    return JournalStep(
        revision=recorded.revision,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        input=fact.input.name,
        input_id=fact.input_id,
        input_at=fact.input_at,
        says=sentence_of(fact) or "",
        requested=[RequestedCommand(command_id=one.command_id, command=one.command.name) for one in fact.asked],
        timers=[TimerChange(name=one.name, due=one.due) for one in fact.alarms],
        phase=fact.phase,
        attention=fact.attention,
    )


async def find_run(info: Info, process: str, instance: str) -> ProcessRun | None:
    """None when there is none."""
    wanted = Filter(process=process, instance=instance)
    page = await cockpit.instances(await info.context.tables(MODEL), wanted, Window(size=1))
    return next((ProcessRun(**vars(instance_of(one))) for _, one in page.items), None)


def instance_of(found: Instance) -> ProcessInstance:
    return ProcessInstance(
        process=found.process,
        instance=strawberry.ID(found.instance),
        phase=found.phase,
        since=found.since,
        attention=found.attention,
        last_input=found.last_input,
        heard_at=found.heard_at,
    )
