"""What a cardholder's bank disputes, as far as it has come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from immutables import Map

from domain.shared.money import Money, total


class DisputeStatus(StrEnum):
    """Stripe's words. An inquiry (warning_...) moves no money; it is closed, or becomes a dispute."""

    INQUIRY_NEEDS_RESPONSE = "warning_needs_response"
    INQUIRY_UNDER_REVIEW = "warning_under_review"
    INQUIRY_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    LOST = "lost"
    WON = "won"

    @property
    def is_inquiry(self) -> bool:
        return self.value.startswith("warning_")

    @property
    def is_closed(self) -> bool:
        return self in (DisputeStatus.INQUIRY_CLOSED, DisputeStatus.LOST, DisputeStatus.WON)

    def follows(self, other: "DisputeStatus") -> bool:
        """Whether this is further on. A lost dispute may be won later, when the bank gives in; never the reverse."""
        order = list(DisputeStatus)
        return order.index(self) > order.index(other)


class DisputeOutcome(StrEnum):
    """How a dispute ended."""

    WON = "won"
    LOST = "lost"
    INQUIRY_CLOSED = "warning_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsMovement:
    """A change of the shop's balance: negative is taken from the shop. `movement_id` is the gateway's."""

    movement_id: str
    amount: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute, and the money that it has moved."""

    amount: Money
    reason: str
    status: DisputeStatus
    respond_by: datetime | None = None
    movements: Map[str, FundsMovement] = field(default_factory=Map)

    @property
    def moved(self) -> Money:
        """What it changed the balance by, without fees and in its own currency."""
        return self._sum(movement.amount for movement in self.movements.values())

    @property
    def fee(self) -> Money:
        """What it changed the balance by in fees, in its own currency."""
        return self._sum(movement.fee for movement in self.movements.values())

    def _sum(self, parts: Iterable[Money]) -> Money:
        currency = self.amount.currency
        return total((part for part in parts if part.currency == currency), currency)
