"""Sends the webhooks of the test gateway, each until the shop has acknowledged it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from domain.shared.backoff import Backoff
from infra.payments.book import Book, Webhook
from infra.payments.signatures import sign
from process_managers.engine.ports import Clock

Send = Callable[[bytes, str], Awaitable[None]]
"""Take a body and its signature to the shop. Raises when the shop does not take it."""

BACKOFF = Backoff(1.0, 3600.0)
ATTEMPTS = 84
"""Three days, as long as Stripe tries."""

BATCH = 100
LOOK_EVERY = 0.25

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends webhooks when they are due, several at once, so they may arrive in any order (as Stripe's do)."""

    book: Book
    send: Send
    secret: bytes
    clock: Clock

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set."""
        while not stop.is_set():
            try:
                await self.send_due()
            except Exception as fault:
                log.warning("webhooks not looked at", error=type(fault).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)

    async def send_due(self) -> int:
        """Send what is due now; how many webhooks that was."""
        due = await self.book.due(self.clock(), BATCH)
        await asyncio.gather(*map(self._send, due))
        return len(due)

    async def _send(self, webhook: Webhook) -> None:
        now = self.clock()
        try:
            await self.send(webhook.body, sign(webhook.body, self.secret, now))
        except Exception as fault:
            attempts = webhook.attempts + 1
            log.info("webhook not taken", webhook=webhook.id, attempts=attempts, error=type(fault).__name__)
            if attempts < ATTEMPTS:
                await self.book.postpone(webhook, now + timedelta(seconds=BACKOFF.pause(attempts)))
                return
            log.error("webhook given up", webhook=webhook.id)
        await self.book.sent(webhook)
