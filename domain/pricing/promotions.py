"""Promotions as data: what they take off, of which goods, in which order and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.shared.ids import CategoryId, ProductId, PromotionId
from domain.shared.money import Money
from domain.shared.pricing import RuleSource

ALL_OF_IT = 10_000
"""A hundred percent, in basis points."""


class PromotionPhase(StrEnum):
    """Promotions of one phase apply, by priority, before those of the next."""

    LINE = "line"
    ORDER = "order"
    SHIPPING = "shipping"


class BenefitKind(StrEnum):
    """How a promotion takes money off."""

    PERCENTAGE = "percentage"
    AMOUNT = "amount"
    FIXED_PRICE = "fixed price"
    BUY_GET = "buy get"
    TIERS = "tiers"
    BUNDLE = "bundle"
    GIFT = "gift"
    FREE_SHIPPING = "free shipping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What promotions look at in a product: itself, its brand, and its categories from its own up to the root."""

    product_id: ProductId
    brand: str = ""
    categories: tuple[CategoryId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Goods of any of these products, of any of these categories or below, or of any of these brands.

    One that names nothing means all goods.
    """

    products: tuple[ProductId, ...] = ()
    categories: tuple[CategoryId, ...] = ()
    brands: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        return not (self.products or self.categories or self.brands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """From so many units on: so many of them free, or a percentage off all of them."""

    from_units: int
    free_units: int = 0
    basis_points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePart:
    """So many units of these goods in each bundle."""

    target: Target
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What is taken off. Which fields say something follows from the kind:

    percentage: `basis_points` of what is left · amount: `amount` off each unit (line), or off all of it
    fixed price: each unit costs `amount` · buy get: of each `buy` + `get` units the `get` cheapest free
    tiers: `tiers` · bundle: `parts` together cost `amount` · gift: `get` units free
    At most `most` units are free, and so many bundles made. `methods` are the ways of delivery that it is for.
    Amounts and fixed prices of units leave those alone that stand in a set: in n and m, tiers of units, or a bundle.
    """

    kind: BenefitKind
    basis_points: int = 0
    amount: Money | None = None
    buy: int = 0
    get: int = 0
    most: int | None = None
    tiers: tuple[Tier, ...] = ()
    parts: tuple[BundlePart, ...] = ()
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A rule that makes goods or their delivery cheaper. `title` is what shoppers read beside the amount.

    `threshold`: only when the goods are worth so much after the discounts so far. An `exclusive` one applies to what no
    other promotion has reduced, and no other reduces it afterwards.
    """

    promotion_id: PromotionId
    title: str
    phase: PromotionPhase
    priority: int
    benefit: Benefit
    target: Target = Target()
    threshold: Money | None = None
    exclusive: bool = False

    @property
    def targets(self) -> list[Target]:
        """Its own, and those of the parts of a bundle."""
        return [self.target, *(part.target for part in self.benefit.parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPromotion:
    """A promotion, when it is in force ([starts, ends), None: without end), and the event that said so."""

    promotion: Promotion
    starts: datetime
    ends: datetime | None
    source: RuleSource

    def in_force(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)
