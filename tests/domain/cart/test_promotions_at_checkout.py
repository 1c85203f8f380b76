"""Promotions at the checkout: decided at the moment of acceptance, and stored with the shopper's word."""

from dataclasses import replace
from datetime import timedelta

from domain.cart.commands import CheckOutCart
from domain.cart.errors import ChangedSteps, TotalChanged
from domain.pricing.promotions import Traits
from domain.shared.ids import ProductId
from domain.shared.pricing import PriceStep, RuleSource
from tests.domain.cart.story import MUG_AT_500, POST, TWO, check_out, eur, mug_bought, one_mug
from tests.domain.pricing.basket import FREE_SHIPPING, ORDER, SHIPPING, brand, off, percent
from tests.support.builders.strategies import MUG

TENTH = off(percent(10), ORDER, name="winter sale")
FREE = off(FREE_SHIPPING, SHIPPING, threshold=450, name="free delivery")
UNTIL_TWO = replace(TENTH, ends=TWO)
LIST = PriceStep(kind="list", amount=eur(500), reason="1 x 5.00 EUR")
BY_POST = PriceStep(kind="list", amount=eur(399), reason="post")
TEN_PERCENT = PriceStep(
    kind="promotion", amount=eur(-50), reason="Winter Sale", rule=RuleSource(stream="promotion-book", revision=11)
)
NO_CHARGE = PriceStep(
    kind="promotion", amount=eur(-399), reason="Free Delivery", rule=RuleSource(stream="promotion-book", revision=21)
)
CHEAPER_MUG = replace(mug_bought.lines[0], steps=(LIST, TEN_PERCENT), total=eur(450))


def test_the_steps_of_promotions_are_stored_for_each_line_and_the_delivery() -> None:
    one_mug.when(check_out(MUG_AT_500, seen=450, promotions=[FREE, TENTH])).then(
        replace(
            mug_bought,
            lines=(CHEAPER_MUG,),
            delivery=replace(POST, price=eur(0)),
            delivery_steps=(BY_POST, NO_CHARGE),
            total=eur(450),
        )
    )


def test_promotions_look_at_the_traits_of_products() -> None:
    leaf = replace(TENTH, promotion=replace(TENTH.promotion, target=brand("Leaf")))
    asked = check_out(MUG_AT_500, seen=849, promotions=[leaf])
    one_mug.when(asked).refused(TotalChanged)
    by_leaf = replace(asked, traits=(Traits(product_id=ProductId("mug"), brand="Leaf"),))
    one_mug.when(by_leaf).then(replace(mug_bought, lines=(CHEAPER_MUG,), total=eur(849)))


def ended_between_page_and_click(quoted: bool) -> CheckOutCart:
    asked = check_out(MUG_AT_500, seen=849, promotions=[UNTIL_TWO])
    return replace(asked, quoted_at=TWO - timedelta(seconds=1) if quoted else None)


def test_a_promotion_that_ends_between_page_and_click_goes_back_to_the_shopper_with_the_steps_that_differ() -> None:
    refusal = one_mug.when(ended_between_page_and_click(quoted=True)).refused(TotalChanged)
    assert (refusal.seen, refusal.current) == (eur(849), eur(899))
    assert refusal.changed == (ChangedSteps(MUG, (LIST, TEN_PERCENT), (LIST,)),)


def test_without_the_moment_of_the_quote_all_steps_of_now_are_told() -> None:
    refusal = one_mug.when(ended_between_page_and_click(quoted=False)).refused(TotalChanged)
    assert refusal.changed == (ChangedSteps(MUG, None, (LIST,)), ChangedSteps(None, None, (BY_POST,)))


def test_a_promotion_counts_until_the_moment_before_its_end() -> None:
    asked = replace(check_out(MUG_AT_500, seen=849, promotions=[UNTIL_TWO]), at=TWO - timedelta(microseconds=1))
    one_mug.when(asked).then(replace(mug_bought, lines=(CHEAPER_MUG,), total=eur(849), at=asked.at))
