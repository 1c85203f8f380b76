"""Where a checkout stands. Everything here follows from facts that were heard."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from immutables import Map

from domain.cart.events import CartCheckedOut
from domain.shared.ids import Sku
from process_managers.checkout.lines import Hold, Line

RESERVATION, SCARCE_RESERVATION = timedelta(minutes=15), timedelta(minutes=5)
FOREVER = datetime.max.replace(tzinfo=UTC)
RESERVE, PAY, ANSWER = "reserve", "pay", "answer"


class CheckoutPhase(StrEnum):
    """Started and Priced pass at once, for the cart has decided on lines and prices."""

    STARTED = "started"
    RESERVING = "reserving"
    RESERVED = "reserved"
    AWAITING_PAYMENT = "awaiting payment"
    AUTHORISED = "authorised"
    CONFIRMING = "confirming"
    PLACED = "placed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NEEDS_ATTENTION = "needs attention"


UNPAID = (CheckoutPhase.RESERVED, CheckoutPhase.AWAITING_PAYMENT)
STOPPABLE = (CheckoutPhase.RESERVING, *UNPAID, CheckoutPhase.AUTHORISED)
ENDED = (CheckoutPhase.REJECTED, CheckoutPhase.EXPIRED, CheckoutPhase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Checkout:
    """What is bought, what is held of it, and whether the money is there.

    `authorised` is the hold on the money, `given_back` are holds that go back. `stopped`: the payment was given up
    before the gateway had answered, so an authorisation heard now is a late one. `scarce`: others compete for some of
    the units, so they are held for a shorter time. `begun_by` is the input that began the reserving, `ended_by` the one
    that ended the checkout, `opened_by` the one with which the shopper got the cart back.
    """

    bought: CartCheckedOut
    phase: CheckoutPhase
    lines: Map[Sku, Line]
    begun_by: Any
    held_until: datetime = FOREVER
    scarce: bool = False
    extended: bool = False
    payment_asked: bool = False
    payment_made: bool = False
    void_refused: bool = False
    payment_failed: bool = False
    authorised: str | None = None
    stopped: bool = False
    given_back: frozenset[str] = frozenset()
    cancel_wished: bool = False
    ended_by: Any = None
    opened_by: Any = None
    attention: str | None = None

    @property
    def holds_for(self) -> timedelta:
        """How long units are held at a time."""
        return SCARCE_RESERVATION if self.scarce else RESERVATION

    @property
    def free(self) -> bool:
        return self.bought.total.amount == 0

    @property
    def cart_open(self) -> bool:
        return self.opened_by is not None

    @property
    def void_came_first(self) -> bool:
        """The void found no payment, for it was made only later: it has to be asked again."""
        return self.void_refused and self.payment_made

    @property
    def shown_phase(self) -> CheckoutPhase:
        return self.phase if self.attention is None else CheckoutPhase.NEEDS_ATTENTION

    @property
    def may_start_again(self) -> bool:
        """Time was over, but the money came after all, and neither cart nor stock has been touched since."""
        return (
            self.phase is CheckoutPhase.EXPIRED
            and not self.cart_open
            and self.stopped
            and self.authorised is not None
            and self.authorised not in self.given_back
            and self.all_lines(Hold.GONE)
        )

    def all_lines(self, hold: Hold) -> bool:
        """Whether every part of every line is in that state."""
        return all(line.all_parts(hold) for line in self.lines.values())
