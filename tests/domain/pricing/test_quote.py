"""What goods and their delivery cost, step by step."""

from datetime import timedelta
from itertools import permutations

import pytest

from domain.pricing.promotions import Benefit, BenefitKind, Promotion, PromotionPhase
from domain.pricing.quote import Charge, Discount, Item, depends_on_product_alone, quote
from domain.shared.ids import PromotionId
from domain.shared.money import Money
from domain.shared.pricing import PriceStep, RuleSource
from tests.domain.pricing.basket import (
    FREE_SHIPPING,
    LINE,
    ORDER,
    POST,
    SHIPPING,
    amount,
    amounts,
    brand,
    bundle,
    buy_get,
    category,
    eur,
    fixed,
    free_from,
    gift,
    item,
    off,
    percent,
    percent_from,
    priced,
    products,
    totals,
)
from tests.support.builders.strategies import NOON

MUG = item("MUG", 1_000, 2)
TEA = item("TEA", 480, brand="Leaf", categories=["green", "tea"])


def test_without_promotions_a_price_is_the_list_price() -> None:
    quoted = priced([MUG, TEA], delivery=POST)
    assert quoted.lines[0].steps == (PriceStep(kind="list", amount=eur(2_000), reason="2 x 10.00 EUR"),)
    assert quoted.delivery_steps == (PriceStep(kind="list", amount=eur(499), reason="post"),)
    assert (quoted.goods, quoted.delivery, quoted.total) == (eur(2_480), eur(499), eur(2_979))
    assert quoted.discounts() == []


def test_a_step_names_its_reason_and_the_event_that_set_the_rule() -> None:
    source = RuleSource(stream="promotion-book", revision=1)
    quoted = priced([MUG, TEA], off(percent(10), name="winter sale"))
    assert quoted.lines[0].steps[1] == PriceStep(kind="promotion", amount=eur(-200), reason="Winter Sale", rule=source)
    assert quoted.discounts() == [Discount(reason="Winter Sale", amount=eur(-248), rule=source)]


def test_an_agreed_price_ends_the_discounts_of_its_line() -> None:
    quoted = priced(
        [item("MUG", 1_000, 2, agreed=1_500), TEA], off(percent(50)), off(amount(100), ORDER), off(gift(), ORDER, 2)
    )
    assert amounts(quoted) == [[2_000, -500], [480, -240, -100, -140]]


@pytest.mark.parametrize(("first", "second", "left"), [((1, 2), "amount first", 6_800), ((2, 1), "percent", 6_500)])
def test_declared_priority_decides_and_not_the_order_of_adding(first: tuple[int, int], second: str, left: int) -> None:
    """100.00, 15.00 off and 20 %."""
    rules = [off(amount(1_500), ORDER, first[0], name="a"), off(percent(20), ORDER, first[1], name="b")]
    for given in permutations(rules):
        assert totals(priced([item("LAMP", 10_000)], *given)) == [left], second


@pytest.mark.parametrize(("places", "left"), [((1, 2), 6_750), ((2, 1), 6_500)])
def test_an_amount_and_a_percentage_apply_in_their_declared_order(places: tuple[int, int], left: int) -> None:
    rules = [off(amount(1_000), ORDER, places[0], name="a"), off(percent(25), ORDER, places[1], name="b")]
    for given in permutations(rules):
        assert totals(priced([item("LAMP", 10_000)], *given)) == [left]


def test_two_promotions_of_all_leave_nothing() -> None:
    quoted = priced([item("LAMP", 1_400, 2)], off(percent(100), ORDER, 1), off(percent(100), ORDER, 2))
    assert amounts(quoted) == [[2_800, -2_800]]


def test_what_is_added_and_removed_and_added_again_costs_the_same() -> None:
    rules = [off(percent(15)), off(amount(700), ORDER), off(buy_get(2, 1), LINE, 2)]
    once, again = priced([MUG, TEA], *rules), priced([TEA, MUG], *reversed(rules))
    assert {line.sku: line for line in once.lines} == {line.sku: line for line in again.lines}


def test_money_off_an_order_is_shared_by_value_to_the_cent() -> None:
    three = [item("A", 3_333), item("B", 3_333), item("C", 3_334)]
    quoted = priced(three, off(amount(1_000), ORDER))
    assert amounts(quoted) == [[3_333, -333], [3_333, -333], [3_334, -334]]


def test_equal_remainders_go_by_sku_and_not_by_the_order_of_adding() -> None:
    for names in permutations("ABC"):
        quoted = priced([item(name, 1_000) for name in names], off(amount(100), ORDER))
        assert {line.sku: line.total.amount for line in quoted.lines} == {"A": 966, "B": 967, "C": 967}


def test_the_cheapest_of_all_units_are_free_and_shared_by_value() -> None:
    """Buy 2 get 1 on 30, 20, 10, 9, 8 and 7: 8 and 7 are free; the 30 may be returned for 24.64."""
    six = [item(str(price), price * 100) for price in (30, 20, 10, 9, 8, 7)]
    quoted = priced(six, off(buy_get(2, 1)))
    assert [steps[1] for steps in amounts(quoted)] == [-536, -357, -178, -161, -143, -125]
    assert (quoted.goods, totals(quoted)[0]) == (eur(6_900), 2_464)


def test_equal_remainders_of_a_set_of_units_go_by_sku() -> None:
    quoted = priced([item(name, 1_000) for name in "FEDCBA"], off(buy_get(5, 1)))
    assert totals(quoted) == [834, 834, 833, 833, 833, 833]


@pytest.mark.parametrize(
    ("quantities", "benefit", "free"),
    [
        ([1, 1], buy_get(1, 1), 1_000),
        ([4, 2], buy_get(2, 1), 2_000),
        ([4, 2], buy_get(2, 1, most=1), 1_000),
        ([2, 1], buy_get(2, 2), 1_000),
        ([5, 5], buy_get(10, 20), 0),
        ([6, 5], buy_get(10, 20), 1_000),
    ],
)
def test_units_are_free_for_each_multiple_up_to_the_maximum(quantities: list[int], benefit: Benefit, free: int) -> None:
    """A lamp costs 20.00 and a shade 10.00; shades are the cheapest."""
    quoted = priced([item("LAMP", 2_000, quantities[0]), item("SHADE", 1_000, quantities[1])], off(benefit))
    assert quoted.goods.amount == quantities[0] * 2_000 + quantities[1] * 1_000 - free


@pytest.mark.parametrize(("quantity", "free"), [(3, 0), (4, 1), (5, 1), (9, 1), (10, 3), (12, 3)])
def test_the_highest_tier_that_is_reached_counts(quantity: int, free: int) -> None:
    quoted = priced([item("MUG", 1_000, quantity)], off(free_from((4, 1), (10, 3))))
    assert quoted.goods.amount == 1_000 * (quantity - free)


@pytest.mark.parametrize(("quantity", "total"), [(4, 4_000), (5, 4_500), (10, 8_000)])
def test_a_tier_may_take_a_percentage_off_all_units(quantity: int, total: int) -> None:
    assert totals(priced([item("MUG", 1_000, quantity)], off(percent_from((5, 10), (10, 20))))) == [total]


def test_a_bundle_costs_its_price_shared_by_value() -> None:
    both = bundle(5_000, (products("lamp"), 1), (products("bulb"), 1))
    assert totals(priced([item("LAMP", 4_000), item("BULB", 2_000)], off(both))) == [3_333, 1_667]


def test_bundles_are_made_as_often_as_they_are_complete_and_pay() -> None:
    both = bundle(5_000, (products("lamp"), 1), (products("bulb"), 2))
    four_lamps = [item("LAMP", 4_000, 4), item("BULB", 2_000, 5)]
    assert priced(four_lamps, off(both)).goods.amount == 2 * 5_000 + 2 * 4_000 + 2_000
    assert priced(
        four_lamps, off(bundle(5_000, (products("lamp"), 1), (products("bulb"), 2), most=1))
    ).goods.amount == (5_000 + 3 * 4_000 + 3 * 2_000)
    assert priced([item("LAMP", 1_000), item("BULB", 500, 2)], off(both)).goods.amount == 2_000


def test_a_unit_serves_one_rule_of_units() -> None:
    """Two of the three mugs stand in a bundle; the third alone gives nothing free."""
    rules = off(bundle(1_500, (products("mug"), 2))), off(buy_get(1, 1), LINE, 2)
    assert totals(priced([item("MUG", 1_000, 3)], *rules)) == [2_500]
    assert totals(priced([item("MUG", 1_000, 4)], off(buy_get(1, 1)), off(buy_get(1, 1), LINE, 2))) == [2_000]


def test_a_gift_is_free_when_it_is_in_the_cart_and_never_put_there() -> None:
    rule = off(gift(), ORDER, target=products("card"), threshold=1_000)
    card = item("CARD", 300, 2)
    assert amounts(priced([item("MUG", 1_000), card], rule)) == [[1_000], [600, -300]]
    assert amounts(priced([item("MUG", 1_000)], rule)) == [[1_000]]
    assert amounts(priced([item("MUG", 900), card], rule)) == [[900], [600]]


def test_thresholds_look_at_goods_after_discounts() -> None:
    """52.00 less 10 % is below the 50.00 from which delivery is free."""
    rules = off(percent(10), ORDER), off(FREE_SHIPPING, SHIPPING, threshold=5_000)
    assert priced([item("A", 5_200)], *rules, delivery=POST).total == eur(4_680 + 499)
    free = priced([item("A", 5_556)], *rules, delivery=POST)
    assert (free.goods, free.total) == (eur(5_000), eur(5_000))
    assert [step.amount for step in free.delivery_steps] == [eur(499), eur(-499)]


def test_a_promotion_reduces_its_products_categories_and_brands_only() -> None:
    for target in (products("tea"), category("tea"), category("green"), brand("Leaf")):
        assert totals(priced([MUG, TEA], off(percent(50), target=target))) == [2_000, 240]
    assert totals(priced([MUG, TEA], off(percent(50), target=category("pots")))) == [2_000, 480]


def test_a_unit_price_is_never_raised() -> None:
    assert totals(priced([MUG, TEA], off(fixed(700)))) == [1_400, 480]
    assert totals(priced([item("FUEL", 349, 1_500, base_quantity=1_000)], off(fixed(300)))) == [450]


def test_an_amount_is_off_each_unit_and_never_more_than_there_is() -> None:
    assert totals(priced([MUG, TEA], off(amount(600)))) == [800, 0]
    assert totals(priced([MUG, TEA], off(amount(9_999), ORDER))) == [0, 0]


def test_goods_priced_by_the_thousand_are_not_counted_by_the_unit() -> None:
    assert totals(priced([item("FUEL", 349, 2_000, base_quantity=1_000)], off(buy_get(1, 1)))) == [698]


def test_an_exclusive_promotion_stands_alone() -> None:
    alone = off(percent(30), LINE, 2, exclusive=True, target=products("mug"))
    assert amounts(priced([MUG, TEA], alone, off(percent(10), ORDER))) == [[2_000, -600], [480, -48]]
    assert amounts(priced([MUG, TEA], off(percent(10), LINE, 1), alone)) == [[2_000, -200], [480, -48]]
    free = off(FREE_SHIPPING, SHIPPING, 2, exclusive=True)
    assert priced([MUG], off(amount(100), SHIPPING), free, delivery=POST).delivery == eur(399)
    assert priced([MUG], off(amount(100), SHIPPING, 3), free, delivery=POST).delivery_steps[1:] == (
        PriceStep(
            kind="promotion",
            amount=eur(-499),
            reason="Shipping-2",
            rule=RuleSource(stream="promotion-book", revision=22),
        ),
    )


def test_delivery_is_free_by_the_methods_and_with_the_goods_that_are_named() -> None:
    by_post = Benefit(kind=BenefitKind.FREE_SHIPPING, methods=("post",))
    express = Charge(method="express", price=eur(999))
    assert priced([MUG], off(by_post, SHIPPING), delivery=POST).delivery == eur(0)
    assert priced([MUG], off(by_post, SHIPPING), delivery=express).delivery == eur(999)
    with_tea = off(FREE_SHIPPING, SHIPPING, target=products("tea"))
    assert priced([MUG], with_tea, delivery=POST).delivery == eur(499)
    assert priced([TEA], with_tea, delivery=POST).delivery == eur(0)


@pytest.mark.parametrize(("seconds", "left"), [(-1, 2_000), (0, 1_000), (3_599, 1_000), (3_600, 2_000)])
def test_a_promotion_is_in_force_from_its_start_until_just_before_its_end(seconds: int, left: int) -> None:
    at = NOON + timedelta(seconds=seconds)
    assert totals(quote([MUG], [off(percent(50), hours=1)], at, "EUR")) == [left]


def test_a_promotion_in_another_currency_does_not_apply() -> None:
    yen = [item("MUG", 1_001, currency="JPY")]
    for rule in (off(amount(100)), off(percent(10), threshold=1)):
        assert totals(quote(yen, [rule], NOON, "JPY")) == [1_001]
    assert totals(quote(yen, [off(percent(10))], NOON, "JPY")) == [901]


def test_amounts_have_the_digits_of_their_currency_and_ties_go_to_even() -> None:
    """3 x 1.255 KWD less 15 % is 3.200; 2.50 less 5 % takes 0.12 off."""
    dinars = quote([item("A", 1_255, 3, currency="KWD")], [off(percent(15))], NOON, "KWD")
    assert [step.amount for step in dinars.lines[0].steps] == [Money(3_765, "KWD"), Money(-565, "KWD")]
    assert amounts(priced([item("A", 250)], off(percent(5)))) == [[250, -12]]


def test_nothing_costs_nothing() -> None:
    quoted = quote([], [off(percent(10)), off(bundle(1, (products("a"), 1)), LINE, 2)], NOON, "EUR")
    assert (quoted.lines, quoted.total) == ((), eur(0))
    assert totals(priced([item("A", 0), item("B", 0)], off(amount(5), ORDER), off(buy_get(1, 1)))) == [0, 0]


@pytest.mark.parametrize(
    ("benefit", "phase", "threshold", "alone"),
    [
        (percent(10), LINE, None, True),
        (amount(10), LINE, None, True),
        (fixed(10), LINE, None, True),
        (percent(10), ORDER, None, False),
        (percent(10), LINE, 100, False),
        (buy_get(1, 1), LINE, None, False),
    ],
)
def test_the_price_of_a_product_shows_what_depends_on_it_alone(
    benefit: Benefit, phase: PromotionPhase, threshold: int | None, alone: bool
) -> None:
    promotion = Promotion(
        promotion_id=PromotionId("p"),
        title="P",
        phase=phase,
        priority=1,
        benefit=benefit,
        threshold=None if threshold is None else eur(threshold),
    )
    assert depends_on_product_alone(promotion) is alone


def test_many_lines_under_many_promotions_are_quoted_alike_however_they_are_given() -> None:
    items: list[Item] = [item(f"S{n}", 100 + n, 1 + n % 3, brand=f"B{n % 20}") for n in range(40)]
    rules = [off(percent(1 + n % 9), LINE, n + 1, target=brand(f"B{n % 20}")) for n in range(60)]
    assert priced(items, *rules) == priced(items, *reversed(rules))
