"""What the log says of the shop's money at the gateway."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from commands.ports import Codec, EventStore
from domain.payment.events import (
    DisputeFundsMoved,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundedOutside,
    RefundFailed,
)
from domain.shared.ids import PaymentId
from domain.shared.money import Money
from domain.shared.recorded import START, Position, Recorded
from infra.payments.reconciliation import Entry, What

EVENTS = (
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundedOutside,
    RefundFailed,
    DisputeFundsMoved,
)


PAGE = 1_000


@dataclass(slots=True)
class Ledger:
    """Reads these events in their order. Payments of other gateways, whose ids have another form, are left out."""

    prefix: str = "pi_"
    payments: dict[str, PaymentId] = field(default_factory=dict)
    """Every intent that held money, and its payment."""
    _held: dict[PaymentId, str] = field(default_factory=dict)
    _refunds: dict[str, Money] = field(default_factory=dict)

    def read(self, recorded: Recorded[Any]) -> Iterator[Entry]:
        """The movements of money of an event."""
        match recorded.fact:
            case PaymentAuthorised(payment_id=payment, gateway_ref=ref):
                self._held[payment] = ref
                if self._is_theirs(ref):
                    self.payments[ref] = payment
            case PaymentCaptured(payment_id=payment, amount=amount):
                ref = self._held.pop(payment, "")
                if self._is_theirs(ref):
                    yield self._entry(recorded, What.CAPTURE, ref, amount)
            case (
                PaymentRefunded(refund_ref=str(ref), amount=amount)
                | PaymentRefundedOutside(refund_id=ref, amount=amount)
            ):
                self._refunds[ref] = amount
                yield self._entry(recorded, What.REFUND, ref, Money(-amount.amount, amount.currency))
            case RefundFailed(refund_ref=str(ref)) if ref in self._refunds:
                yield self._entry(recorded, What.REFUND, ref, self._refunds.pop(ref))
            case DisputeFundsMoved(movement_id=ref, amount=amount, fee=fee):
                yield self._entry(recorded, What.DISPUTE, ref, amount, fee)
            case _:
                pass

    def _is_theirs(self, ref: str) -> bool:
        """Stripe's ids have one underscore; those of the test gateway hold the id of the payment."""
        return ref.startswith(self.prefix) and ref.count("_") == 1

    def _entry(self, recorded: Recorded[Any], what: What, ref: str, amount: Money, fee: Money | None = None) -> Entry:
        payment = recorded.fact.payment_id
        return Entry(what=what, ref=ref, amount=amount, fee=fee, payment=payment, at=recorded.recorded_at)


async def read_log(
    store: EventStore, codec: Codec, ledger: Ledger, progress: Callable[[Position, Position], None] = lambda *_: None
) -> list[Entry]:
    """All movements up to the present end of the log. Raises StoreUnavailable, Unreadable."""
    found, position, head, names = list[Entry](), START, await store.head(), codec.names_of(EVENTS)
    while position < head:
        page = await store.read_all(after=position, limit=PAGE, types=names)
        for record in page.records:
            found += ledger.read(codec.decode_event(record))
        position = page.position
        progress(position, head)
        if not page.more and len(page.records) < PAGE:
            break
    return found
