"""The number by which people name an order."""

from hypothesis import given
from hypothesis import strategies as st

from domain.order.number import ALPHABET, number_of, typed_number
from domain.shared.ids import OrderId


def test_the_number_of_an_order_never_changes() -> None:
    """It is printed on slips and written in letters: a changed rule would make them point nowhere."""
    assert number_of(OrderId("0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f")) == "PK8PJ-P4845"


@given(st.text(min_size=1, max_size=64))
def test_a_number_is_found_as_people_type_it(order: str) -> None:
    number = number_of(OrderId(order))
    assert len(number) == 11
    assert set(number) <= {*ALPHABET, "-"}
    for typed in (number, number.lower(), number.replace("-", ""), f" {number[:5]} {number[6:]} "):
        assert typed_number(typed) == number


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    assert typed_number("oIl23-45678") == "01123-45678"


def test_other_texts_are_no_numbers() -> None:
    assert [typed_number(text) for text in ("", "7KQ4M-2XHT", "7KQ4M-2XHTDD", "7KQ4U-2XHTD", "ORDER 1")] == [None] * 5
