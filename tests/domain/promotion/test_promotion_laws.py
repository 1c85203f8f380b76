"""Whatever is asked of the promotion book, in whatever order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.promotion.commands import (
    DraftPromotion,
    EndPromotion,
    PromotionCommand,
    ReplacePromotion,
    SchedulePromotion,
)
from domain.promotion.decider import promotion_decider
from domain.shared.errors import DomainError
from domain.shared.ids import PromotionId
from tests.domain.promotion.test_promotion import promotion
from tests.support.builders.strategies import NOON, instants
from tests.support.harness.laws import law, play

ids = st.sampled_from([PromotionId(letter) for letter in "abc"])
promotions = st.builds(promotion, ids, st.integers(1, 2))
moments = [NOON + timedelta(minutes=30 * n) for n in range(12)]
stories = st.lists(
    st.one_of(
        st.builds(DraftPromotion, promotion=promotions),
        st.builds(
            SchedulePromotion,
            promotion_id=ids,
            zone=st.just("UTC"),
            starts=instants,
            ends=st.none() | instants,
            at=instants,
        ),
        st.builds(EndPromotion, promotion_id=ids, reason=st.just("sold out"), at=instants),
        st.builds(ReplacePromotion, promotion_id=ids, promotion=promotions, at=instants),
    ),
    min_size=4,
    max_size=25,
)


@law
@given(stories)
def test_no_two_promotions_of_a_phase_in_force_have_one_priority(asked: list[PromotionCommand]) -> None:
    latest = NOON
    in_order = list[PromotionCommand]()
    for command in asked:
        at = getattr(command, "at", latest)
        if at >= latest:
            latest = at
            in_order.append(command)
    for book, _ in play(promotion_decider, in_order):
        for at in moments:
            places = [rule.promotion.priority for rule in book.in_force(at)]
            assert len(set(places)) == len(places)


@law
@given(stories)
def test_what_is_scheduled_keeps_its_rule_and_a_repeat_changes_nothing(asked: list[PromotionCommand]) -> None:
    known = dict[PromotionId, object]()
    for command, (book, answer) in zip(asked, play(promotion_decider, asked), strict=True):
        for rule in book.scheduled():
            assert known.setdefault(rule.promotion.promotion_id, rule.promotion) == rule.promotion
        if not isinstance(answer, DomainError) and not isinstance(command, EndPromotion | DraftPromotion):
            assert promotion_decider.decide(book, command) == []
