"""Applies changes at Stripe: the object is fetched, and how it stands now is recorded on the payment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from commands.ports import Appended, StoreUnavailable
from domain.payment.commands import PaymentCommand, RecordHoldExpired, RecordVoid
from domain.payment.errors import NothingHeld
from domain.shared.backoff import Backoff
from domain.shared.derived import derived_id
from domain.shared.errors import DomainError
from domain.shared.recorded import Metadata
from infra.payments.stripe.api import StripeRefused
from infra.payments.stripe.inbox import StripeInbox, Waiting
from infra.payments.stripe.objects import Unexpected
from infra.payments.stripe.present import Present
from infra.serialization.codec import JsonCodec
from process_managers.engine.ports import Clock, GatewayUnavailable

NAMESPACE = UUID("3c0d7f8e-51d9-5e0e-9a3e-9c7d5a3b1f42")
BATCH, AT_ONCE = 64, 8
LOOK_EVERY = 0.5
BACKOFF = Backoff(1.0, 3600.0)
GIVEN_UP_AFTER = timedelta(days=3)
SHOWN_AFTER = timedelta(hours=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Applying:
    """The one worker that applies changes."""

    inbox: StripeInbox
    present: Present
    handler: Callable[[object, Metadata], Awaitable[Appended | None]]
    codec: JsonCodec
    clock: Clock

    async def run(self, stop: asyncio.Event) -> None:
        """Apply what is due until `stop` is set. Raises StoreUnavailable."""
        while not stop.is_set():
            if await self.apply_due() < BATCH:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_EVERY)

    async def apply_due(self) -> int:
        """Look at the objects that are due now; how many those were."""
        due, room = await self.inbox.due(self.clock(), BATCH), asyncio.Semaphore(AT_ONCE)

        async def one(waiting: Waiting) -> None:
            async with room:
                await self._apply(waiting)

        await asyncio.gather(*map(one, due))
        return len(due)

    async def _apply(self, waiting: Waiting) -> None:
        events = await self.inbox.events_of(waiting.object_id)
        try:
            commands = await self.present.facts(waiting.object_id)
            if commands is None:
                await self.inbox.settle(events, "not of this shop")
                return
            for command in commands:
                await self._record(waiting.object_id, command)
            await self.inbox.settle(events, "applied")
        except StoreUnavailable:
            raise
        except (DomainError, Unexpected, StripeRefused, GatewayUnavailable) as fault:
            await self._later(waiting, events, fault)
        except Exception as fault:
            log.exception("stripe event not applied", object=waiting.object_id)
            await self._later(waiting, events, fault)

    async def _record(self, object_id: str, command: PaymentCommand) -> None:
        command_id = derived_id(NAMESPACE, f"{object_id}:{self.codec.encode(command).decode()}")
        metadata = Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="gateway")
        try:
            await self.handler(command, metadata)
        except NothingHeld:
            if not isinstance(command, RecordVoid | RecordHoldExpired):
                raise  # of a hold that the payment never had, nothing needs to be recorded

    async def _later(self, waiting: Waiting, events: Sequence[str], fault: Exception) -> None:
        now, reason = self.clock(), f"{type(fault).__name__}: {fault}"
        age = now - waiting.since
        if age > GIVEN_UP_AFTER:
            log.error("stripe event given up", object=waiting.object_id, reason=reason)
            await self.inbox.settle(events, f"given up: {reason}")
            return
        say = log.warning if age > SHOWN_AFTER else log.info
        say("stripe event waits", object=waiting.object_id, attempts=waiting.attempts + 1, reason=reason)
        await self.inbox.postpone(events, now + timedelta(seconds=BACKOFF.pause(waiting.attempts + 1)), reason)
