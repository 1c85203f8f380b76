"""What fails for a technical reason is tried again, then parked; nothing is skipped."""

import asyncio
import traceback
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from commands.ports import Appended, StoreUnavailable
from domain.shared.journal import CommandParked, CommandResent, Envelope
from domain.shared.recorded import Metadata
from process_managers.engine.delivery import Patience
from process_managers.engine.parking import NotParked, ResendParked
from process_managers.engine.ports import Commands
from tests.support.fixtures.virtual_time import run
from tests.support.harness.counter import SellTicket, TicketSold
from tests.support.harness.outing import outing, waiting_list
from tests.support.harness.process_harness import ProcessHarness, forgetful

DINNER = SellTicket(show="anna/dinner")


@dataclass(slots=True)
class Failing:
    """Fails so many times on the dinner of Anna, and says when it was tried."""

    times: float
    error: Exception = field(default_factory=lambda: TimeoutError("no answer"))
    tried_at: list[float] = field(default_factory=list)

    def around(self, commands: Commands) -> Commands:
        async def call(command: object, metadata: Metadata) -> Appended | None:
            if command == DINNER:
                self.tried_at.append(asyncio.get_running_loop().time())
                if len(self.tried_at) <= self.times:
                    raise self.error
            return await commands(command, metadata)

        return call


def test_patience_doubles_its_pauses_up_to_a_bound_and_spreads_them() -> None:
    late, early = Patience(first=0.1, most=1.0, jitter=lambda: 1.0), Patience(first=0.1, most=1.0, jitter=lambda: 0.0)
    assert [late.pause(n) for n in (1, 2, 3, 4, 5, 2000)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert [early.pause(n) for n in (1, 2, 3, 4, 5, 2000)] == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]


def test_a_failed_command_is_tried_again() -> None:
    async def story() -> None:
        failing = Failing(times=2)
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        await harness.run_for(10)
        assert failing.tried_at == [0, 1, 3]
        assert await harness.facts() == [TicketSold(show="anna/play"), TicketSold(show="anna/dinner")]

    run(story())


def test_a_command_that_keeps_failing_is_parked_and_holds_nothing_back() -> None:
    async def story() -> None:
        failing = Failing(times=3)
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        await harness.run_for(5)
        (play,) = await harness.heard("anna")
        asked = play.asked[0].command_id
        last = (await harness.log())[-1]
        assert last.stream == f"parked-{asked}"
        assert last.fact == CommandParked(
            process="outing",
            instance="anna",
            command_id=asked,
            command=Envelope(DINNER),
            error="TimeoutError",
            attempts=3,
        )
        assert harness.progress.at == await harness.store.head()

    run(story())


def test_the_log_tells_what_a_parked_command_failed_of_and_where() -> None:
    async def story() -> None:
        failing = Failing(times=3)
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        with capture_logs() as said:
            await harness.run_for(5)
        failed = [entry["error"] for entry in said if entry["event"] == "command failed"]
        assert failed == ["TimeoutError('no answer')"] * 3
        (parked,) = [entry for entry in said if entry["event"] == "command parked"]
        assert (parked["log_level"], parked["process"], parked["attempts"]) == ("error", "outing", 3)
        assert parked["exc_info"] is failing.error
        told = "".join(traceback.format_exception(parked["exc_info"]))
        assert told.endswith("TimeoutError: no answer\n")
        assert "in call\n" in told

    run(story())


def test_a_parked_command_can_be_sent_again_under_its_old_id() -> None:
    async def story() -> None:
        failing = Failing(times=6)
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        async with harness.running():
            await asyncio.sleep(5)
            asked = (await harness.heard("anna"))[0].asked[0].command_id
            await harness.ask(ResendParked(command_id=asked), 2)
            await harness.ask(ResendParked(command_id=asked), 3)
            await asyncio.sleep(5)
            await harness.ask(ResendParked(command_id=asked), 4)
            await asyncio.sleep(5)

        parking = [type(r.fact) for r in await harness.log() if r.stream == f"parked-{asked}"]
        assert parking == [CommandParked, CommandResent, CommandParked, CommandResent]
        (dinner,) = [r for r in await harness.log() if r.fact == TicketSold(show="anna/dinner")]
        assert dinner.metadata.command_id == asked
        assert dinner.metadata.actor == "process:outing"
        with pytest.raises(NotParked):
            await harness.ask(ResendParked(command_id=UUID(int=99)), 5)

    run(story())


def test_a_command_that_is_refused_when_sent_again_is_heard_as_refused() -> None:
    async def story() -> None:
        failing = Failing(times=3)
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        async with harness.running():
            await asyncio.sleep(5)
            asked = (await harness.heard("anna"))[0].asked[0].command_id
            await harness.sell_out("anna/dinner")
            await asyncio.sleep(20)
            await harness.ask(ResendParked(command_id=asked), 2)
            await asyncio.sleep(5)
        assert [entry.phase for entry in await harness.heard("anna")][-1] == "off"

    run(story())


def test_a_store_that_is_away_is_waited_for_and_nothing_is_parked() -> None:
    async def story() -> None:
        failing = Failing(times=20, error=StoreUnavailable("away"))
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        await harness.run_for(100)
        assert await harness.facts() == [TicketSold(show="anna/play"), TicketSold(show="anna/dinner")]

    run(story())


@pytest.mark.parametrize(("moment", "times"), [("append?", 5), ("append!", 2), ("read?", 5)])
def test_an_entry_is_appended_once_however_often_the_store_goes_away(moment: str, times: int) -> None:
    async def story() -> None:
        left = times

        async def away(point: str) -> None:
            nonlocal left
            if point == moment and left:
                left -= 1
                raise StoreUnavailable("away")

        harness = ProcessHarness(point=away, processes=(replace(outing, begins=()), waiting_list))
        await harness.sell("anna/play", 1)
        await harness.run_for(60)
        assert left == 0
        # While the store is away the timer may come to be due, and rings before the dinner is sold or not at all.
        phases = [entry.phase for entry in await harness.heard("anna")]
        assert [phase for phase in phases if phase != "late"] == ["half planned", "planned"]
        assert await harness.facts() == [TicketSold(show="anna/play"), TicketSold(show="anna/dinner")]

    run(story())


def test_progress_that_cannot_be_stored_is_stored_later() -> None:
    async def story() -> None:
        left = 5

        async def away(point: str) -> None:
            nonlocal left
            if point in ("advance?", "fired?") and left:
                left -= 1
                raise OSError("away")

        harness = ProcessHarness(point=away, around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        await harness.run_for(20)
        assert left == 0
        assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "late"]
        assert (harness.progress.timers, harness.progress.at) == ({}, await harness.store.head())

    run(story())


def test_a_stop_does_not_wait_for_the_next_try() -> None:
    async def story() -> None:
        failing = Failing(times=100, error=StoreUnavailable("away"))
        harness = ProcessHarness(around=failing.around)
        await harness.sell("anna/play", 1)
        await harness.run_for(50)
        assert asyncio.get_running_loop().time() == 50
        assert harness.progress.at == 0
        await replace(harness, around=lambda commands: commands).run_for(5)
        assert await harness.facts() == [TicketSold(show="anna/play"), TicketSold(show="anna/dinner")]

    run(story())
