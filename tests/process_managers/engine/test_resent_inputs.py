"""A parked input that somebody sends again, once the process is mended, is taken in as if nothing had been wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from commands.ports import ANY, NewEvent, Record
from domain.shared.journal import Envelope, InputParked, InputResent, Unrecorded
from domain.shared.recorded import Metadata, Recorded
from infra.serialization.codec import JsonCodec
from process_managers.engine.journal import command_id, entry_id, timer_id
from process_managers.engine.parking import ResendInput
from process_managers.engine.process import CommandRefused, Process, TimerFired
from tests.support.fixtures.virtual_time import BEGINNING, run
from tests.support.harness.counter import TicketCancelled, TicketSold
from tests.support.harness.outing import outing, tidy, waiting_list
from tests.support.harness.process_harness import ProcessHarness, forgetful

PLAY, DINNER, LIST = TicketSold(show="anna/play"), TicketSold(show="anna/dinner"), TicketSold(show="anna/list")
pytestmark = pytest.mark.usefixtures("unseen")


def broken(fault: Callable[[Any], bool]) -> Process[Any]:
    """An outing that asks for what no journal can keep when it hears some inputs."""
    return replace(
        outing,
        react=lambda before, after, heard, at: [object()] if fault(heard) else outing.react(before, after, heard, at),
    )


async def parked(harness: ProcessHarness) -> list[Recorded[InputParked]]:
    return [recorded for recorded in await harness.log() if isinstance(recorded.fact, InputParked)]


async def resend(harness: ProcessHarness, number: int, what: InputParked) -> None:
    await harness.ask(ResendInput(entry_id=what.entry_id), number)


async def play_parked() -> tuple[ProcessHarness, InputParked]:
    """Anna's play was sold, and the outing could not take that in."""
    harness = ProcessHarness(processes=(broken(lambda heard: heard == PLAY),))
    await harness.sell("anna/play", 1)
    await harness.run_for(5)
    (play,) = await parked(harness)
    return harness, play.fact


def test_an_event_is_taken_in_when_the_process_is_mended() -> None:
    async def story() -> None:
        harness, play = await play_parked()
        mended = replace(harness, processes=(outing,))
        await resend(mended, 2, play)
        await mended.run_for(5)
        first, second = await mended.heard("anna")
        assert (first.input_id, first.input_at, first.phase) == (play.input_id, BEGINNING, "half planned")
        assert (second.input, second.phase) == (Envelope(DINNER), "planned")
        dinner = (await mended.log())[-2]
        assert dinner.metadata.command_id == command_id(entry_id("outing", play.input_id), 0)
        assert dinner.metadata.correlation_id == UUID(int=1)
        assert await mended.facts() == [PLAY, play, sent(play), DINNER]
        assert mended.progress.at == await mended.store.head()

    run(story())


def sent(what: InputParked) -> InputResent:
    return InputResent(
        process=what.process,
        instance=what.instance,
        entry_id=what.entry_id,
        input_id=what.input_id,
        input=what.input,
        stream=what.stream,
        revision=what.revision,
        unrecorded=what.unrecorded,
    )


def test_an_input_that_fails_again_is_parked_again() -> None:
    async def story() -> None:
        harness, play = await play_parked()
        for number in (2, 3):
            await resend(harness, number, play)
            await resend(harness, 10 + number, play)
            await harness.run_for(5)
        assert await harness.facts() == [PLAY, play, sent(play), play, sent(play), play]
        asked = [recorded for recorded in await harness.log() if isinstance(recorded.fact, InputResent)]
        assert [recorded.metadata.causation_id for recorded in await parked(harness)] == [
            play.input_id,
            *(recorded.event_id for recorded in asked),
        ]
        assert harness.progress.at == await harness.store.head()

    run(story())


def test_a_journal_that_has_heard_the_input_meanwhile_does_nothing() -> None:
    async def story() -> None:
        harness, play = await play_parked()
        mended = replace(harness, processes=(outing,))
        for number in (2, 3):
            await mended.ask(ResendInput(entry_id=play.entry_id), number)
            await mended.run_for(5)
        harness.progress.at = type(harness.progress.at)(0)
        await mended.run_for(5)
        assert await mended.facts() == [PLAY, play, sent(play), DINNER]
        assert [entry.phase for entry in await mended.heard("anna")] == ["half planned", "planned"]

    run(story())


def test_only_the_process_that_could_not_take_it_in_gets_it_again() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell("unnameable/play", 1)
        await harness.run_for(5)
        both = [recorded.fact for recorded in await parked(harness)]
        assert [(one.process, one.instance) for one in both] == [("outing", None), ("waiting_list", None)]

        def name(fact: Any) -> str | None:
            return str(fact.show).partition("/")[0]

        mended = replace(harness, processes=[replace(one, instance_of=name) for one in (outing, waiting_list)])
        await resend(mended, 2, both[0])
        await mended.run_for(5)
        assert [entry.phase for entry in await mended.heard("unnameable")] == ["half planned", "planned"]
        await resend(mended, 3, both[1])
        await mended.run_for(5)
        assert (await mended.facts())[-1] == sent(both[1])

    run(story())


def test_an_event_that_still_cannot_be_named_is_parked_again() -> None:
    async def story() -> None:
        harness = ProcessHarness(processes=(outing,))
        await harness.sell("unnameable/play", 1)
        await harness.run_for(5)
        ((play,),) = [[recorded.fact for recorded in await parked(harness)]]
        await resend(harness, 2, play)
        await harness.run_for(5)
        assert (await harness.facts())[1:] == [play, sent(play), play]

    run(story())


def test_a_reaction_reacts_to_what_is_sent_again() -> None:
    async def story() -> None:
        harness = ProcessHarness(processes=(waiting_list,))
        await harness.sell("anna/dull", 1)
        await harness.run_for(5)
        ((dull,),) = [[recorded.fact for recorded in await parked(harness)]]

        def patient(heard: Any, at: Any) -> Sequence[Any]:
            dull = isinstance(heard, TicketSold) and heard.show.endswith("/dull")
            return tidy(TicketCancelled(show="anna/play"), at) if dull else tidy(heard, at)

        mended = replace(harness, processes=(replace(waiting_list, react=patient),))
        await resend(mended, 2, dull)
        await mended.run_for(5)
        assert (await mended.facts())[-1] == LIST
        assert (await mended.log())[-1].metadata.command_id == command_id(dull.entry_id, 0)

    run(story())


class Reader(JsonCodec):
    """Understands what an older version could not read."""

    def decode_event(self, record: Record) -> Recorded[Any]:
        if record.stream == "show-x":
            record = record._replace(data=b'{"show":"anna/play"}')
        return JsonCodec.decode_event(self, record)


def test_a_record_that_can_be_read_now_is_given_to_everybody_who_hears_it() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        signed = Metadata(command_id=UUID(int=1), correlation_id=UUID(int=1), causation_id=UUID(int=1), actor="x")
        torn = NewEvent(UUID(int=1), "test.ticket_sold.v1", b'{"no":"show"}', signed)
        await harness.store.append("show-x", [torn], expected=ANY)
        await harness.run_for(5)

        mended = replace(harness, codec=Reader())
        entry = entry_id("log", UUID(int=1))
        for number in (2, 3):
            await mended.ask(ResendInput(entry_id=entry), number)
            await harness.run_for(5)
        await mended.ask(ResendInput(entry_id=entry), 4)
        await mended.run_for(5)
        told = [mended.codec.decode_event(record).fact for record in await mended.store.read(f"unheard-{entry}")]
        assert [type(fact) for fact in told] == [InputParked, InputResent] * 3
        assert [entry.phase for entry in await mended.heard("anna")] == ["half planned", "planned"]
        assert mended.progress.at == await mended.store.head()

    run(story())


def test_a_timer_that_could_not_be_heard_is_heard_when_it_is_sent_again() -> None:
    async def story() -> None:
        deaf = broken(lambda heard: isinstance(heard, TimerFired))
        harness = ProcessHarness(processes=(deaf,), around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        await harness.run_for(30)
        ((late,),) = [[recorded.fact for recorded in await parked(harness)]]
        due = BEGINNING.replace(second=10)
        rang = TimerFired(process="outing", instance="anna", name="dinner", due=due)
        assert late == InputParked(
            process="outing",
            instance="anna",
            entry_id=entry_id("outing", timer_id("outing", "anna", "dinner", due)),
            input_id=timer_id("outing", "anna", "dinner", due),
            input="process.timer_fired.v1",
            stream="",
            revision=-1,
            unrecorded=Unrecorded(message=Envelope(rang), at=due, correlation_id=UUID(int=1)),
            error="KeyError",
        )
        assert harness.progress.timers == {}

        mended = replace(harness, processes=(outing,))
        await resend(mended, 2, late)
        await mended.run_for(5)
        entry = (await mended.heard("anna"))[-1]
        assert (entry.input, entry.input_at, entry.phase) == (Envelope(rang), due, "late")
        await resend(mended, 3, late)
        await mended.run_for(5)
        assert len(await mended.heard("anna")) == 2

    run(story())


def test_a_timer_that_was_cancelled_meanwhile_is_let_be() -> None:
    async def story() -> None:
        deaf = broken(lambda heard: isinstance(heard, TimerFired))
        harness = ProcessHarness(processes=(deaf,), around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        await harness.run_for(30)
        ((late,),) = [[recorded.fact for recorded in await parked(harness)]]
        await harness.sell("anna/dinner", 2)
        mended = replace(harness, processes=(outing,))
        await mended.run_for(5)
        await resend(mended, 3, late)
        await mended.run_for(5)
        assert [entry.phase for entry in await mended.heard("anna")] == ["half planned", "planned"]
        assert mended.progress.at == await mended.store.head()

    run(story())


def test_a_refusal_that_could_not_be_heard_is_parked_itself_and_heard_when_it_is_sent_again() -> None:
    async def story() -> None:
        deaf = broken(lambda heard: isinstance(heard, CommandRefused))
        harness = ProcessHarness(processes=(deaf,))
        await harness.sell_out("anna/dinner")
        await harness.run_for(5)
        await harness.sell("anna/play", 1)
        await harness.run_for(5)
        (no,) = [recorded.fact for recorded in await parked(harness)]
        assert (no.input, no.stream, no.error) == ("process.command_refused.v1", "", "KeyError")
        assert [entry.phase for entry in await harness.heard("anna")] == ["planned"] * 3 + ["half planned"]

        mended = replace(harness, processes=(outing,))
        await resend(mended, 2, no)
        await mended.run_for(5)
        assert [entry.phase for entry in await mended.heard("anna")][4:] == ["off"]
        assert (await mended.facts())[-1] == TicketCancelled(show="anna/play")
        assert mended.progress.timers == {}

    run(story())


def test_a_refusal_that_cannot_be_heard_does_not_keep_the_next_events_waiting() -> None:
    async def story() -> None:
        harness = ProcessHarness(processes=(broken(lambda heard: isinstance(heard, CommandRefused)),))
        await harness.sell_out("anna/dinner")
        for number in range(3):
            await harness.sell("anna/play", number)
        await harness.sell("anna/else", 3)
        await harness.run_for(5)
        assert {recorded.fact.input for recorded in await parked(harness)} == {"process.command_refused.v1"}
        heard = [entry.input.message for entry in await harness.heard("anna")][3:]
        assert heard == [PLAY, PLAY, PLAY, TicketSold(show="anna/else")]
        assert harness.progress.at == await harness.store.head()

    run(story())
