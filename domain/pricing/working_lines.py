"""The lines of a quote while it is being made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from domain.pricing.promotions import Target, Traits
from domain.shared.ids import Sku
from domain.shared.money import Money
from domain.shared.pricing import PriceStep


class Share(Enum):
    """Off which units of a line an amount is taken."""

    LOOSE = "loose"
    BOUND = "bound"
    BOTH = "both"


@dataclass(slots=True, kw_only=True)
class WorkingLine:
    """What is left of the price of a line: of its `loose` units, and of those that sets of units have taken (`bound`).

    `reduced`: a promotion has taken something off; `closed`: no other may.
    """

    sku: Sku
    quantity: int
    base_quantity: int
    traits: Traits
    loose: Money
    bound: Money
    steps: list[PriceStep]
    taken: int = 0
    reduced: bool = False
    closed: bool = False

    @property
    def left(self) -> Money:
        return self.loose + self.bound

    @property
    def untaken(self) -> int:
        return self.quantity - self.taken

    @property
    def unit_value(self) -> Fraction:
        """What one of the loose units costs, as far as the price has come."""
        return Fraction(self.loose.amount, self.untaken)

    def value_of(self, units: int) -> Money:
        """What so many of the loose units cost."""
        return self.loose.times(units, per=self.untaken)

    def bind(self, units: int) -> None:
        """A set takes so many of the loose units."""
        value = self.value_of(units)
        self.loose, self.bound, self.taken = self.loose - value, self.bound + value, self.taken + units

    def take_off(self, amount: Money, step: PriceStep, exclusive: bool, share: Share = Share.BOTH) -> None:
        """Take an amount off the loose units, the bound ones, or both by value."""
        weights = {Share.BOTH: [self.loose.amount, self.bound.amount], Share.LOOSE: [1, 0], Share.BOUND: [0, 1]}[share]
        loose, bound = amount.split(weights)
        self.loose, self.bound = self.loose - loose, self.bound - bound
        self.steps.append(step)
        self.reduced, self.closed = True, exclusive


@dataclass(slots=True)
class Shelf:
    """The lines that promotions may reduce, by SKU, so that no result depends on the order of adding."""

    lines: Sequence[WorkingLine]
    by_sku: Mapping[Sku, WorkingLine] = field(init=False)
    _by_trait: Mapping[tuple[str, str], list[WorkingLine]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_sku = {line.sku: line for line in self.lines}
        found: dict[tuple[str, str], list[WorkingLine]] = {}
        for line in self.lines:
            traits = line.traits
            categories = [("category", category) for category in traits.categories]
            for trait in [("product", traits.product_id), ("brand", traits.brand), *categories]:
                found.setdefault(trait, []).append(line)
        self._by_trait = found

    def matching(self, target: Target, *, exclusive: bool = False) -> list[WorkingLine]:
        """Lines of the target that a promotion may still reduce, by SKU."""
        return [line for line in self._all(target) if not (line.closed or (exclusive and line.reduced))]

    def _all(self, target: Target) -> Iterable[WorkingLine]:
        if target.is_everything:
            return self.lines
        named = (("product", target.products), ("category", target.categories), ("brand", target.brands))
        wanted = [(kind, it) for kind, names in named for it in names]
        found = {line.sku: line for trait in wanted for line in self._by_trait.get(trait, ())}
        return found.values() if len(wanted) == 1 else [found[sku] for sku in sorted(found)]
