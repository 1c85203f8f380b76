"""Pull the plug while inputs are sent again: each is taken in once or parked once more, and nothing is lost."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from commands.ports import Record
from domain.shared.journal import InputParked, InputResent
from domain.shared.recorded import Recorded
from infra.serialization.codec import JsonCodec
from process_managers.engine import services
from process_managers.engine.parked_inputs import parked_input_id
from process_managers.engine.parking import ResendInput
from process_managers.engine.ports import Commands
from process_managers.engine.process import CommandRefused, Process, TimerFired
from process_managers.engine.runner import Limits
from process_managers.engine.watermark import Watermark
from tests.support.fixtures.virtual_time import run
from tests.support.fixtures.watched import Crash, Plug
from tests.support.harness.counter import SellTicket, TicketCancelled, TicketSold
from tests.support.harness.outing import outing
from tests.support.harness.process_harness import ProcessHarness

PLAY, DINNER = TicketSold(show="anna/play"), TicketSold(show="anna/dinner")
pytestmark = pytest.mark.usefixtures("unseen")


def unkept(heard: Any) -> bool:
    """Anna's play, the refusal of Ben's dinner, his timer, and that of Cleo, whose dinner nobody sells."""
    return heard == PLAY or isinstance(heard, CommandRefused | TimerFired)


BROKEN: Process[Any] = replace(
    outing,
    react=lambda before, after, heard, at: [object()] if unkept(heard) else outing.react(before, after, heard, at),
)


def sold_out_of_patience(commands: Commands) -> Commands:
    """Says yes to whoever asks for Cleo's dinner, and does nothing."""

    async def call(command: object, metadata: Any) -> Any:
        return None if command == SellTicket(show="cleo/dinner") else await commands(command, metadata)

    return call


async def evening() -> ProcessHarness:
    """An event, a refusal and two timers are parked, and sent again."""
    harness = ProcessHarness(limits=Limits(page=2), processes=(BROKEN,), around=sold_out_of_patience)
    await harness.sell_out("ben/dinner")
    for number, show in enumerate(["anna/play", "ben/play", "cleo/play"]):
        await harness.sell(show, number)
    await harness.run_for(30)
    await send_again(harness, 100)
    return harness


async def send_again(harness: ProcessHarness, number: int) -> None:
    waiting = dict.fromkeys(fact.entry_id for fact in await harness.facts() if isinstance(fact, InputParked))
    for more, entry in enumerate(waiting):
        await harness.ask(ResendInput(entry_id=entry), number + more)


async def crash_and_go_on(harness: ProcessHarness, at: int) -> bool:
    crashed = False
    try:
        await replace(harness, point=Plug(at).point).run_for(30)
    except* Crash:
        crashed = True
    await harness.run_for(60)
    return crashed


def points(begin: Callable[[], Awaitable[ProcessHarness]]) -> int:
    """How many things the runner does on a quiet evening."""

    async def story() -> int:
        plug = Plug(10**9)
        await replace(await begin(), point=plug.point).run_for(60)
        return len(plug.passed)

    return run(story())


async def mended() -> ProcessHarness:
    return replace(await evening(), processes=(outing,))


async def verdict(harness: ProcessHarness) -> None:
    facts = [fact for fact in await harness.facts() if not isinstance(fact, InputParked | InputResent)][3:]
    assert sorted(facts, key=str) == sorted(
        [PLAY, DINNER, TicketSold(show="ben/play"), TicketCancelled(show="ben/play"), TicketSold(show="cleo/play")],
        key=str,
    )
    assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "planned"]
    assert [entry.phase for entry in await harness.heard("ben")][3:] == ["half planned", "off"]
    assert [entry.phase for entry in await harness.heard("cleo")] == ["half planned", "late"]
    assert harness.progress.timers == {}
    assert harness.progress.at == await harness.store.head()


def test_a_crash_while_inputs_are_sent_again_loses_nothing_and_repeats_nothing() -> None:
    async def story(at: int) -> None:
        harness = await mended()
        assert await crash_and_go_on(harness, at)
        await verdict(harness)

    for at in range(1, points(mended) - 2):
        run(story(at))


async def fail_again(at: int) -> None:
    harness = await evening()
    await crash_and_go_on(harness, at)
    facts = [fact for fact in await harness.facts() if isinstance(fact, InputParked | InputResent)]
    assert sorted(Counter((fact.entry_id, type(fact)) for fact in facts).values()) == [1, 1, 1, 1, 2, 2, 2, 2]
    await send_again(harness, 200)
    repaired = replace(harness, processes=(outing,))
    await repaired.run_for(30)
    await verdict(repaired)


def test_what_fails_again_is_parked_once_for_each_time_it_was_sent_whatever_crashes() -> None:
    for at in range(1, points(evening) - 2):
        run(fail_again(at))


def found_by_crashes() -> bool:
    try:
        for at in range(1, points(evening) - 2):
            run(fail_again(at))
    except AssertionError:
        return True
    return False


def test_a_parking_that_looks_like_the_first_one_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "parked_input_id", lambda entry, _: parked_input_id(entry, None))
    assert found_by_crashes()


def test_parkings_that_differ_from_time_to_time_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "parked_input_id", lambda *_: uuid4())
    assert found_by_crashes()


def test_an_input_that_nobody_waits_for_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watermark, "low", property(lambda self: self.high))
    assert found_by_crashes()


def test_what_a_crash_left_undone_goes_out_when_a_journal_can_be_read_again() -> None:
    class Behind(JsonCodec):
        """A version that cannot read journals."""

        def decode_event(self, record: Record) -> Recorded[Any]:
            if record.stream == "outing-anna":
                raise ValueError(record.type)
            return JsonCodec.decode_event(self, record)

    async def story() -> None:
        harness = ProcessHarness(processes=(outing,))
        await harness.sell("anna/play", 1)

        async def before_the_dinner(point: str) -> None:
            if point == "command?":
                raise Crash

        with pytest.raises(BaseExceptionGroup):
            await replace(harness, point=before_the_dinner).run_for(5)
        await replace(harness, codec=Behind()).run_for(30)
        assert harness.progress.timers == {}
        play, entry = [fact for fact in await harness.facts() if isinstance(fact, InputParked)]
        assert (play.process, play.input) == ("outing", "test.ticket_sold.v1")
        assert (entry.process, entry.input, entry.stream) == ("log", "process.heard.v1", "outing-anna")

        for number, what in enumerate([entry, play, entry], 2):
            await harness.ask(ResendInput(entry_id=what.entry_id), number)
            await harness.run_for(5)
        assert [fact for fact in await harness.facts() if not isinstance(fact, InputResent)][-1] == DINNER
        assert [one.phase for one in await harness.heard("anna")] == ["half planned", "planned"]
        assert harness.progress.timers == {}

    run(story())
