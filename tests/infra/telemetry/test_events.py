"""Appends and commands, measured, and which story they belong to."""

from uuid import UUID

import pytest

from commands.ports import ANY, NO_STREAM, Appended, ConcurrentChange, StoreUnavailable
from domain.shared.errors import DomainError
from domain.shared.recorded import Metadata, Position
from infra.eventstore.factory import in_memory_store
from infra.telemetry.commands import ObservedCommands
from infra.telemetry.messages import Counted
from infra.telemetry.store import ObservedStore
from tests.infra.eventstore.making import event
from tests.infra.telemetry.conftest import Seen
from tests.support.harness.counter import SellTicket

STORY = UUID("0af76519-16cd-43dd-8448-eb211c80319c")
SIGNED = Metadata(command_id=STORY, correlation_id=STORY, causation_id=STORY, actor="process:checkout")
CATEGORY, OUTCOME = "counterfoil.category", "counterfoil.outcome"


async def test_appends_are_counted_by_category_and_outcome(seen: Seen) -> None:
    store = ObservedStore(in_memory_store())
    same = [event(), event()]
    await store.append("stock-a", same, expected=NO_STREAM)
    await store.append("stock-a", same, expected=NO_STREAM)
    await store.append("order-a", [event()], expected=ANY)
    with pytest.raises(ConcurrentChange):
        await store.append("stock-a", [event()], expected=7)
    assert seen.metric("counterfoil.events.appended") == {
        frozenset({(CATEGORY, "stock")}): 2,
        frozenset({(CATEGORY, "order")}): 1,
    }
    outcomes = [("stock", "stored"), ("stock", "repeated"), ("order", "stored"), ("stock", "ConcurrentChange")]
    assert seen.metric("counterfoil.append.duration") == {
        frozenset({(CATEGORY, category), (OUTCOME, outcome)}): 1 for category, outcome in outcomes
    }
    assert seen.spans[0].links[0].context.trace_id == same[0].metadata.correlation_id.int


async def test_what_a_process_asks_for_is_timed_in_the_trace_of_its_story(seen: Seen) -> None:
    faults: list[Exception | None] = [None, DomainError("no"), StoreUnavailable("away")]

    async def carry_out(_command: object, _metadata: Metadata) -> Appended:
        if (fault := faults.pop(0)) is not None:
            raise fault
        return Appended(Position(1), 0)

    observed = ObservedCommands(carry_out)
    assert await observed(SellTicket(show="Hamlet"), SIGNED) == Appended(Position(1), 0)
    for kind in (DomainError, StoreUnavailable):
        with pytest.raises(kind):
            await observed(SellTicket(show="Hamlet"), SIGNED)
    series = seen.metric("counterfoil.process.command.duration")
    assert sorted(dict(labels)[OUTCOME] for labels in series) == ["done", "failed", "refused"]
    assert {f"{span.context.trace_id:032x}" for span in seen.spans if span.context} == {STORY.hex}


def test_warnings_are_counted_by_what_they_say(seen: Seen) -> None:
    counted = Counted()
    for level, said in (("info", "lease taken"), ("warning", "lease lost"), ("error", "command parked")):
        assert counted(None, level, {"event": said, "lease": "x"}) == {"event": said, "lease": "x"}
    assert seen.metric("counterfoil.log.lines") == {
        frozenset({("level", "warning"), ("counterfoil.said", "lease lost")}): 1,
        frozenset({("level", "error"), ("counterfoil.said", "command parked")}): 1,
    }
