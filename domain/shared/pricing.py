"""A price that explains itself: the ordered steps that made it."""

from dataclasses import dataclass

from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPrice:
    """The list price of `base_quantity` units (EN 16931, BT-146 and BT-149: fuel is priced by the thousand)."""

    amount: Money
    base_quantity: int = 1

    def of(self, quantity: int) -> Money:
        """What `quantity` units cost."""
        return self.amount.times(quantity, self.base_quantity)

    def __str__(self) -> str:
        return str(self.amount) if self.base_quantity == 1 else f"{self.amount} per {self.base_quantity}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A price that a member of staff granted for a whole line, and why."""

    total: Money
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSource:
    """The event that set a rule: its stream, and its revision there."""

    stream: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """One step on the way from nothing to the price: what it added, why, and which event set the rule.

    A `list` price is on the stream of its product and an `agreed` one on that of its cart: they name no event.
    """

    kind: str
    amount: Money
    reason: str
    rule: RuleSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """So many units of a SKU at a price whose steps add up to `total`."""

    sku: Sku
    product_id: ProductId
    category_id: CategoryId | None
    title: str
    quantity: int
    steps: tuple[PriceStep, ...]
    total: Money


def add_up(steps: tuple[PriceStep, ...], currency: str) -> Money:
    """What the steps make together."""
    return total((step.amount for step in steps), currency)
