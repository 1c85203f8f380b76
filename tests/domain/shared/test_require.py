"""What values must look like."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.shared import require
from domain.shared.errors import DomainError, Invalid
from domain.shared.money import CurrencyMismatch, Money
from tests.support.harness.spec import is_sentence


def text(value: str) -> None:
    require.text(value, "title", 5)


def whole(value: int) -> None:
    require.whole(value, "quantity", 1, 3)


def currency(value: str) -> None:
    require.currency(value)


def code(value: str) -> None:
    require.code(value, "sku")


FIELDS: dict[Any, str] = {text: "title", whole: "quantity", currency: "currency", code: "sku"}


@pytest.mark.parametrize("value", ["a", "abcde", "ä\n\tö", " a "])
def test_a_text_that_fits(value: str) -> None:
    text(value)


def test_a_text_may_be_allowed_to_be_missing() -> None:
    require.text("", "brand", 5, shortest=0)


@pytest.mark.parametrize("value", [1, 2, 3])
def test_a_number_that_fits(value: int) -> None:
    whole(value)


@pytest.mark.parametrize(
    ("check", "value", "error"),
    [
        (text, "", require.TextOutOfBounds),
        (text, " \n", require.TextOutOfBounds),
        (text, "abcdef", require.TextOutOfBounds),
        (text, "a\x00", require.TextUnprintable),
        (text, "\ud800", require.TextUnprintable),
        (whole, 0, require.NumberOutOfBounds),
        (whole, 4, require.NumberOutOfBounds),
        (currency, "eur", require.NotACurrency),
        (currency, "EURO", require.NotACurrency),
        (currency, "", require.NotACurrency),
        (currency, "EUR\n", require.NotACurrency),
        (code, "", require.NotACode),
        (code, ".a", require.NotACode),
        (code, "a/b", require.NotACode),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_its_field_named(
    check: Callable[[object], None], value: object, error: type[DomainError]
) -> None:
    with pytest.raises(error) as refusal:
        check(value)
    assert refusal.value.field == FIELDS[check]
    assert is_sentence(refusal.value.detail)
    assert isinstance(refusal.value, Invalid)


def test_a_refusal_says_what_would_fit() -> None:
    refusals = {
        "Give title 1 to 5 characters; it has 6.": (text, "abcdef"),
        "Take the control characters out of title.": (text, "a\x00"),
        "Choose quantity between 1 and 3; 4 is not.": (whole, 4),
        "Use the ISO 4217 code of a currency in use, such as EUR, not 'eur'.": (currency, "eur"),
    }
    for detail, (check, value) in refusals.items():
        with pytest.raises(Invalid) as refusal:
            check(value)  # type: ignore[operator]
        assert refusal.value.detail == detail


def test_an_amount_is_not_negative_and_has_a_currency() -> None:
    require.amount(Money(0, "EUR"), "price", 10)
    require.amount(Money(10, "EUR"), "price", 10)
    for amount in (-1, 11):
        with pytest.raises(require.NumberOutOfBounds) as number:
            require.amount(Money(amount, "EUR"), "price", 10)
        assert (number.value.field, is_sentence(number.value.detail)) == ("price", True)
    with pytest.raises(require.NotACurrency) as currency:
        require.amount(Money(1, "?"), "price", 10)
    assert (currency.value.field, is_sentence(currency.value.detail)) == ("price", True)


def test_one_currency_is_not_another() -> None:
    require.same_currency(Money(1, "EUR"), "EUR", "price")
    with pytest.raises(CurrencyMismatch) as refusal:
        require.same_currency(Money(1, "USD"), "EUR", "price")
    assert (refusal.value.field, refusal.value.detail) == ("price", "Give price in EUR, not in USD.")


@pytest.mark.parametrize("value", ["Letter of 2 May", "2 @ 3.50 each", "@anna wrote", "a@b", "10% off@MAIN."])
def test_a_reason_without_an_address_fits(value: str) -> None:
    require.reason(value, 50)


@pytest.mark.parametrize(
    "value", ["anna@example.com", "by <anna.b+c@mail.example.co.uk>, 2 May", "(mail:é@exämple.de)"]
)
def test_a_reason_with_an_address_is_refused(value: str) -> None:
    with pytest.raises(require.AddressInTheClear) as refusal:
        require.reason(value, 50)
    assert (refusal.value.field, is_sentence(refusal.value.detail)) == ("reason", True)


def test_a_reason_is_a_text_of_a_length() -> None:
    require.reason("x" * 50, 50)
    for value in (" ", "x" * 51):
        with pytest.raises(require.TextOutOfBounds) as refusal:
            require.reason(value, 50)
        assert refusal.value.field == "reason"
    with pytest.raises(require.TextOutOfBounds, match="Give why 1 to 50 characters; it has 0"):
        require.reason("", 50, "why")
