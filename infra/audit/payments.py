"""Proofs about the money of payments, from sums of its own: nothing here is shared with what decides about payments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.payment.dispute import DisputeOutcome
from domain.payment.events import (
    CaptureRequested,
    DisputeClosed,
    DisputeFundsMoved,
    DisputeOpened,
    HoldExpired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundedOutside,
    PaymentRequested,
    RefundFailed,
    RefundRequested,
)
from domain.shared.money import Money, total
from domain.shared.recorded import Recorded
from infra.audit.verdict import Check

NOTHING = Money(0, "XXX")
WON, LOST = DisputeOutcome.WON, DisputeOutcome.LOST
ENDINGS: Mapping[bool, Sequence[tuple[DisputeOutcome, ...]]] = {
    True: [(DisputeOutcome.INQUIRY_CLOSED,)],
    False: [(WON,), (LOST,), (LOST, WON)],
}
"""How inquiries end, and how disputes do: the bank may give in after a dispute was lost."""


@dataclass(slots=True)
class Ledger:
    """What was held, taken and given back of one payment. `refunds` are those that succeeded: id, gateway's id, amount.

    `hold` is the gateway's id of the hold of the current attempt, `expired` are those that the gateway let go.
    """

    authorised: Money = NOTHING
    captured: Money = NOTHING
    refunds: tuple[tuple[str, str | None, Money], ...] = ()
    hold: str | None = None
    expired: frozenset[str] = frozenset()

    @property
    def refunded(self) -> Money:
        return total((amount for _, _, amount in self.refunds), self.captured.currency)


@dataclass(slots=True)
class DisputeLedger:
    """What one dispute has moved, by the gateway's ids, and how it ended since it was last opened."""

    inquiry: bool = True
    movements: frozenset[str] = frozenset()
    endings: tuple[DisputeOutcome, ...] = ()

    @property
    def bars_refunds(self) -> bool:
        """Whether the bank has taken the money back, or may do so."""
        return not self.inquiry and (not self.endings or self.endings[-1] is LOST)


@dataclass(slots=True)
class PaymentAudit:
    """What was taken, what went back, and what disputes have moved."""

    limits: Check = field(
        default_factory=lambda: Check("captured is at most what was authorised, refunded at most what was captured")
    )
    expired: Check = field(default_factory=lambda: Check("nothing is taken of a hold that has expired"))
    moved: Check = field(default_factory=lambda: Check("each movement of money by a dispute counts once"))
    closed: Check = field(default_factory=lambda: Check("a dispute is closed once; only a lost one is won later"))
    barred: Check = field(default_factory=lambda: Check("no refund is requested while a dispute is open or lost"))
    _ledgers: dict[str, Ledger] = field(default_factory=lambda: defaultdict(Ledger))
    _disputes: dict[str, dict[str, DisputeLedger]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def checks(self) -> list[Check]:
        return [self.limits, self.expired, self.moved, self.closed, self.barred]

    @property
    def handlers(self) -> Mapping[type[Any], Any]:
        money = (PaymentRequested, PaymentAuthorised, PaymentRefunded, PaymentRefundedOutside, RefundFailed)
        return {
            **dict.fromkeys(money, self._money),
            HoldExpired: self._hold_expired,
            CaptureRequested: self._capture_requested,
            PaymentCaptured: self._captured,
            RefundRequested: self._refund_requested,
            DisputeOpened: self._dispute_opened,
            DisputeFundsMoved: self._funds_moved,
            DisputeClosed: self._dispute_closed,
        }

    def _money(self, recorded: Recorded[Any]) -> None:
        self.limits.looked_at += 1
        with self.limits.finding(_place(recorded)):
            ledger = self._ledgers[recorded.fact.payment_id]
            _enter(ledger, recorded.fact)
            if ledger.captured > ledger.authorised or ledger.refunded > ledger.captured:
                self.limits.fail(
                    f"{_place(recorded)}: {ledger.authorised} authorised, {ledger.captured} captured, "
                    f"{ledger.refunded} refunded."
                )

    def _hold_expired(self, recorded: Recorded[HoldExpired]) -> None:
        ledger = self._ledgers[recorded.fact.payment_id]
        ledger.expired |= {recorded.fact.gateway_ref}

    def _capture_requested(self, recorded: Recorded[CaptureRequested]) -> None:
        self._prove_held(recorded, recorded.fact.gateway_ref)

    def _captured(self, recorded: Recorded[PaymentCaptured]) -> None:
        self._prove_held(recorded, self._ledgers[recorded.fact.payment_id].hold)
        self._money(recorded)

    def _prove_held(self, recorded: Recorded[Any], hold: str | None) -> None:
        self.expired.looked_at += 1
        if hold in self._ledgers[recorded.fact.payment_id].expired:
            self.expired.fail(f"{_place(recorded)}: hold {hold} had expired.")

    def _refund_requested(self, recorded: Recorded[RefundRequested]) -> None:
        self.barred.looked_at += 1
        for it, dispute in self._disputes.get(recorded.fact.payment_id, {}).items():
            if dispute.bars_refunds:
                self.barred.fail(f"{_place(recorded)}: dispute {it} is {'lost' if dispute.endings else 'open'}.")

    def _dispute_opened(self, recorded: Recorded[DisputeOpened]) -> None:
        """An inquiry may be opened again, as a dispute; whatever else is opened again was closed all the same."""
        fact = recorded.fact
        dispute = self._disputes[fact.payment_id].setdefault(fact.dispute_id, DisputeLedger())
        if dispute.inquiry:
            dispute.inquiry, dispute.endings = fact.inquiry, ()

    def _funds_moved(self, recorded: Recorded[DisputeFundsMoved]) -> None:
        self.moved.looked_at += 1
        with self.moved.finding(_place(recorded)):
            fact = recorded.fact
            dispute = self._disputes[fact.payment_id][fact.dispute_id]
            if fact.movement_id in dispute.movements:
                self.moved.fail(f"{_place(recorded)}: movement {fact.movement_id} was counted before.")
            dispute.movements |= {fact.movement_id}

    def _dispute_closed(self, recorded: Recorded[DisputeClosed]) -> None:
        self.closed.looked_at += 1
        with self.closed.finding(_place(recorded)):
            fact = recorded.fact
            dispute = self._disputes[fact.payment_id][fact.dispute_id]
            dispute.endings += (fact.outcome,)
            if dispute.endings not in ENDINGS[dispute.inquiry]:
                told = ", then ".join(dispute.endings)
                self.closed.fail(f"{_place(recorded)}: dispute {fact.dispute_id} was closed as {told}.")


def _enter(ledger: Ledger, fact: Any) -> None:
    """Each fact moves its amount; a refund that failed after it had succeeded came back."""
    match fact:
        case PaymentRequested(amount=amount):
            zero = Money(0, amount.currency)
            ledger.authorised = zero
            ledger.captured = zero if ledger.captured is NOTHING else ledger.captured
        case PaymentAuthorised(gateway_ref=hold, amount=amount):
            ledger.authorised, ledger.hold = amount, hold
            ledger.expired -= {hold}
        case PaymentCaptured(amount=amount):
            ledger.captured += amount
        case PaymentRefunded(refund_id=it, refund_ref=ref, amount=amount):
            ledger.refunds += ((it, ref, amount),)
        case PaymentRefundedOutside(refund_id=ref, amount=amount):
            ledger.refunds += ((ref, ref, amount),)
        case RefundFailed(refund_id=it, refund_ref=str(ref)):
            ledger.refunds = tuple(one for one in ledger.refunds if one[0] != it or one[1] not in (None, ref))


def _place(recorded: Recorded[Any]) -> str:
    return f"{recorded.stream} at revision {recorded.revision}"
