"""Money: not a cent lost, not a cent made."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.errors import Invalid
from domain.shared.money import CurrencyMismatch, Money, total
from domain.shared.pricing import PriceStep, UnitPrice, add_up
from tests.support.harness.laws import law

amounts = st.integers(-50, 50) | st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 5) | st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def test_amounts_add_up_and_compare() -> None:
    assert eur(1) + eur(2) - eur(4) == eur(-1)
    assert eur(1) < eur(2) <= eur(2)
    assert eur(3) > eur(2) >= eur(2)
    assert not eur(2) < eur(2)


@pytest.mark.parametrize("mix", [Money.__add__, Money.__sub__, Money.__lt__, Money.__le__])
def test_currencies_do_not_mix(mix: Callable[[Money, Money], object]) -> None:
    with pytest.raises(CurrencyMismatch, match=r"^EUR and USD do not add up\.$"):
        mix(eur(1), Money(1, "USD"))


def test_a_sum_of_nothing_is_zero_of_its_currency() -> None:
    assert total([], "EUR") == eur(0)
    assert total([eur(1), eur(2)], "EUR") == eur(3)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (eur(123_456), "1234.56 EUR"),
        (eur(5), "0.05 EUR"),
        (eur(-5), "-0.05 EUR"),
        (eur(0), "0.00 EUR"),
        (Money(500, "JPY"), "500 JPY"),
        (Money(1_234, "KWD"), "1.234 KWD"),
        (eur(10**20 + 1), "1000000000000000000.01 EUR"),
    ],
)
def test_money_is_written_with_the_digits_of_its_currency(money: Money, text: str) -> None:
    assert str(money) == text


@law
@given(amounts, st.integers(0, 10**6), st.sampled_from([1, 2, 3, 4, 1000]))
def test_a_price_for_many_is_rounded_half_to_even(amount: int, quantity: int, per: int) -> None:
    exact = Decimal(amount) * quantity / per
    assert eur(amount).times(quantity, per) == eur(int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)))


@law
@given(amounts, weights)
def test_a_split_loses_no_cent_and_is_fair_to_a_cent(amount: int, shares: list[int]) -> None:
    parts = eur(amount).split(shares)
    assert total(parts, "EUR") == eur(amount)
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.amount - Decimal(amount) * share / sum(shares)) < 1


@law
@given(amounts, st.integers(1, 12))
def test_equal_shares_differ_by_a_cent_at_most(amount: int, people: int) -> None:
    parts = [part.amount for part in eur(amount).split([1] * people)]
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, key=abs, reverse=True)


@law
@given(amounts, weights)
def test_a_negative_split_mirrors_the_positive(amount: int, shares: list[int]) -> None:
    assert [-part.amount for part in eur(amount).split(shares)] == [part.amount for part in eur(-amount).split(shares)]


def test_who_has_no_share_gets_nothing() -> None:
    assert eur(100).split([1, 0, 2]) == [eur(33), eur(0), eur(67)]


@pytest.mark.parametrize("shares", [[], [0, 0], [2, -1]])
def test_shares_that_are_none_cannot_be_paid(shares: list[int]) -> None:
    with pytest.raises(Invalid, match=r"^Give weights that are not negative and not all zero\.$"):
        eur(1).split(shares)


def test_a_cent_goes_to_the_largest_remainder_and_of_equal_ones_to_the_first() -> None:
    assert eur(1).split([1, 3, 2]) == [eur(0), eur(1), eur(0)]
    assert eur(2).split([1, 1, 1]) == [eur(1), eur(1), eur(0)]
    assert eur(-1).split([1, 1]) == [eur(-1), eur(0)]


def test_a_price_is_for_one_if_nothing_else_is_said_and_halves_go_to_the_even_cent() -> None:
    assert eur(3).times(2) == eur(6)
    assert [eur(cents).times(1, per=2) for cents in (1, 3, 5, -1, -3)] == [eur(0), eur(2), eur(2), eur(0), eur(-2)]
    assert [eur(cents).times(1, per=4) for cents in (1, 2, 3)] == [eur(0), eur(0), eur(1)]


def test_fuel_is_priced_by_the_thousand() -> None:
    fuel = UnitPrice(amount=eur(349), base_quantity=1000)
    assert fuel.of(1_500) == eur(524)
    assert str(fuel) == "3.49 EUR per 1000"
    assert str(UnitPrice(amount=eur(349))) == "3.49 EUR"


def test_the_steps_of_a_price_add_up() -> None:
    steps = (
        PriceStep(kind="list", amount=eur(500), reason="2 x 2.50 EUR"),
        PriceStep(kind="agreed", amount=eur(-100), reason="scratched"),
    )
    assert add_up(steps, "EUR") == eur(400)
