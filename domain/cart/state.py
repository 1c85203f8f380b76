"""What is known of a cart."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.ids import CheckoutId, CustomerId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice


@dataclass(frozen=True, slots=True)
class Agreement:
    """A price that a member of staff granted for a whole line, and why."""

    total: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a SKU, the unit price that the shopper saw, and the agreed total if there is one."""

    sku: Sku
    quantity: int
    seen: UnitPrice
    agreed: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    """Whose cart it is, what is in it in the order of adding, and which checkout is under way."""

    owner: CustomerId | None = None
    currency: str = ""
    lines: tuple[Line, ...] = ()
    checkout_id: CheckoutId | None = None
    ended_checkouts: frozenset[CheckoutId] = frozenset()
    abandoned: bool = False
    touched_at: datetime | None = None

    def line(self, sku: Sku) -> Line | None:
        """The line of a SKU, if the cart holds it."""
        return next((line for line in self.lines if line.sku == sku), None)
