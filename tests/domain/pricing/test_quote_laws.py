"""Whatever is in a cart, and whatever promotions there are."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.promotions import Benefit, ScheduledPromotion, Target
from domain.pricing.quote import Charge, Item
from tests.domain.pricing.basket import (
    FREE_SHIPPING,
    LINE,
    ORDER,
    SHIPPING,
    amount,
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
)
from tests.support.harness.laws import law

cents = st.sampled_from([0, 1, 2, 3, 7, 10, 333, 1_000])
points = st.sampled_from([0.01, 10, 33.33, 50, 100])
targets = st.sampled_from([Target(), products("a"), products("b", "c"), category("tea"), brand("leaf")])
few = st.integers(1, 3)

steady = st.one_of(
    st.builds(percent, points),
    st.builds(amount, cents.filter(bool)),
    st.builds(fixed, cents),
    st.builds(buy_get, few, few, st.none() | few),
)
"""Benefits without tiers and bundles."""

of_goods = st.one_of(
    steady,
    st.builds(gift, few),
    st.builds(lambda a, b: free_from((2, a), (4, b)), few, few),
    st.builds(lambda a, b: percent_from((2, a), (4, b)), points, points),
    st.builds(lambda price, one, two, n: bundle(price, (one, 1), (two, n)), cents, targets, targets, few),
)
of_all = st.one_of(st.builds(percent, points), st.builds(amount, cents.filter(bool)))
thresholds = st.none() | st.sampled_from([1, 500, 2_000])


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    names = draw(st.lists(st.sampled_from("ABCDE"), unique=True, max_size=5))
    return [
        item(
            name,
            draw(cents),
            draw(st.integers(1, 6)),
            brand=draw(st.sampled_from(["", "leaf"])),
            categories=draw(st.sampled_from([(), ("tea",), ("green", "tea")])),
            agreed=draw(st.none() | st.none() | cents),
            base_quantity=draw(st.sampled_from([1, 1, 1, 4])),
        )
        for name in names
    ]


@st.composite
def rules(draw: st.DrawFn) -> list[ScheduledPromotion]:
    made = list[ScheduledPromotion]()
    for priority in range(1, draw(st.integers(0, 5)) + 1):
        phase = draw(st.sampled_from([LINE, LINE, ORDER, SHIPPING]))
        benefits = {LINE: of_goods, ORDER: of_all, SHIPPING: of_all | st.just(FREE_SHIPPING)}[phase]
        made.append(
            off(
                draw(benefits),
                phase,
                priority,
                target=draw(targets),
                threshold=draw(thresholds),
                exclusive=draw(st.booleans()),
            )
        )
    return made


deliveries = st.none() | st.builds(Charge, method=st.just("post"), price=st.builds(eur, cents))


@law
@given(items(), rules(), deliveries)
def test_no_amount_is_below_zero_and_steps_make_totals(
    wanted: list[Item], promotions: list[ScheduledPromotion], delivery: Charge | None
) -> None:
    quoted = priced(wanted, *promotions, delivery=delivery)
    for line, meant in zip(quoted.lines, wanted, strict=True):
        assert (line.sku, line.quantity) == (meant.sku, meant.quantity)
        assert line.total.amount >= 0
        assert sum(step.amount.amount for step in line.steps) == line.total.amount
        assert all(step.amount.amount < 0 for step in line.steps if step.kind == "promotion")
    assert sum(line.total.amount for line in quoted.lines) == quoted.goods.amount
    assert sum(step.amount.amount for step in quoted.delivery_steps) == quoted.delivery.amount >= 0
    full = [meant.unit_price.of(meant.quantity) if meant.agreed is None else meant.agreed.total for meant in wanted]
    before = sum(price.amount for price in full) + (0 if delivery is None else delivery.price.amount)
    assert before + sum(discount.amount.amount for discount in quoted.discounts()) == quoted.total.amount


@law
@given(items(), rules(), st.randoms(use_true_random=False))
def test_the_order_of_adding_and_of_promotions_changes_nothing(
    wanted: list[Item], promotions: list[ScheduledPromotion], random: Random
) -> None:
    mixed, others = list(wanted), list(promotions)
    random.shuffle(mixed)
    random.shuffle(others)
    once, again = priced(wanted, *promotions), priced(mixed, *others)
    assert {line.sku: line for line in once.lines} == {line.sku: line for line in again.lines}


@law
@given(items(), rules())
def test_agreed_lines_keep_their_price(wanted: list[Item], promotions: list[ScheduledPromotion]) -> None:
    for line, meant in zip(priced(wanted, *promotions).lines, wanted, strict=True):
        if meant.agreed is not None:
            assert (line.total, len(line.steps)) == (meant.agreed.total, 2)


@law
@given(items(), rules())
def test_an_exclusive_promotion_shares_no_line(wanted: list[Item], promotions: list[ScheduledPromotion]) -> None:
    alone = {rule.source for rule in promotions if rule.promotion.exclusive}
    for line in priced(wanted, *promotions).lines:
        used = {step.rule for step in line.steps if step.rule is not None}
        assert len(used) == 1 or not used & alone


@law
@given(items())
def test_all_lines_free_cost_nothing(wanted: list[Item]) -> None:
    bargains = [replace(meant, agreed=None) for meant in wanted]
    rules = [off(percent(100)), off(amount(5), ORDER), off(percent(10), ORDER, 2), off(FREE_SHIPPING, SHIPPING)]
    quoted = priced(bargains, *rules, delivery=Charge(method="post", price=eur(499)))
    assert quoted.total == eur(0)


def _more(wanted: Sequence[Item], place: int) -> list[Item]:
    more = list(wanted)
    more[place] = replace(more[place], quantity=more[place].quantity + 1)
    return more


@law
@given(
    st.lists(st.tuples(st.integers(1, 1_000), st.integers(1, 6)), min_size=1, max_size=4),
    st.lists(steady, max_size=3),
    st.integers(0, 3),
)
def test_more_units_never_cost_less(wanted: list[tuple[int, int]], benefits: list[Benefit], place: int) -> None:
    """Without thresholds, tiers, bundles and exclusive promotions, of goods that all promotions reduce alike.

    Each promotion rounds each line to whole cents, before and after, and so may turn the difference by one.
    """
    items = [item(f"{n}", price, quantity) for n, (price, quantity) in enumerate(wanted)]
    promotions = [off(benefit, LINE, n + 1) for n, benefit in enumerate(benefits)]
    before = priced(items, *promotions).goods
    after = priced(_more(items, place % len(items)), *promotions).goods
    assert before <= after + eur(len(items) * len(promotions))
