"""How many units of a thing."""

from dataclasses import dataclass
from decimal import Decimal
from string import digits

from babel.numbers import NumberFormatError, parse_decimal

from web.texts.languages import noted

LONGEST = 9
ENTER = noted("Enter a whole number, such as 2.")
AT_LEAST_ONE = noted("Enter 1 or more, or remove it.")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What was typed, the number that it is, and what is wrong with it."""

    typed: str
    value: int = 0
    fault: str | None = None


def parsed(typed: str, locale: str = "en") -> Quantity:
    """The number as people of the locale write it, such as 1,000 or 1.000."""
    value = _number(typed, locale)
    if value is None or value < 0 or value != value.to_integral_value():
        return Quantity(typed, fault=ENTER)
    if value == 0:
        return Quantity(typed, fault=AT_LEAST_ONE)
    return Quantity(typed, int(value))


def _number(typed: str, locale: str) -> Decimal | None:
    if len(typed) > LONGEST or any(it.isalnum() and it not in digits for it in typed):
        return None
    try:
        return parse_decimal(typed, locale=locale, strict=True)
    except NumberFormatError:
        return None
