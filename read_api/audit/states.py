"""What a stream was at a revision or a time, what changed between two, and whether its chain is whole."""

from datetime import datetime

import strawberry

from domain.shared.recorded import Position
from read_api.audit.as_of import AsOf
from read_api.audit.differences import Difference, differences
from read_api.audit.past import Stood, StreamPast
from read_api.audit.streams import checked_stream, no_stream
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput, NotThere
from read_api.graphql.scalars import Whole

MOST_VERIFIED = 100_000


@strawberry.type(description="A value in a state, before and after.")
class Change:
    path: list[str] = strawberry.field(description="Where it is, from the outside in.")
    before: str | None
    after: str | None


@strawberry.type(description="A value in a state.")
class StateValue:
    path: list[str] = strawberry.field(description="Where it is, from the outside in.")
    value: str


@strawberry.type(description="A stream as it was: the fold of its events up to one of them.")
class StreamState:
    stream: str
    revision: int = strawberry.field(description="Of the last event that is in it.")
    position: Position
    recorded_at: datetime
    last_revision: int = strawberry.field(description="Of the last event of the stream now.")
    values: list[StateValue] = strawberry.field(description="What people are shown of it; empty values are left out.")


@strawberry.type(description="Where a chain is broken.")
class ChainFault:
    revision: int
    position: Position
    what: str


@strawberry.type(description="The hash chain of a stream, verified now from its first event on.")
class Verification:
    stream: str
    whole: bool = strawberry.field(description="Whether every event is what was stored, up to the end of the stream.")
    events: Whole = strawberry.field(description="How many were verified, the one at fault included.")
    complete: bool = strawberry.field(
        description=f"Whether the end of the stream was reached; at most {MOST_VERIFIED:,} events are verified at once."
    )
    first_hash: str | None
    last_hash: str | None = strawberry.field(description="Of the last event that was verified.")
    fault: ChainFault | None = strawberry.field(description="The first one.")
    verified_at: datetime


def change_of(it: Difference) -> Change:
    return Change(path=list(it.path), before=it.before, after=it.after)


def _past_of(info: Info, stream: str) -> StreamPast:
    """Raises BadUserInput."""
    past = info.context.past_of(checked_stream(stream))
    if past is None:
        kinds = ", ".join(sorted(info.context.ports.folds))
        raise BadUserInput(f"The stream {stream!r} has no state. Streams of these kinds have: {kinds}.")
    return past


async def _at(past: StreamPast, revision: int) -> Stood:
    """Raises BadUserInput, NotThere."""
    if revision < 0:
        raise BadUserInput(f"Revisions are counted from 0; {revision} is none.")
    if (stood := await past.at(revision)) is None:
        raise NotThere(f"{past.stream!r} has no revision {revision}.")
    return stood


async def find_state(
    info: Info, stream: str, revision: int | None = None, as_of: AsOf | None = None
) -> StreamState | None:
    """None when nothing had happened by then."""
    past = _past_of(info, stream)
    if revision is not None and as_of is not None:
        raise BadUserInput("Ask for a revision or for a time or position, not for both.")
    last = await info.context.ports.history.last_revision(stream)
    if last < 0:
        raise no_stream(stream)
    if as_of is not None:
        stood = await past.until(lambda it: as_of.holds(it.position, it.recorded_at))
    else:
        stood = await _at(past, last if revision is None else revision)
    if stood is None:
        return None
    shown = differences(None, past.shown(stood.revision))
    return StreamState(
        stream=stream,
        revision=stood.revision,
        position=stood.position,
        recorded_at=stood.recorded_at,
        last_revision=last,
        values=[StateValue(path=list(it.path), value=it.after or "") for it in shown],
    )


async def find_changes(info: Info, stream: str, earlier: int, later: int) -> list[Change]:
    past = _past_of(info, stream)
    await _at(past, later)
    await _at(past, earlier)
    return [change_of(it) for it in differences(past.shown(earlier), past.shown(later))]


async def verify_chain(info: Info, stream: str) -> Verification:
    async with info.context.turn():
        found = await info.context.ports.history.verify(checked_stream(stream), limit=MOST_VERIFIED)
    if not found.events:
        raise no_stream(stream)
    fault = found.fault
    return Verification(
        stream=stream,
        whole=fault is None and found.complete,
        events=Whole(found.events),
        complete=found.complete,
        first_hash=found.first_hash,
        last_hash=found.last_hash,
        fault=None if fault is None else ChainFault(revision=fault.revision, position=fault.position, what=fault.what),
        verified_at=info.context.ports.clock(),
    )
