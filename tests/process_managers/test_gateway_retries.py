"""Calls that were parked in an outage of the gateway are resent when it answers again."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from commands.handler import CommandHandler
from commands.ports import ANY, Appended, NewEvent
from domain.shared.journal import CommandParked, CommandResent, CommandSkipped, Envelope
from domain.shared.messages import name_of, stored_name
from domain.shared.recorded import Metadata, Position
from infra.eventstore.factory import in_memory_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.serialization.codec import JsonCodec
from process_managers.engine import parking
from process_managers.engine.journal import parked_command_stream
from process_managers.engine.parking import ResendParked, SkipParked
from process_managers.gateway_calls import AuthoriseAtGateway, CaptureAtGateway, RefundAtGateway, VoidAtGateway
from process_managers.gateway_retries import MOST_AT_ONCE, RETRIED, GatewayRetries, Plan
from tests.process_managers.test_reactions import capture
from tests.support.fixtures.virtual_time import clock, run

AWAY = "GatewayUnavailable"
by_hand = Metadata(command_id=UUID(int=77), correlation_id=UUID(int=77), causation_id=UUID(int=77), actor="anna")


def test_captures_voids_and_refunds_are_resent_and_authorisations_are_not() -> None:
    assert {stored_name(kind) for kind in (CaptureAtGateway, VoidAtGateway, RefundAtGateway)} == RETRIED
    assert stored_name(AuthoriseAtGateway) not in RETRIED


@pytest.mark.parametrize(
    ("given", "resent", "failed", "then", "pause"),
    [
        (Plan(), 0, 0, Plan(), 30.0),
        (Plan(), 1, 1, Plan(failures=1), 30.0),
        (Plan(failures=1), 1, 1, Plan(failures=2), 60.0),
        (Plan(failures=8), 1, 1, Plan(failures=9), 600.0),
        (Plan(failures=9), 1, 0, Plan(at_once=2), 0.0),
        (Plan(at_once=2), 2, 0, Plan(at_once=4), 0.0),
        (Plan(at_once=64), 64, 0, Plan(at_once=MOST_AT_ONCE), 0.0),
        (Plan(at_once=64), 64, 1, Plan(), 30.0),
        (Plan(at_once=64), 64, 64, Plan(failures=1), 30.0),
        (Plan(failures=3), 0, 0, Plan(), 30.0),
    ],
)
def test_one_is_the_trial_and_the_others_follow_when_it_is_settled(
    given: Plan, resent: int, failed: int, then: Plan, pause: float
) -> None:
    after = given.after(resent, failed)
    assert (after, after.pause) == (then, pause)


@dataclass(slots=True)
class Outage:
    """Parked captures, and processes that park each again while the gateway is away."""

    away: bool = True
    error: str = AWAY
    store: Any = field(default_factory=lambda: in_memory_store(clock))
    parkings: int = 0
    handled: int = 0

    async def park(self, command: UUID, error: str = AWAY) -> None:
        self.parkings += 1
        number = UUID(int=10**6 + self.parkings)
        event = CommandParked(
            process="payment",
            instance="p",
            command_id=command,
            command=Envelope(CaptureAtGateway(asked=capture)),
            error=error,
            attempts=10,
        )
        signed = Metadata(command_id=number, correlation_id=number, causation_id=number, actor="process:payment")
        new = NewEvent(number, name_of(event), JsonCodec().encode(event), signed)
        await self.store.append(parked_command_stream(command), [new], expected=ANY)

    async def waiting(self, names: Collection[str], errors: Collection[str]) -> Sequence[UUID]:
        """Whatever was ever parked, the one that was parked last at the end: a list that is behind the log."""
        assert (names, errors) == (RETRIED, (AWAY,))
        return list(dict.fromkeys(reversed([it.command_id for it in await self.facts(CommandParked)])))[::-1]

    async def settled(self) -> Position:
        """Processes that have just done everything."""
        head: Position = await self.store.head()
        resent = await self.facts(CommandResent)
        for command in resent[self.handled :]:
            self.handled += 1
            if self.away:
                await self.park(command.command_id, self.error)
        return head

    async def facts(self, kind: type[Any]) -> list[Any]:
        page = await self.store.read_all(after=Position(0), limit=100_000)
        facts = [JsonCodec().decode_event(record).fact for record in page.records]
        return [fact for fact in facts if isinstance(fact, kind)]

    async def resent(self) -> list[int]:
        return [fact.command_id.int for fact in await self.facts(CommandResent)]

    def handler(self) -> CommandHandler:
        return CommandHandler(self.store, JsonCodec(), MemorySnapshots(), parking.ROUTES)

    def retries(self) -> GatewayRetries:
        return GatewayRetries(self.waiting, self.store, JsonCodec(), self.handler(), self.settled, (AWAY,))


async def running_for(outage: Outage, seconds: float) -> None:
    stop = asyncio.Event()
    work = asyncio.create_task(outage.retries().run(stop))
    await asyncio.sleep(seconds)
    stop.set()
    await work


def test_an_outage_of_hours_adds_few_events_and_all_are_resent_after_it() -> None:
    async def story() -> None:
        outage = Outage()
        for number in range(1, 201):
            await outage.park(UUID(int=number))
        await running_for(outage, 6 * 3600)
        assert len(await outage.resent()) == 40
        assert (await outage.resent())[:3] == [1, 2, 3]
        outage.away = False
        await running_for(outage, 60)
        settled = (await outage.resent())[40:]
        assert (len(settled), set(settled)) == (200, set(range(1, 201)))

    run(story())


def test_one_that_fails_for_ever_holds_no_other_back() -> None:
    async def story() -> None:
        outage = Outage(away=True)
        await outage.park(UUID(int=1))
        await outage.park(UUID(int=2))
        stop = asyncio.Event()
        plan = await outage.retries().once(Plan(), stop)
        assert (plan, await outage.resent()) == (Plan(failures=1), [1])
        outage.away = False
        plan = await outage.retries().once(plan, stop)
        assert (plan, await outage.resent()) == (Plan(at_once=2), [1, 2])

    run(story())


def test_what_fails_for_another_reason_is_left_to_people() -> None:
    async def story() -> None:
        outage = Outage(error="AnswerRefused")
        await outage.park(UUID(int=1))
        await running_for(outage, 3600)
        assert await outage.resent() == [1]

    run(story())


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (ResendParked(command_id=UUID(int=1)), CommandResent),
        (SkipParked(command_id=UUID(int=1), reason="Settled."), CommandSkipped),
    ],
)
def test_somebody_may_resend_or_skip_it_at_the_same_moment(command: Any, kind: type[Any]) -> None:
    async def story() -> None:
        outage = Outage(away=False)
        await outage.park(UUID(int=1))

        async def too_late(resend: object, metadata: Metadata) -> Appended:
            await outage.handler()(command, by_hand)
            return await outage.handler()(resend, metadata)

        await replace(outage.retries(), handler=too_late).once(Plan(), asyncio.Event())
        assert [type(fact) for fact in await outage.facts(object)] == [CommandParked, kind]

    run(story())
