"""Webhooks: each event goes to each endpoint, signed, again and again until it is taken."""

import asyncio
import hmac
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import httpx

from infra.dev_servers.stripe.clock import MovableClock
from infra.dev_servers.stripe.forms import Json

Send = Callable[[bytes, str], Awaitable[int]]
"""Take a body and its signature to the shop; answers the status."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 300, 3600))
TRIED_FOR = timedelta(days=3)
LOOK_EVERY = 0.02
PATIENCE = 10.0


@dataclass(slots=True, eq=False)
class Delivery:
    """An event on its way to an endpoint."""

    event: Json
    send: Send
    secrets: Sequence[str]
    due: datetime
    until: datetime
    attempts: int = 0


@dataclass(slots=True, eq=False)
class Webhooks:
    """How events go out. Tests change how: late, repeated, shuffled, or not at all."""

    clock: MovableClock
    delay: timedelta = timedelta()
    repeats: int = 1
    shuffled: random.Random | None = None
    lost: bool = False
    waiting: list[Delivery] = field(default_factory=list)
    _endpoints: list[tuple[Send, Sequence[str]]] = field(default_factory=list)

    def to(self, endpoint: str | Send, *secrets: str) -> None:
        """Send every event from now on to this address; two secrets give two signatures, as while one is changed."""
        self._endpoints.append((posted(endpoint) if isinstance(endpoint, str) else endpoint, secrets))

    def hear(self, event: Json) -> None:
        """Take an event in."""
        if self.lost:
            return
        now = self.clock()
        for send, secrets in self._endpoints:
            for _ in range(self.repeats):
                self.waiting.append(Delivery(event, send, secrets, now + self.delay, now + TRIED_FOR))

    async def deliver(self) -> int:
        """Send what is due now, one after the other; how many that was."""
        now = self.clock()
        due = [each for each in self.waiting if each.due <= now]
        self.waiting = [each for each in self.waiting if each.due > now]
        if self.shuffled:
            self.shuffled.shuffle(due)
        for each in due:
            await self._deliver(each)
        return len(due)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self.deliver()
            await asyncio.sleep(LOOK_EVERY)

    async def _deliver(self, delivery: Delivery) -> None:
        body = json.dumps(delivery.event, indent=2).encode()
        status = 0
        with suppress(Exception):  # whatever goes wrong there, it is sent again
            status = await delivery.send(body, signature(body, delivery.secrets, self.clock()))
        if 200 <= status < 300:
            return
        pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
        delivery.attempts += 1
        delivery.due = self.clock() + pause
        if delivery.due < delivery.until:
            self.waiting.append(delivery)


def signature(body: bytes, secrets: Sequence[str], now: datetime) -> str:
    """The header that proves who sent the body, and when."""
    at = int(now.timestamp())
    macs = [hmac.new(secret.encode(), b"%d." % at + body, sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mac}" for mac in macs), "v0=" + "0" * 64])


def posted(url: str) -> Send:
    """By HTTP; a redirect is no success."""

    async def send(body: bytes, signature: str) -> int:
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            return (await client.post(url, content=body, headers=headers)).status_code

    return send
