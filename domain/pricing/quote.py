"""A quote: what lines and their delivery cost at a moment, each in ordered steps that say why.

The steps: `list`, `agreed` (which ends the line's discounts), promotions of the lines, promotions of the order,
delivery, promotions of the delivery. Within a phase priority decides, and each promotion takes from what is left. Money
off several lines is shared by their value: by largest remainder, ties by SKU.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.pricing import unit_sets
from domain.pricing.promotions import (
    ALL_OF_IT,
    Benefit,
    BenefitKind,
    Promotion,
    PromotionPhase,
    ScheduledPromotion,
    Traits,
)
from domain.pricing.unit_sets import UnitSet
from domain.pricing.working_lines import Share, Shelf, WorkingLine
from domain.shared.ids import Sku
from domain.shared.money import Money, total
from domain.shared.pricing import Agreement, PriceStep, RuleSource, UnitPrice, add_up

LIST, AGREED, PROMOTION = "list", "agreed", "promotion"
PHASES = tuple(PromotionPhase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """So many units of a SKU at its list price, or all of them at an agreed price."""

    sku: Sku
    quantity: int
    unit_price: UnitPrice
    traits: Traits
    agreed: Agreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A way of delivery, and what it costs before promotions."""

    method: str
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """A line with the steps that add up to its total."""

    sku: Sku
    quantity: int
    steps: tuple[PriceStep, ...]
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What one promotion takes off lines and delivery together."""

    reason: str
    amount: Money
    rule: RuleSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Lines in the order of the cart, the steps of the delivery (none without one), and what they make together."""

    at: datetime
    lines: tuple[QuotedLine, ...]
    delivery_steps: tuple[PriceStep, ...]
    goods: Money
    delivery: Money

    @property
    def total(self) -> Money:
        return self.goods + self.delivery

    def discounts(self) -> list[Discount]:
        """One for each promotion, in the order in which they first took something off."""
        found = dict[RuleSource, Discount]()
        for step in (*(step for line in self.lines for step in line.steps), *self.delivery_steps):
            if step.rule is not None:
                before = found[step.rule].amount if step.rule in found else Money(0, step.amount.currency)
                found[step.rule] = Discount(reason=step.reason, amount=before + step.amount, rule=step.rule)
        return list(found.values())


def quote(
    items: Sequence[Item],
    promotions: Iterable[ScheduledPromotion],
    at: datetime,
    currency: str,
    delivery: Charge | None = None,
) -> Quote:
    """What items cost with the promotions that are in force at a moment. The order of either changes no amount."""
    working = [_begun(item) for item in items]
    basket = _Basket(working, currency, delivery)
    rules = [rule for rule in promotions if rule.in_force(at)]
    for rule in sorted(rules, key=lambda it: _place(it.promotion)):
        basket.apply(rule)
    return Quote(
        at=at,
        lines=tuple(
            QuotedLine(sku=line.sku, quantity=line.quantity, steps=tuple(line.steps), total=line.left)
            for line in working
        ),
        delivery_steps=tuple(basket.delivery_steps),
        goods=total((line.left for line in working), currency),
        delivery=add_up(tuple(basket.delivery_steps), currency),
    )


def depends_on_product_alone(promotion: Promotion) -> bool:
    """Whether the price of a product shows the promotion before anything is in a cart."""
    kinds = (BenefitKind.PERCENTAGE, BenefitKind.AMOUNT, BenefitKind.FIXED_PRICE)
    on_lines = promotion.phase is PromotionPhase.LINE and promotion.benefit.kind in kinds
    return on_lines and promotion.threshold is None


def _place(promotion: Promotion) -> tuple[int, int, str]:
    return PHASES.index(promotion.phase), promotion.priority, promotion.promotion_id


def _begun(item: Item) -> WorkingLine:
    price = item.unit_price
    full = price.of(item.quantity)
    steps = [PriceStep(kind=LIST, amount=full, reason=f"{item.quantity} x {price}")]
    if item.agreed is not None:
        steps.append(PriceStep(kind=AGREED, amount=item.agreed.total - full, reason=item.agreed.reason))
    return WorkingLine(
        sku=item.sku,
        quantity=item.quantity,
        base_quantity=price.base_quantity,
        traits=item.traits,
        loose=full if item.agreed is None else item.agreed.total,
        bound=Money(0, full.currency),
        steps=steps,
        closed=item.agreed is not None,
    )


@dataclass(slots=True)
class _Basket:
    """Lines and delivery while promotions are applied one by one."""

    all_lines: Sequence[WorkingLine]
    currency: str
    charge: Charge | None
    delivery_steps: list[PriceStep] = field(default_factory=list)
    _shelf: Shelf = field(init=False)
    _delivery_reduced: bool = False
    _delivery_closed: bool = False

    def __post_init__(self) -> None:
        self._shelf = Shelf(sorted((line for line in self.all_lines if not line.closed), key=lambda it: it.sku))
        if self.charge is not None:
            self.delivery_steps.append(PriceStep(kind=LIST, amount=self.charge.price, reason=self.charge.method))

    def apply(self, rule: ScheduledPromotion) -> None:
        promotion = rule.promotion
        if not self._is_in_currency(promotion):
            return
        lines = self._shelf.matching(promotion.target, exclusive=promotion.exclusive)
        if not self._reaches_threshold(promotion, lines):
            return
        if promotion.phase is PromotionPhase.SHIPPING:
            self._reduce_delivery(rule)
        elif lines or promotion.benefit.kind is BenefitKind.BUNDLE:
            self._reduce_goods(rule, lines)

    def _is_in_currency(self, promotion: Promotion) -> bool:
        amounts = (promotion.threshold, promotion.benefit.amount)
        return all(amount is None or amount.currency == self.currency for amount in amounts)

    def _reaches_threshold(self, promotion: Promotion, lines: Sequence[WorkingLine]) -> bool:
        """Thresholds look at all goods after the discounts so far. What is given does not count for its own gift."""
        if (least := promotion.threshold) is None:
            return True
        given = {line.sku for line in lines} if promotion.benefit.kind is BenefitKind.GIFT else set[Sku]()
        return least <= total((line.left for line in self.all_lines if line.sku not in given), self.currency)

    def _reduce_goods(self, rule: ScheduledPromotion, lines: Sequence[WorkingLine]) -> None:
        promotion, benefit = rule.promotion, rule.promotion.benefit
        if promotion.phase is PromotionPhase.ORDER and benefit.kind is not BenefitKind.GIFT:
            worth = total((line.left for line in lines), self.currency)
            self._share(rule, {line.sku: line.left.amount for line in lines}, _off(worth, benefit))
            return
        match benefit.kind:
            case BenefitKind.PERCENTAGE:
                for line in lines:
                    _take_off(line, rule, line.left.times(benefit.basis_points, per=ALL_OF_IT))
            case BenefitKind.AMOUNT | BenefitKind.FIXED_PRICE:
                for line in lines:
                    _take_off(line, rule, _off_loose(line, benefit), Share.LOOSE)
            case BenefitKind.TIERS if any(tier.basis_points for tier in benefit.tiers):
                percentage = _reached(benefit, sum(line.quantity for line in lines))
                for line in lines:
                    _take_off(line, rule, line.left.times(percentage, per=ALL_OF_IT))
            case BenefitKind.BUNDLE:
                self._take_units(rule, unit_sets.bundles(self._shelf, benefit, promotion.exclusive, self.currency))
            case BenefitKind.BUY_GET:
                self._take_units(rule, unit_sets.buy_get(lines, benefit, self.currency))
            case BenefitKind.TIERS:
                self._take_units(rule, unit_sets.free_from(lines, benefit, self.currency))
            case BenefitKind.GIFT:
                self._take_units(rule, unit_sets.gift(lines, benefit, self.currency))

    def _take_units(self, rule: ScheduledPromotion, units: UnitSet | None) -> None:
        if units is None:
            return
        by_sku = self._shelf.by_sku
        weights = {sku: by_sku[sku].value_of(n).amount for sku, n in units.units.items()}
        for sku, n in units.units.items():
            by_sku[sku].bind(n)
        self._share(rule, weights, units.off, Share.BOUND)

    def _share(self, rule: ScheduledPromotion, weights: dict[Sku, int], off: Money, of: Share = Share.BOTH) -> None:
        if off.amount == 0:
            return
        skus = sorted(weights)
        for sku, share in zip(skus, off.split([weights[sku] for sku in skus]), strict=True):
            _take_off(self._shelf.by_sku[sku], rule, share, of)

    def _reduce_delivery(self, rule: ScheduledPromotion) -> None:
        promotion, benefit = rule.promotion, rule.promotion.benefit
        if self.charge is None or self._delivery_closed or (promotion.exclusive and self._delivery_reduced):
            return
        if benefit.methods and self.charge.method not in benefit.methods:
            return
        if not (promotion.target.is_everything or self._shelf.matching(promotion.target)):
            return
        off = _off(add_up(tuple(self.delivery_steps), self.currency), benefit)
        if off.amount:
            self.delivery_steps.append(_step(rule, off))
            self._delivery_reduced, self._delivery_closed = True, promotion.exclusive


def _take_off(line: WorkingLine, rule: ScheduledPromotion, amount: Money, of: Share = Share.BOTH) -> None:
    if amount.amount:
        line.take_off(amount, _step(rule, amount), rule.promotion.exclusive, of)


def _step(rule: ScheduledPromotion, off: Money) -> PriceStep:
    amount = Money(0, off.currency) - off
    return PriceStep(kind=PROMOTION, amount=amount, reason=rule.promotion.title, rule=rule.source)


def _off(worth: Money, benefit: Benefit) -> Money:
    """What a percentage or an amount takes off a sum; all of it where neither is given."""
    if benefit.kind is BenefitKind.PERCENTAGE:
        return worth.times(benefit.basis_points, per=ALL_OF_IT)
    return worth if benefit.amount is None else min(worth, benefit.amount)


def _off_loose(line: WorkingLine, benefit: Benefit) -> Money:
    """What an amount or a fixed price takes off the units that are in no set."""
    if benefit.amount is None:
        return Money(0, line.loose.currency)
    together = UnitPrice(amount=benefit.amount, base_quantity=line.base_quantity).of(line.untaken)
    if benefit.kind is BenefitKind.AMOUNT:
        return min(line.loose, together)
    return max(line.loose - together, Money(0, together.currency))


def _reached(benefit: Benefit, units: int) -> int:
    """The percentage of the highest tier that so many units reach, in basis points."""
    reached = [tier for tier in benefit.tiers if tier.from_units <= units]
    return max(reached, key=lambda tier: tier.from_units).basis_points if reached else 0
