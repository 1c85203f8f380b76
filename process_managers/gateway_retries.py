"""Resends the captures, voids and refunds that were parked in an outage of the payment gateway, when it answers again.

One of them is the trial. While trials are parked again the pauses between them grow; once one is settled, twice as
many follow each time. So an outage of hours adds a few events, however many calls wait. Authorisations are not resent:
their checkouts end by their timers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from commands.ports import Appended, Codec, EventStore
from domain.shared.backoff import Backoff
from domain.shared.derived import derived_id
from domain.shared.frozen import replace
from domain.shared.journal import CommandParked
from domain.shared.messages import stored_name
from domain.shared.recorded import START, Metadata, Position, Recorded
from process_managers.engine.inputs import actor
from process_managers.engine.journal import parked_command_stream
from process_managers.engine.parking import NotParked, ResendParked
from process_managers.gateway_calls import CaptureAtGateway, RefundAtGateway, VoidAtGateway

RETRIED = frozenset(map(stored_name, (CaptureAtGateway, VoidAtGateway, RefundAtGateway)))
"""The stored names of the commands that are resent."""

NAME = "gateway_retries"
LOOK_EVERY = 30.0
BACKOFF = Backoff(30.0, 600.0)
MOST_AT_ONCE = 100
SETTLED_EVERY = 1.0

log = structlog.get_logger()

Parked = Recorded[CommandParked]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many commands are resent next. `failures` counts the trials in a row that were parked again."""

    failures: int = 0
    at_once: int = 1

    @property
    def pause(self) -> float:
        """Seconds to wait before it."""
        if self.failures:
            return BACKOFF.pause(self.failures)
        return LOOK_EVERY if self.at_once == 1 else 0.0

    def after(self, resent: int, failed: int) -> "Plan":
        """The next plan when so many were resent and so many of these were parked again."""
        if resent == 0:
            return Plan()
        if failed == resent:
            return Plan(failures=self.failures + 1)
        return Plan() if failed else Plan(at_once=min(2 * self.at_once, MOST_AT_ONCE))


@dataclass(frozen=True, slots=True)
class GatewayRetries:
    """Runs the plan. `errors` are the names of those that say that the gateway was unavailable.

    `waiting` lists parked commands with these errors, the one that waits longest first, and may be behind the log.
    `settled` is the position up to which the processes have done everything.
    """

    waiting: Callable[[Collection[str], Collection[str]], Awaitable[Sequence[UUID]]]
    store: EventStore
    codec: Codec
    handler: Callable[[object, Metadata], Awaitable[Appended]]
    settled: Callable[[], Awaitable[Position]]
    errors: Collection[str]

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. What goes wrong is logged, and tried again."""
        plan = Plan()
        while not stop.is_set():
            try:
                plan = await self.once(plan, stop)
            except Exception as fault:
                log.warning("parked gateway calls not resent", reason=f"{type(fault).__name__}: {fault}")
                plan = replace(plan, at_once=1)
            await _wait(stop, plan.pause)

    async def once(self, plan: Plan, stop: asyncio.Event) -> Plan:
        """Resend what the plan says and wait until that is settled or parked again; the next plan."""
        resent, last = list[UUID](), START
        for parked in await self._parked(plan.at_once):
            with suppress(NotParked):  # somebody skips it at this moment
                at = await self.handler(ResendParked(command_id=parked.fact.command_id), _signed(parked))
                resent.append(parked.fact.command_id)
                last = max(last, at.position)
        while await self.settled() < last:
            await _wait(stop, SETTLED_EVERY)
            if stop.is_set():
                return plan
        failed = sum([await self._as_parked(command) is not None for command in resent])
        if resent:
            log.info("parked gateway calls resent", number=len(resent), parked_again=failed)
        return plan.after(len(resent), failed)

    async def _parked(self, most: int) -> Sequence[Parked]:
        """Those that wait longest, as the log has them."""
        found = list[Parked]()
        for command in await self.waiting(RETRIED, self.errors):
            if len(found) == most:
                break
            if (parked := await self._as_parked(command)) is not None:
                found.append(parked)
        return found

    async def _as_parked(self, command: UUID) -> Parked | None:
        """The command as it was parked last. None: it is not parked any more, or for another reason."""
        records = await self.store.read(parked_command_stream(command))
        last: Recorded[Any] | None = self.codec.decode_event(records[-1]) if records else None
        if last is None or not isinstance(last.fact, CommandParked):
            return None
        return last if last.fact.error in self.errors else None


def _signed(parked: Parked) -> Metadata:
    """One resend for each time the command was parked, however often it is asked for."""
    return Metadata(
        command_id=derived_id(parked.event_id, NAME),
        correlation_id=parked.metadata.correlation_id,
        causation_id=parked.event_id,
        actor=actor(NAME),
    )


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
