"""Where a checkout stands. Everything here follows from its inputs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from immutables import Map

from domain.cart.events import CartCheckedOut
from domain.shared.ids import Sku
from process_managers.checkout.inputs import CheckoutInput
from process_managers.checkout.lines import Hold, Line
from process_managers.checkout.payment_progress import NO_PAYMENT_YET, PaymentProgress

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

    `scarce`: others compete for some of the units, so they are held for a shorter time; `extended`: for longer, because
    the shopper has to act. `ended_by` is the input that ended the checkout; `cart_open`: the shopper got the cart back.
    """

    bought: CartCheckedOut
    phase: CheckoutPhase
    lines: Map[Sku, Line]
    payment: PaymentProgress = NO_PAYMENT_YET
    held_until: datetime = FOREVER
    scarce: bool = False
    extended: bool = False
    cancel_wished: bool = False
    ended_by: CheckoutInput | None = None
    cart_open: bool = False
    attention: str | None = None

    @property
    def holds_for(self) -> timedelta:
        """How long units are held at a time."""
        return SCARCE_RESERVATION if self.scarce else RESERVATION

    @property
    def free(self) -> bool:
        return self.bought.total.amount == 0

    @property
    def shown_phase(self) -> CheckoutPhase:
        return self.phase if self.attention is None else CheckoutPhase.NEEDS_ATTENTION

    @property
    def may_start_again(self) -> bool:
        """Time was over, but the money came after all, and neither cart nor stock has been touched since."""
        return (
            self.phase is CheckoutPhase.EXPIRED
            and not self.cart_open
            and self.payment.came_after_all
            and self.all_lines(Hold.GONE)
        )

    def all_lines(self, hold: Hold) -> bool:
        """Whether every part of every line is in that state."""
        return all(line.all_parts(hold) for line in self.lines.values())
