"""Processes at work: what they hear, what follows, and where they would start again."""

import asyncio
from uuid import UUID

from commands.ports import Appended
from domain.shared.journal import Envelope, JournalEntry, RequestedCommand, TimerChange
from domain.shared.recorded import START, Metadata
from process_managers.engine.journal import command_id, entry_id, refusal_id, timer_id
from process_managers.engine.ports import Commands, Timer
from process_managers.engine.process import CommandRefused, TimerFired
from process_managers.engine.runner import Limits
from tests.support.fixtures.virtual_time import BEGINNING, run
from tests.support.harness.counter import CancelTicket, SellTicket, TicketCancelled, TicketSold
from tests.support.harness.outing import PATIENCE
from tests.support.harness.process_harness import ProcessHarness, forgetful

PLAY, DINNER = TicketSold(show="anna/play"), TicketSold(show="anna/dinner")
ANNA = UUID(int=1)


def phases(journal: list[JournalEntry]) -> list[str]:
    return [entry.phase for entry in journal]


def test_an_event_is_heard_and_what_it_asks_for_is_carried_out() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell("anna/play", 1)
        await harness.run_for(2)

        log = await harness.log()
        play, heard, dinner, heard_dinner = log
        assert [play.fact, dinner.fact] == [PLAY, DINNER]
        entry = entry_id("outing", play.event_id)
        assert heard.stream == "outing-anna"
        assert heard.event_id == entry
        assert heard.fact == JournalEntry(
            process="outing",
            instance="anna",
            input_id=play.event_id,
            input=Envelope(PLAY),
            input_at=BEGINNING,
            asked=(
                RequestedCommand(command_id=command_id(entry, 0), command=Envelope(SellTicket(show="anna/dinner"))),
            ),
            alarms=(TimerChange(name="dinner", due=BEGINNING + PATIENCE),),
            phase="half planned",
            attention=None,
            settled=-1,
        )
        assert heard.metadata == Metadata(
            command_id=play.event_id, correlation_id=ANNA, causation_id=play.event_id, actor="process:outing"
        )
        assert dinner.metadata == Metadata(
            command_id=command_id(entry, 0), correlation_id=ANNA, causation_id=entry, actor="process:outing"
        )
        assert (heard_dinner.fact.phase, heard_dinner.fact.settled) == ("planned", 0)
        assert harness.progress.at == await harness.store.head()
        assert harness.progress.timers == {}

    run(story())


def test_an_input_that_comes_again_is_not_heard_again() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell("anna/play", 1)
        await harness.run_for(2)
        before = await harness.log()
        harness.progress.at = START
        await harness.run_for(2)
        assert await harness.log() == before

    run(story())


def test_a_journal_that_begins_is_not_read_first() -> None:
    async def story() -> None:
        passed = list[str]()

        async def note(point: str) -> None:
            passed.append(point)

        harness = ProcessHarness(point=note)
        await harness.sell("anna/play", 1)
        await harness.run_for(2)
        assert phases(await harness.heard("anna")) == ["half planned", "planned"]
        assert "read?" not in passed

    run(story())


def test_inputs_that_wait_together_are_heard_in_one_append() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell("anna/dinner", 1)
        await harness.sell("anna/dinner", 2)
        await harness.sell("ben/dinner", 3)
        await harness.run_for(2)
        assert [(entry.phase, entry.settled) for entry in await harness.heard("anna")] == [("planned", -1)] * 2
        assert phases(await harness.heard("ben")) == ["planned"]

    run(story())


def test_a_refusal_is_heard_and_answered() -> None:
    async def story() -> None:
        harness = ProcessHarness(processes=ProcessHarness().processes[:1])
        await harness.sell_out("anna/dinner")
        await harness.run_for(2)
        await harness.sell("anna/play", 1)
        await harness.run_for(2)

        play, refusal = (await harness.heard("anna"))[-2:]
        asked = play.asked[0].command_id
        assert refusal.input_id == refusal_id(asked)
        assert refusal.input.message == CommandRefused(
            process="outing",
            instance="anna",
            command_id=asked,
            command="test.sell_ticket.v1",
            error="SoldOut",
            detail="3 are sold.",
        )
        assert [one.command.message for one in refusal.asked] == [CancelTicket(show="anna/play")]
        assert (refusal.phase, refusal.settled) == ("off", 3)
        assert (await harness.facts())[-1] == TicketCancelled(show="anna/play")

    run(story())


def test_a_timer_is_heard_when_it_is_due_and_not_before() -> None:
    async def story() -> None:
        harness = ProcessHarness(around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        async with harness.running():
            await asyncio.sleep(9)
            assert phases(await harness.heard("anna")) == ["half planned"]
            await asyncio.sleep(2)
            assert phases(await harness.heard("anna")) == ["half planned", "late"]
        fired = (await harness.heard("anna"))[1]
        due = BEGINNING + PATIENCE
        assert fired.input_id == timer_id("outing", "anna", "dinner", due)
        assert fired.input.message == TimerFired(process="outing", instance="anna", name="dinner", due=due)
        assert fired.attention == "The dinner is late."
        assert harness.progress.timers == {}

    run(story())


def test_a_runner_that_is_behind_the_log_calls_nothing_late_that_came_in_time() -> None:
    async def story() -> None:
        pages = 0

        async def slowly(point: str) -> None:
            nonlocal pages
            if point == "page!":
                pages += 1
                await asyncio.sleep(20 if pages > 1 else 0)

        harness = ProcessHarness(point=slowly)
        await harness.sell("anna/play", 1)
        await harness.run_for(60)
        assert phases(await harness.heard("anna")) == ["half planned", "planned"]

    run(story())


def test_a_quiet_log_keeps_no_timer_waiting_for_ever() -> None:
    async def story() -> None:
        async def silent(point: str) -> None:
            if point == "page!" and (await harness.heard("anna")):
                await asyncio.sleep(3600)

        harness = ProcessHarness(point=silent, around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        async with harness.running():
            await asyncio.sleep(5)
            await harness.sell("somebody", 2)
            await asyncio.sleep(60)
            assert phases(await harness.heard("anna")) == ["half planned", "late"]

    run(story())


def test_a_timer_that_was_cancelled_in_the_journal_is_not_heard() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell("anna/play", 1)
        await harness.run_for(2)
        stale = Timer(process="outing", instance="anna", name="dinner", due=BEGINNING + PATIENCE, correlation_id=ANNA)
        await harness.progress.advance(harness.progress.at, [stale])
        await harness.run_for(60)
        assert phases(await harness.heard("anna")) == ["half planned", "planned"]
        assert harness.progress.timers == {}

    run(story())


def test_a_reaction_works_without_a_journal() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await harness.sell_out("anna/dinner")
        await harness.sell("anna/play", 1)
        await harness.run_for(90)
        assert (await harness.facts())[-3:] == [
            TicketCancelled(show="anna/play"),
            TicketSold(show="anna/list"),
            TicketCancelled(show="anna/list"),
        ]
        cancelled, listed = [r for r in await harness.log() if r.stream in ("show-anna/play", "show-anna/list")][1:3]
        asked = command_id(entry_id("waiting_list", cancelled.event_id), 0)
        assert listed.metadata == Metadata(
            command_id=asked, correlation_id=ANNA, causation_id=cancelled.event_id, actor="process:waiting_list"
        )

    run(story())


class Slow:
    """Takes a minute for the dinners of slow groups."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    async def __call__(self, command: object, metadata: Metadata) -> Appended | None:
        if isinstance(command, SellTicket) and command.show.startswith("slow"):
            await asyncio.sleep(60)
        return await self.commands(command, metadata)


def test_a_slow_command_holds_the_checkpoint_and_nobody_else() -> None:
    async def story() -> None:
        harness = ProcessHarness(around=Slow)
        await harness.sell("slow/play", 1)
        for number in range(20):
            await harness.sell(f"group {number}/play", 100 + number)
        async with harness.running():
            await asyncio.sleep(5)
            for number in range(20):
                assert phases(await harness.heard(f"group {number}")) == ["half planned", "planned"]
            assert harness.progress.at == START
            assert list(harness.progress.timers) == [("outing", "slow", "dinner")]
            await asyncio.sleep(60)
            assert harness.progress.at == await harness.store.head()

    run(story())


def test_only_so_much_is_under_way_at_once() -> None:
    async def story() -> None:
        harness = ProcessHarness(around=Slow, limits=Limits(under_way=4, page=2))
        for number in range(4):
            await harness.sell(f"slow {number}/play", 1 + number)
        await harness.sell("anna/play", 100)
        async with harness.running():
            await asyncio.sleep(30)
            assert phases(await harness.heard("slow 3")) == ["half planned"]
            assert await harness.heard("anna") == []
            await asyncio.sleep(60)
            # Her timer is due when she is heard at last: it rings before the dinner is sold or not at all.
            assert [phase for phase in phases(await harness.heard("anna")) if phase != "late"] == [
                "half planned",
                "planned",
            ]

    run(story())


def test_workers_that_are_not_at_work_may_go_and_their_instances_come_back() -> None:
    async def story() -> None:
        harness = ProcessHarness(limits=Limits(instances=2))
        for number in range(10):
            await harness.sell(f"group {number}/play", 100 + number)
        async with harness.running():
            await asyncio.sleep(5)
            for number in range(10):
                await harness.sell(f"group {number}/play", 200 + number)
            await asyncio.sleep(5)
        expected = ["half planned", "planned", "half planned", "planned"]
        for number in range(10):
            assert phases(await harness.heard(f"group {number}")) == expected

    run(story())


def test_a_stop_finishes_what_is_in_hand_and_stores_the_checkpoint() -> None:
    async def story() -> None:
        harness = ProcessHarness(around=Slow, limits=Limits(beat=3600))
        await harness.sell("slow/play", 1)
        await harness.run_for(1)
        assert await harness.facts() == [TicketSold(show="slow/play"), TicketSold(show="slow/dinner")]
        assert asyncio.get_running_loop().time() == 60
        assert harness.progress.at == 1 + 1
        assert [timer.due for timer in harness.progress.timers.values()] == [BEGINNING + PATIENCE]

    run(story())
