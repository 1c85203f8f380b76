"""The promotion book: what can be done with a promotion, and what cannot."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.pricing.promotions import Benefit, BenefitKind, Promotion, PromotionPhase, Target
from domain.promotion.commands import DraftPromotion, EndPromotion, ReplacePromotion, SchedulePromotion
from domain.promotion.decider import promotion_decider
from domain.promotion.errors import (
    PriorityTaken,
    PromotionExists,
    PromotionIsNotScheduled,
    PromotionIsOver,
    PromotionIsScheduled,
    PromotionNotFound,
    UnusableBenefit,
    UnusableTimes,
)
from domain.promotion.events import PromotionDrafted, PromotionEnded, PromotionReplaced, PromotionScheduled
from domain.promotion.state import PromotionBook
from domain.shared.errors import DomainError
from domain.shared.ids import PromotionId
from domain.shared.pricing import RuleSource
from domain.shared.require import NotACode, NumberOutOfBounds, TextOutOfBounds
from tests.domain.pricing.basket import (
    FREE_SHIPPING,
    amount,
    bundle,
    buy_get,
    eur,
    fixed,
    free_from,
    gift,
    percent,
    percent_from,
    products,
)
from tests.support.builders.strategies import NOON
from tests.support.harness.spec import Spec

SALE, SPRING, POST = PromotionId("sale"), PromotionId("spring"), PromotionId("post")
ONE, TWO, THREE = (NOON + timedelta(hours=hours) for hours in (1, 2, 3))
given = Spec(promotion_decider).given


def promotion(it: PromotionId = SALE, priority: int = 1, benefit: Benefit | None = None) -> Promotion:
    return Promotion(
        promotion_id=it,
        title="Sale",
        phase=PromotionPhase.LINE,
        priority=priority,
        benefit=benefit or percent(10),
    )


def schedule(
    it: PromotionId = SALE, starts: datetime = ONE, ends: datetime | None = THREE, at: datetime = NOON
) -> SchedulePromotion:
    return SchedulePromotion(promotion_id=it, zone="Europe/Zurich", starts=starts, ends=ends, at=at)


def scheduled(it: PromotionId = SALE, starts: datetime = ONE, ends: datetime | None = THREE) -> PromotionScheduled:
    return PromotionScheduled(promotion_id=it, zone="Europe/Zurich", starts=starts, ends=ends, at=NOON)


def end(at: datetime) -> EndPromotion:
    return EndPromotion(promotion_id=SALE, reason="sold out", at=at)


def ended(at: datetime) -> PromotionEnded:
    return PromotionEnded(promotion_id=SALE, reason="sold out", at=at)


draft, drafted = DraftPromotion(promotion=promotion()), PromotionDrafted(promotion=promotion())
a_draft = given(drafted)
a_sale = a_draft.given(scheduled())
replacing = ReplacePromotion(promotion_id=SALE, promotion=promotion(SPRING), at=TWO)
replaced = PromotionReplaced(promotion_id=SALE, promotion=promotion(SPRING), at=TWO)


def in_force(book: PromotionBook, at: datetime) -> list[tuple[str, int]]:
    return [(rule.promotion.promotion_id, rule.source.revision) for rule in book.in_force(at)]


def test_a_draft_may_be_written_anew_and_is_not_in_force() -> None:
    given().when(draft, draft).then(drafted)
    dearer = promotion(benefit=percent(20))
    a_draft.when(DraftPromotion(promotion=dearer)).then(PromotionDrafted(promotion=dearer))
    assert in_force(a_draft.state, ONE) == []


def test_a_scheduled_promotion_is_in_force_from_its_start_until_just_before_its_end() -> None:
    a_draft.when(schedule(), schedule()).then(scheduled())
    book = a_sale.state
    moments = (NOON, ONE, THREE - timedelta(microseconds=1), THREE)
    assert [in_force(book, at) for at in moments] == [[], [("sale", 1)], [("sale", 1)], []]
    assert [rule.source for rule in book.scheduled()] == [RuleSource(stream="promotion-book", revision=1)]
    assert book.in_force(NOON, ONE) == book.in_force(ONE)


def test_a_scheduled_promotion_is_replaced_or_ended_and_never_edited() -> None:
    a_sale.when(DraftPromotion(promotion=promotion(benefit=percent(20)))).refused(PromotionIsScheduled)
    a_sale.when(schedule(ends=None)).refused(PromotionIsScheduled)


def test_a_replacement_takes_over_in_one_moment_and_keeps_the_end() -> None:
    a_sale.when(replacing, replacing).then(replaced)
    book = a_sale.given(replaced).state
    moments = (ONE, TWO - timedelta(microseconds=1), TWO, THREE)
    assert [in_force(book, at) for at in moments] == [[("sale", 1)], [("sale", 1)], [("spring", 2)], []]


def test_a_promotion_that_is_replaced_before_it_begins_never_is_in_force() -> None:
    early = replace(replaced, at=NOON)
    a_sale.when(replace(replacing, at=NOON)).then(early)
    book = a_sale.given(early).state
    assert [in_force(book, at) for at in (NOON, ONE, THREE)] == [[], [("spring", 2)], []]


def test_only_what_is_scheduled_and_not_over_is_replaced() -> None:
    given().when(replacing).refused(PromotionNotFound)
    a_draft.when(replacing).refused(PromotionIsNotScheduled)
    a_sale.when(replace(replacing, at=THREE)).refused(PromotionIsOver)
    a_sale.when(replace(replacing, promotion=promotion())).refused(PromotionExists)


def test_an_end_counts_from_that_moment() -> None:
    a_sale.when(end(TWO), end(TWO)).then(ended(TWO))
    book = a_sale.given(ended(TWO)).state
    assert [in_force(book, at) for at in (TWO - timedelta(microseconds=1), TWO)] == [[("sale", 1)], []]
    assert in_force(a_sale.given(ended(NOON)).state, ONE) == []


def test_a_draft_is_discarded_and_what_is_over_or_not_there_is_no_error() -> None:
    a_draft.when(end(NOON), draft).then(ended(NOON), drafted)
    a_sale.when(end(THREE)).then()
    given().when(end(NOON)).then()


def test_a_priority_is_unique_among_the_promotions_of_a_phase_that_are_not_over() -> None:
    other = PromotionDrafted(promotion=promotion(SPRING))
    both = a_sale.given(other)
    refusal = both.when(schedule(SPRING)).refused(PriorityTaken)
    assert refusal.detail == "Sale (sale) has priority 1 among promotions of the line. Choose another one."
    later = schedule(SPRING, starts=THREE, ends=None, at=THREE)
    both.when(later).then(
        PromotionScheduled(promotion_id=SPRING, zone="Europe/Zurich", starts=THREE, ends=None, at=THREE)
    )
    shipping = replace(promotion(POST), phase=PromotionPhase.SHIPPING, benefit=FREE_SHIPPING)
    a_sale.given(PromotionDrafted(promotion=shipping)).when(schedule(POST)).then(scheduled(POST))
    taken = both.given(scheduled(SPRING))
    taken.when(replace(replacing, promotion=promotion(POST))).refused(PriorityTaken)


def test_a_promotion_is_scheduled_for_times_that_come() -> None:
    given().when(schedule()).refused(PromotionNotFound)
    assert a_draft.when(schedule(starts=NOON - timedelta(seconds=1))).refused(UnusableTimes).field == "starts"
    assert a_draft.when(schedule(ends=ONE)).refused(UnusableTimes).field == "ends"
    a_draft.when(schedule(starts=NOON, ends=None)).then(scheduled(starts=NOON, ends=None))


@pytest.mark.parametrize(
    ("phase", "benefit"),
    [
        (PromotionPhase.LINE, amount(100)),
        (PromotionPhase.LINE, fixed(0)),
        (PromotionPhase.LINE, buy_get(2, 1, most=4)),
        (PromotionPhase.LINE, free_from((4, 1), (10, 3))),
        (PromotionPhase.LINE, percent_from((5, 10), (10, 20))),
        (PromotionPhase.LINE, bundle(5_000, (products("lamp"), 1), (products("bulb"), 2))),
        (PromotionPhase.ORDER, gift()),
        (PromotionPhase.ORDER, percent(100)),
        (PromotionPhase.SHIPPING, replace(FREE_SHIPPING, methods=("post",))),
    ],
)
def test_what_a_promotion_may_take_off(phase: PromotionPhase, benefit: Benefit) -> None:
    wanted = replace(promotion(), phase=phase, benefit=benefit, threshold=eur(5_000))
    given().when(DraftPromotion(promotion=wanted)).then(PromotionDrafted(promotion=wanted))


@pytest.mark.parametrize(
    ("wrong", "error", "field"),
    [
        (replace(promotion(), promotion_id=PromotionId("a/b")), NotACode, "promotion_id"),
        (replace(promotion(), title=" "), TextOutOfBounds, "title"),
        (promotion(priority=0), NumberOutOfBounds, "priority"),
        (replace(promotion(), threshold=eur(-1)), NumberOutOfBounds, "threshold"),
        (replace(promotion(), target=Target(brands=("",))), TextOutOfBounds, "target.brands"),
        (replace(promotion(), target=products(*map(str, range(101)))), NumberOutOfBounds, "target"),
        (promotion(benefit=percent(0)), NumberOutOfBounds, "benefit.basis_points"),
        (promotion(benefit=percent(101)), NumberOutOfBounds, "benefit.basis_points"),
        (promotion(benefit=amount(0)), NumberOutOfBounds, "benefit.amount"),
        (promotion(benefit=Benefit(kind=BenefitKind.FIXED_PRICE)), UnusableBenefit, "benefit.amount"),
        (promotion(benefit=buy_get(0, 1)), NumberOutOfBounds, "benefit.buy"),
        (promotion(benefit=buy_get(1, 0)), NumberOutOfBounds, "benefit.get"),
        (promotion(benefit=buy_get(1, 1, most=0)), NumberOutOfBounds, "benefit.most"),
        (promotion(benefit=gift(0)), NumberOutOfBounds, "benefit.get"),
        (promotion(benefit=free_from()), NumberOutOfBounds, "benefit.tiers"),
        (promotion(benefit=free_from((4, 1), (4, 2))), UnusableBenefit, "benefit.tiers"),
        (promotion(benefit=free_from((4, 0))), UnusableBenefit, "benefit.tiers"),
        (promotion(benefit=free_from((4, 5))), NumberOutOfBounds, "benefit.tiers.0.free_units"),
        (
            promotion(
                benefit=replace(free_from((4, 1)), tiers=(*free_from((4, 1)).tiers, *percent_from((9, 5)).tiers))
            ),
            UnusableBenefit,
            "benefit.tiers",
        ),
        (promotion(benefit=bundle(100)), NumberOutOfBounds, "benefit.parts"),
        (promotion(benefit=bundle(100, (products("a"), 0))), NumberOutOfBounds, "benefit.parts.0.quantity"),
        (promotion(benefit=FREE_SHIPPING), UnusableBenefit, "benefit.kind"),
        (replace(promotion(benefit=gift()), phase=PromotionPhase.SHIPPING), UnusableBenefit, "benefit.kind"),
        (promotion(benefit=replace(percent(5), methods=("post",))), UnusableBenefit, "benefit.methods"),
    ],
)
def test_what_a_promotion_may_not_say(wrong: Promotion, error: type[DomainError], field: str) -> None:
    assert given().when(DraftPromotion(promotion=wrong)).refused(error).field == field
