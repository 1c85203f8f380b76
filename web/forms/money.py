"""Amounts as people type them."""

from decimal import Decimal

from babel.numbers import NumberFormatError, get_currency_precision, parse_decimal

ENTER = "Enter an amount, such as 12.50."
LONGEST = 20


def minor_units(typed: str, currency: str, locale: str) -> int | None:
    """The amount in minor units; None for what is no amount of this currency above zero."""
    if not typed or len(typed) > LONGEST or any(map(str.isalpha, typed)):
        return None
    try:
        value = parse_decimal(typed, locale=locale, strict=True)
    except NumberFormatError:
        return None
    units = value.scaleb(get_currency_precision(currency))
    if not units.is_finite() or units <= 0 or units != units.to_integral_value():
        return None
    return int(Decimal(units))
