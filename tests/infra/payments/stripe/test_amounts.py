"""Amounts go to Stripe and come back unchanged, and what it cannot charge is refused beforehand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.payment.errors import NotChargeable
from domain.shared.currencies import MINOR_UNITS
from domain.shared.money import Money
from infra.payments.stripe.amounts import StripeAmounts, captured, from_stripe, to_stripe

AMOUNTS = StripeAmounts()


@pytest.mark.parametrize(
    ("money", "units"),
    [
        (Money(1999, "USD"), 1999),
        (Money(500, "JPY"), 500),
        (Money(5, "ISK"), 500),
        (Money(7, "UGX"), 700),
        (Money(1500, "MGA"), 15),
        (Money(5120, "KWD"), 5120),
        (Money(17500, "HUF"), 17500),
    ],
)
def test_stripe_counts_some_currencies_otherwise(money: Money, units: int) -> None:
    assert to_stripe(money) == units
    assert from_stripe(units, money.currency.lower()) == money


@given(st.sampled_from(sorted(MINOR_UNITS)), st.integers(1, 10**8))
def test_what_is_accepted_comes_back_as_it_was(currency: str, amount: int) -> None:
    money = Money(amount, currency)
    try:
        AMOUNTS.payment(money, "total_seen")
    except NotChargeable:
        return
    assert from_stripe(to_stripe(money), currency) == money


@pytest.mark.parametrize(
    ("money", "said"),
    [
        (Money(49, "USD"), "The smallest payment is 0.50 USD."),
        (Money(29, "GBP"), "The smallest payment is 0.30 GBP."),
        (Money(17499, "HUF"), "The smallest payment is 175.00 HUF."),
        (Money(5124, "KWD"), "5.124 KWD cannot be paid: the nearest possible amounts are 5.120 KWD and 5.130 KWD."),
        (Money(1550, "MGA"), "the nearest possible amounts are 15.00 MGA and 16.00 MGA."),
        (Money(100_000_000, "USD"), "The largest payment is 999999.99 USD."),
        (Money(1000, "IRR"), "Payments in IRR are not possible."),
    ],
)
def test_what_cannot_be_charged_is_refused_with_the_field_and_what_to_do(money: Money, said: str) -> None:
    with pytest.raises(NotChargeable) as refused:
        AMOUNTS.payment(money, "total_seen")
    assert said in refused.value.detail
    assert refused.value.field == "total_seen"


@pytest.mark.parametrize("money", [Money(0, "USD"), Money(50, "USD"), Money(30, "GBP"), Money(99_999_999, "EUR")])
def test_the_bounds_themselves_can_be_charged(money: Money) -> None:
    AMOUNTS.payment(money, "total_seen")


def test_a_refund_may_be_smaller_than_the_smallest_payment_but_not_between_two_amounts() -> None:
    AMOUNTS.refund(Money(1, "USD"), "amount")
    with pytest.raises(NotChargeable):
        AMOUNTS.refund(Money(1005, "KWD"), "amount")


def test_a_capture_never_takes_more_than_it_was_asked_to() -> None:
    assert [captured(Money(5129, "KWD")), captured(Money(1599, "MGA")), captured(Money(7, "ISK"))] == [5120, 15, 700]
