"""What a promotion must look like before the book holds it."""

from domain.pricing.promotions import ALL_OF_IT, Benefit, BenefitKind, Promotion, PromotionPhase, Target
from domain.promotion.errors import UnusableBenefit
from domain.shared import require
from domain.shared.money import Money

LONGEST_TITLE, LONGEST_BRAND = 100, 100
HIGHEST_PRIORITY = 10_000
HIGHEST_AMOUNT = 10**12
MOST_UNITS = 1_000
MOST_NAMES = 100
MOST_TIERS = MOST_PARTS = 10

_ANYWHERE = (BenefitKind.PERCENTAGE, BenefitKind.AMOUNT)
_KINDS = {
    PromotionPhase.LINE: (
        *_ANYWHERE,
        BenefitKind.FIXED_PRICE,
        BenefitKind.BUY_GET,
        BenefitKind.TIERS,
        BenefitKind.BUNDLE,
        BenefitKind.GIFT,
    ),
    PromotionPhase.ORDER: (*_ANYWHERE, BenefitKind.GIFT),
    PromotionPhase.SHIPPING: (*_ANYWHERE, BenefitKind.FREE_SHIPPING),
}


def check(promotion: Promotion) -> None:
    """Raises UnusableBenefit, and the errors of domain.shared.require."""
    require.code(promotion.promotion_id, "promotion_id")
    require.text(promotion.title, "title", LONGEST_TITLE)
    require.whole(promotion.priority, "priority", 1, HIGHEST_PRIORITY)
    if promotion.threshold is not None:
        require.amount(promotion.threshold, "threshold", HIGHEST_AMOUNT)
    _check_target(promotion.target, "target")
    benefit = promotion.benefit
    if benefit.kind not in (kinds := _KINDS[promotion.phase]):
        raise UnusableBenefit(
            f"A promotion of the {promotion.phase} is one of {', '.join(kinds)}, not {benefit.kind}.", "benefit.kind"
        )
    if len(benefit.methods) > MOST_NAMES or (benefit.methods and promotion.phase is not PromotionPhase.SHIPPING):
        raise UnusableBenefit("Only a promotion of the shipping names ways of delivery.", "benefit.methods")
    _check_benefit(benefit)


def _check_benefit(benefit: Benefit) -> None:
    if benefit.most is not None:
        require.whole(benefit.most, "benefit.most", 1, MOST_UNITS)
    match benefit.kind:
        case BenefitKind.PERCENTAGE:
            require.whole(benefit.basis_points, "benefit.basis_points", 1, ALL_OF_IT)
        case BenefitKind.AMOUNT:
            require.amount(_amount(benefit), "benefit.amount", HIGHEST_AMOUNT)
            require.whole(_amount(benefit).amount, "benefit.amount", 1, HIGHEST_AMOUNT)
        case BenefitKind.FIXED_PRICE:
            require.amount(_amount(benefit), "benefit.amount", HIGHEST_AMOUNT)
        case BenefitKind.BUY_GET:
            require.whole(benefit.buy, "benefit.buy", 1, MOST_UNITS)
            require.whole(benefit.get, "benefit.get", 1, MOST_UNITS)
        case BenefitKind.GIFT:
            require.whole(benefit.get, "benefit.get", 1, MOST_UNITS)
        case BenefitKind.TIERS:
            _check_tiers(benefit)
        case BenefitKind.BUNDLE:
            require.amount(_amount(benefit), "benefit.amount", HIGHEST_AMOUNT)
            require.whole(len(benefit.parts), "benefit.parts", 1, MOST_PARTS)
            for number, part in enumerate(benefit.parts):
                _check_target(part.target, f"benefit.parts.{number}.target")
                require.whole(part.quantity, f"benefit.parts.{number}.quantity", 1, MOST_UNITS)


def _check_tiers(benefit: Benefit) -> None:
    """All tiers of one promotion make units free, or all take a percentage off."""
    require.whole(len(benefit.tiers), "benefit.tiers", 1, MOST_TIERS)
    if len({tier.from_units for tier in benefit.tiers}) < len(benefit.tiers):
        raise UnusableBenefit("Two tiers begin at the same number of units.", "benefit.tiers")
    free = [tier.free_units > 0 for tier in benefit.tiers]
    percentages = [tier.basis_points > 0 for tier in benefit.tiers]
    if any(one == other for one, other in zip(free, percentages, strict=True)) or len(set(free)) > 1:
        raise UnusableBenefit(
            "Each tier has free units, or each has a percentage; no promotion has both.", "benefit.tiers"
        )
    for number, tier in enumerate(benefit.tiers):
        require.whole(tier.from_units, f"benefit.tiers.{number}.from_units", 1, MOST_UNITS)
        require.whole(tier.free_units, f"benefit.tiers.{number}.free_units", 0, tier.from_units)
        require.whole(tier.basis_points, f"benefit.tiers.{number}.basis_points", 0, ALL_OF_IT)


def _check_target(target: Target, field: str) -> None:
    names = len(target.products) + len(target.categories) + len(target.brands)
    require.whole(names, field, 0, MOST_NAMES)
    for brand in target.brands:
        require.text(brand, f"{field}.brands", LONGEST_BRAND)


def _amount(benefit: Benefit) -> Money:
    if benefit.amount is None:
        raise UnusableBenefit(f"Give the amount of {benefit.kind}.", "benefit.amount")
    return benefit.amount
