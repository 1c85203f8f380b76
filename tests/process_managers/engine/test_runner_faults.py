"""What is faulty, an event or a process, is shown where people look, and everything else goes on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from commands.ports import ANY, NewEvent
from domain.shared.journal import CommandResent, Envelope, InputParked
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata, Position
from infra.serialization.codec import JsonCodec
from process_managers.engine.journal import entry_id, timer_id
from process_managers.engine.parking import ResendInput
from process_managers.engine.ports import Timer
from process_managers.engine.process import Process, Reaction, TimerFired
from tests.support.fixtures.progress import MemoryProgress
from tests.support.fixtures.virtual_time import BEGINNING, run
from tests.support.harness.counter import SellTicket, TicketSold
from tests.support.harness.outing import outing
from tests.support.harness.process_harness import ProcessHarness


def test_an_input_that_the_process_cannot_take_in_needs_attention_and_the_next_ones_are_heard() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        for number, show in enumerate(["anna/boring", "anna/play", "ben/play"]):
            await harness.sell(show, number)
        await harness.run_for(5)
        boring, play, dinner = await harness.heard("anna")
        trouble = "test.ticket_sold.v1 could not be taken in: TooBoring"
        assert (boring.phase, boring.attention, boring.asked) == ("new", trouble, ())
        assert (play.phase, play.attention) == ("half planned", trouble)
        assert (dinner.phase, dinner.attention) == ("planned", trouble)
        assert [entry.attention for entry in await harness.heard("ben")] == [None, None]

        await harness.sell("anna/play", 7)
        await harness.run_for(5)
        assert [entry.attention for entry in await harness.heard("anna")] == [trouble] * 5

    run(story())


def test_an_input_that_a_reaction_cannot_take_in_is_parked() -> None:
    async def story() -> None:
        harness = ProcessHarness(processes=ProcessHarness().processes[1:])
        at = [await harness.sell("anna/dull", 1), await harness.sell("ben/list", 2)]
        await harness.run_for(5)
        dull, _, parked = await harness.log()
        assert parked.stream == f"unheard-{entry_id('waiting_list', dull.event_id)}"
        assert parked.fact == InputParked(
            process="waiting_list",
            instance="anna",
            entry_id=entry_id("waiting_list", dull.event_id),
            input_id=dull.event_id,
            input="test.ticket_sold.v1",
            stream="show-anna/dull",
            revision=at[0].revision,
            unrecorded=None,
            error="TooBoring",
        )
        assert list(harness.progress.timers) == [("waiting_list", "ben", "list")]
        assert harness.progress.at == await harness.store.head()

    run(story())


def test_a_record_that_cannot_be_read_or_named_is_parked() -> None:
    async def story() -> None:
        harness = ProcessHarness(processes=(outing,))
        nobody = UUID(int=1)
        signed = Metadata(command_id=nobody, correlation_id=nobody, causation_id=nobody, actor="x")
        await harness.store.append(
            "show-x", [NewEvent(nobody, "test.ticket_sold.v1", b'{"no":"show"}', signed)], expected=ANY
        )
        await harness.sell("unnameable/play", 2)
        await harness.sell("ben/play", 3)
        await harness.run_for(5)
        parked = [fact for fact in (r.fact for r in await readable(harness)) if isinstance(fact, InputParked)]
        assert [(one.process, one.error, one.stream) for one in parked] == [
            ("log", "Unreadable", "show-x"),
            ("outing", "TooBoring", "show-unnameable/play"),
        ]
        assert [entry.phase for entry in await harness.heard("ben")] == ["half planned", "planned"]
        assert harness.progress.at == await harness.store.head()

    run(story())


async def readable(harness: ProcessHarness) -> Sequence[Any]:
    page = await harness.store.read_all(after=Position(1), limit=1000)
    return [JsonCodec().decode_event(record) for record in page.records]


def test_a_timer_of_a_process_that_only_another_version_has_waits_for_that_version() -> None:
    async def story() -> None:
        gone = Timer(process="picnic", instance="anna", name="rain", due=BEGINNING, correlation_id=UUID(int=1))
        progress = MemoryProgress()
        await progress.advance(progress.at, [gone])
        harness = ProcessHarness(progress=progress)
        await harness.run_for(5)
        assert progress.timers == {}
        (parked,) = await harness.facts()
        assert (parked.process, parked.instance, parked.error) == ("picnic", "anna", "UnknownProcess")
        await harness.ask(ResendInput(entry_id=parked.entry_id), 7)
        await harness.run_for(5)
        again = (await harness.facts())[2]
        assert (again.entry_id, again.error) == (parked.entry_id, "UnknownProcess")

        heard = list[Any]()

        def hear(fired: Any, _: datetime) -> Sequence[Any]:
            heard.append(fired)
            return []

        picnic = Reaction(name="picnic", handles=(TimerFired,), instance_of=lambda _: None, react=hear)
        harness.processes = (picnic,)
        await harness.ask(ResendInput(entry_id=parked.entry_id), 8)
        await harness.run_for(5)
        assert heard == [TimerFired(process="picnic", instance="anna", name="rain", due=BEGINNING)]
        assert len(await harness.facts()) == 4

    run(story())


def test_a_command_sent_again_for_a_process_that_only_another_version_has_stays_parked() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        sent = CommandResent(
            process="picnic", instance="anna", command_id=UUID(int=9), command=Envelope(SellTicket(show="rain/play"))
        )
        signed = Metadata(command_id=UUID(int=1), correlation_id=UUID(int=1), causation_id=UUID(int=1), actor="x")
        new = NewEvent(UUID(int=1), name_of(sent), JsonCodec().encode(sent), signed)
        await harness.store.append(f"parked-{sent.command_id}", [new], expected=ANY)
        await harness.run_for(5)
        (_, parked) = await harness.facts()
        assert (parked.process, parked.stream, parked.error) == (
            "picnic",
            f"parked-{sent.command_id}",
            "UnknownProcess",
        )
        harness.processes = (Reaction(name="picnic", handles=(), instance_of=lambda _: None, react=lambda *_: []),)
        await harness.ask(ResendInput(entry_id=parked.entry_id), 8)
        await harness.run_for(5)
        assert (await harness.facts())[-1] == TicketSold(show="rain/play")

    run(story())


def test_what_a_process_cannot_put_into_its_journal_is_parked_alone() -> None:
    async def story() -> None:
        unwritable: Process[Any] = replace(
            outing, react=lambda _before, _after, heard, _at: [object()] if heard.show == "anna/else" else []
        )
        harness = ProcessHarness(processes=(unwritable,))
        for number, show in enumerate(["anna/play", "anna/else", "anna/dinner"]):
            await harness.sell(show, number)
        await harness.run_for(5)
        assert [type(fact) for fact in await harness.facts()][3:] == [InputParked]
        assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "planned"]

    run(story())


def test_timer_ids_tell_process_instance_name_and_time_apart() -> None:
    ids = {
        timer_id(process, instance, name, due)
        for process in ("a", "b")
        for instance in ("a", "b")
        for name in ("a", "b")
        for due in (BEGINNING, BEGINNING.replace(minute=1))
    }
    assert len(ids) == 16
