"""What the test gateway knows of a payment, and the rules of its own money."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.shared.ids import OrderId, PaymentId, RefundId
from domain.shared.money import Money

HOLD = timedelta(days=7)
"""How long a card hold lasts (Stripe, "Place a hold on a payment method")."""


class Status(StrEnum):
    """Stripe's words for where a payment intent stands."""

    REQUIRES_ACTION = "requires_action"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FAILED = "requires_payment_method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One try at a payment: what was asked, what is held, what was taken, what went back."""

    ref: str
    payment_id: PaymentId
    order_id: OrderId
    attempt: int
    method: str
    amount: Money
    status: Status
    capture_before: datetime
    captured: int = 0
    refunds: dict[RefundId, int] = field(default_factory=dict)
    failure: str | None = None
    lost_at: datetime | None = None
    """When the hold ends, if earlier than it was promised."""

    @property
    def refunded(self) -> int:
        return sum(self.refunds.values())

    def held_at(self, now: datetime) -> int:
        """What is held and not taken. A hold that is over is no hold."""
        return self.amount.amount if self.status is Status.REQUIRES_CAPTURE and not self.is_over(now) else 0

    def is_over(self, now: datetime) -> bool:
        """Whether the hold has ended by itself."""
        return self.status is Status.REQUIRES_CAPTURE and now >= (self.lost_at or self.capture_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All tries at one payment of the shop."""

    payment_id: PaymentId
    intents: tuple[Intent, ...] = ()

    def intent(self, ref: str) -> Intent | None:
        return next((intent for intent in self.intents if intent.ref == ref), None)

    def with_intent(self, changed: Intent) -> "Account":
        """The account with an intent that is new, or takes the place of its old self."""
        others = tuple(intent for intent in self.intents if intent.ref != changed.ref)
        return replace(self, intents=(*others, changed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The money of one payment as the gateway has it, in minor units."""

    held: int = 0
    captured: int = 0
    refunded: int = 0


def standing(intents: Sequence[Intent], now: datetime) -> Standing:
    """All intents of a payment together."""
    return Standing(
        held=sum(intent.held_at(now) for intent in intents),
        captured=sum(intent.captured for intent in intents),
        refunded=sum(intent.refunded for intent in intents),
    )


def capture(intent: Intent, amount: int) -> Intent | str:
    """Take a part of what is held, or all, once; or why not. What is not taken is released."""
    if intent.method == "pm_card_capture_fails":
        return "capture_refused_by_issuer"
    if intent.status is not Status.REQUIRES_CAPTURE:
        return f"intent_is_{intent.status}"
    if not 0 < amount <= intent.amount.amount:
        return "amount_too_large"
    return replace(intent, status=Status.SUCCEEDED, captured=amount)


def cancel(intent: Intent) -> Intent:
    """Give the hold back; what was taken stays taken."""
    return intent if intent.status is Status.SUCCEEDED else replace(intent, status=Status.CANCELED)


def refund(intent: Intent, refund_id: RefundId, amount: int) -> Intent | str:
    """Give back of what was taken, or why not."""
    if not 0 < amount <= intent.captured - intent.refunded:
        return "refund_exceeds_charge"
    return replace(intent, refunds={**intent.refunds, refund_id: amount})


def confirm(intent: Intent, *, approve: bool) -> Intent:
    """What the shopper's 3-D Secure check came to; the first answer counts."""
    if intent.status is not Status.REQUIRES_ACTION:
        return intent
    if approve:
        return replace(intent, status=Status.REQUIRES_CAPTURE)
    return replace(intent, status=Status.FAILED, failure="authentication_failed")
