"""Short words for baskets and promotions."""

from collections.abc import Sequence
from datetime import timedelta

from domain.pricing.promotions import (
    Benefit,
    BenefitKind,
    BundlePart,
    Promotion,
    PromotionPhase,
    ScheduledPromotion,
    Target,
    Tier,
    Traits,
)
from domain.pricing.quote import Charge, Item, Quote, quote
from domain.shared.ids import CategoryId, ProductId, PromotionId, Sku
from domain.shared.money import Money
from domain.shared.pricing import Agreement, RuleSource, UnitPrice
from tests.support.builders.strategies import NOON

LINE, ORDER, SHIPPING = PromotionPhase
POST = Charge(method="post", price=Money(499, "EUR"))


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def item(
    sku: str,
    cents: int,
    quantity: int = 1,
    *,
    brand: str = "",
    categories: Sequence[str] = (),
    agreed: int | None = None,
    base_quantity: int = 1,
    currency: str = "EUR",
) -> Item:
    return Item(
        sku=Sku(sku),
        quantity=quantity,
        unit_price=UnitPrice(amount=Money(cents, currency), base_quantity=base_quantity),
        traits=Traits(
            product_id=ProductId(sku.lower()), brand=brand, categories=tuple(CategoryId(it) for it in categories)
        ),
        agreed=None if agreed is None else Agreement(Money(agreed, currency), "scratched"),
    )


def off(
    benefit: Benefit,
    phase: PromotionPhase = LINE,
    priority: int = 1,
    *,
    target: Target = Target(),  # noqa: B008 - frozen
    threshold: int | None = None,
    exclusive: bool = False,
    name: str = "",
    hours: int | None = None,
) -> ScheduledPromotion:
    """A promotion in force from noon on, for so many hours; set by the event of its priority's number."""
    name = name or f"{phase}-{priority}"
    return ScheduledPromotion(
        promotion=Promotion(
            promotion_id=PromotionId(name),
            title=name.title(),
            phase=phase,
            priority=priority,
            benefit=benefit,
            target=target,
            threshold=None if threshold is None else eur(threshold),
            exclusive=exclusive,
        ),
        starts=NOON,
        ends=None if hours is None else NOON + timedelta(hours=hours),
        source=RuleSource(stream="promotion-book", revision=10 * list(PromotionPhase).index(phase) + priority),
    )


def percent(points: float) -> Benefit:
    return Benefit(kind=BenefitKind.PERCENTAGE, basis_points=round(points * 100))


def amount(cents: int) -> Benefit:
    return Benefit(kind=BenefitKind.AMOUNT, amount=eur(cents))


def fixed(cents: int) -> Benefit:
    return Benefit(kind=BenefitKind.FIXED_PRICE, amount=eur(cents))


def buy_get(buy: int, get: int, most: int | None = None) -> Benefit:
    return Benefit(kind=BenefitKind.BUY_GET, buy=buy, get=get, most=most)


def free_from(*tiers: tuple[int, int]) -> Benefit:
    return Benefit(
        kind=BenefitKind.TIERS, tiers=tuple(Tier(from_units=units, free_units=free) for units, free in tiers)
    )


def percent_from(*tiers: tuple[int, float]) -> Benefit:
    return Benefit(
        kind=BenefitKind.TIERS,
        tiers=tuple(Tier(from_units=units, basis_points=round(points * 100)) for units, points in tiers),
    )


def bundle(cents: int, *parts: tuple[Target, int], most: int | None = None) -> Benefit:
    made = tuple(BundlePart(target=target, quantity=units) for target, units in parts)
    return Benefit(kind=BenefitKind.BUNDLE, amount=eur(cents), parts=made, most=most)


def gift(units: int = 1) -> Benefit:
    return Benefit(kind=BenefitKind.GIFT, get=units)


FREE_SHIPPING = Benefit(kind=BenefitKind.FREE_SHIPPING)


def products(*names: str) -> Target:
    return Target(products=tuple(map(ProductId, names)))


def category(name: str) -> Target:
    return Target(categories=(CategoryId(name),))


def brand(name: str) -> Target:
    return Target(brands=(name,))


def priced(items: Sequence[Item], *promotions: ScheduledPromotion, delivery: Charge | None = None) -> Quote:
    return quote(items, promotions, NOON, "EUR", delivery)


def totals(quoted: Quote) -> list[int]:
    return [line.total.amount for line in quoted.lines]


def amounts(quoted: Quote) -> list[list[int]]:
    """What each step of each line added."""
    return [[step.amount.amount for step in line.steps] for line in quoted.lines]
