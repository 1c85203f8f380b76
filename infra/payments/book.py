"""The memory of the test gateway: accounts, answers by key, and webhooks that are not sent yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from domain.shared.ids import PaymentId
from infra.payments.events import Answer
from infra.payments.intents import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A body to be sent at `due`, and how often that was tried."""

    id: str
    body: bytes
    due: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a call came to: kept together or not at all."""

    account: Account
    answer: Answer | None
    webhooks: Sequence[Webhook] = ()


Act = Callable[[Account], Turn]
"""Pure; may be run again."""


class Book(Protocol):
    """Where the gateway writes things down."""

    async def turn(self, payment_id: PaymentId, key: str, act: Act) -> Answer | None:
        """Act on the account of a payment, unless `key` was seen before: then the answer is what it was then."""

    async def accounts(self, payment_ids: Sequence[PaymentId] | None = None) -> Sequence[Account]:
        """The accounts of these payments (None: of all)."""

    async def due(self, now: datetime, limit: int) -> Sequence[Webhook]:
        """What is to be sent, earliest first."""

    async def sent(self, webhook: Webhook) -> None:
        """The shop has it."""

    async def postpone(self, webhook: Webhook, due: datetime) -> None:
        """The shop did not take it; try again then."""


@dataclass(slots=True)
class MemoryBook:
    """A book that is lost with the process."""

    known: dict[PaymentId, Account] = field(default_factory=dict)
    _answers: dict[str, Answer | None] = field(default_factory=dict)
    _webhooks: dict[str, Webhook] = field(default_factory=dict)

    @property
    def untold(self) -> Sequence[Webhook]:
        return list(self._webhooks.values())

    async def turn(self, payment_id: PaymentId, key: str, act: Act) -> Answer | None:
        if key not in self._answers:
            turn = act(self.known.get(payment_id, Account(payment_id=payment_id)))
            self.known[payment_id] = turn.account
            self._answers[key] = turn.answer
            self._webhooks |= {webhook.id: webhook for webhook in turn.webhooks}
        return self._answers[key]

    async def accounts(self, payment_ids: Sequence[PaymentId] | None = None) -> Sequence[Account]:
        if payment_ids is None:
            return list(self.known.values())
        return [self.known[payment] for payment in payment_ids if payment in self.known]

    async def due(self, now: datetime, limit: int) -> Sequence[Webhook]:
        due = [webhook for webhook in self._webhooks.values() if webhook.due <= now]
        return sorted(due, key=lambda webhook: (webhook.due, webhook.id))[:limit]

    async def sent(self, webhook: Webhook) -> None:
        self._webhooks.pop(webhook.id, None)

    async def postpone(self, webhook: Webhook, due: datetime) -> None:
        self._webhooks[webhook.id] = replace(webhook, due=due, attempts=webhook.attempts + 1)
