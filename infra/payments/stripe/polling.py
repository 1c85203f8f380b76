"""Reads Stripe's list of events, so that nothing is missed when webhooks do not arrive."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from commands.ports import StoreUnavailable
from infra.payments.stripe.api import StripeApi
from infra.payments.stripe.events import TYPES, Change, read_event
from infra.payments.stripe.inbox import StripeInbox
from infra.payments.stripe.objects import Listed, read_as
from infra.payments.stripe.pace import Urgency
from process_managers.engine.ports import Clock

EVERY = 60.0
LATE = timedelta(minutes=5)
OVERLAP = timedelta(hours=1)
"""How long an event may take to appear in the list."""

KEPT = timedelta(days=30)
"""How long Stripe keeps events."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Polling:
    """Takes in what the list has and the inbox has not."""

    api: StripeApi
    inbox: StripeInbox
    clock: Clock
    shop: str
    live: bool

    async def run(self, stop: asyncio.Event) -> None:
        """Read the list every minute until `stop` is set. Raises StoreUnavailable."""
        while not stop.is_set():
            try:
                if missed := await self.read():
                    log.warning("stripe events had not arrived", number=missed)
            except StoreUnavailable:
                raise
            except Exception as fault:
                log.warning("stripe events not read", reason=f"{type(fault).__name__}: {fault}")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    async def read(self) -> int:
        """Take in all events since the last reading, and an hour before; how many had not arrived."""
        read_to = await self.inbox.read_to() or self.clock() - KEPT
        since, newest, missed = read_to - OVERLAP, read_to, 0
        params: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "types": list(TYPES), "limit": 100}
        while True:
            page = read_as(Listed, await self.api.get("/v1/events", Urgency.LATER, **params))
            missed += await self._take_in(page.data)
            newest = max([newest, *map(_created, page.data)])
            if not page.has_more or not page.data:
                break
            params["starting_after"] = page.data[-1]["id"]
        await self.inbox.advance(newest)
        return missed

    async def _take_in(self, events: list[dict[str, Any]]) -> int:
        """How many of them should have come as webhooks by now."""
        found = [read_event(event, self.shop, live=self.live) for event in events]
        changes = [change for change in found if isinstance(change, Change)]
        late = [change for change in changes if self.clock() - change.created > LATE]
        await self.inbox.store([change for change in changes if change not in late])
        return await self.inbox.store(late)


def _created(event: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["created"], UTC)
