"""How amounts, numbers and times are written: by the market's locale and the shop's time zone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision

Money = Mapping[str, Any]
"""As the read API gives it: amount in minor units, currency."""

MINUS = "\N{MINUS SIGN}"


def money(amount: Money, locale: str) -> str:
    """An amount for people. A loss has a minus sign, not a hyphen."""
    digits = get_currency_precision(amount["currency"])
    value = Decimal(amount["amount"]).scaleb(-digits)
    return format_currency(value, amount["currency"], locale=locale).replace("-", MINUS)


def decimal_of(amount: Money) -> str:
    """An amount for programs: `12.50` (schema.org)."""
    digits = get_currency_precision(amount["currency"])
    return f"{Decimal(amount['amount']).scaleb(-digits):.{digits}f}"


def number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


def ident(text: str) -> str:
    """A code as part of an HTML id that selectors can name: different codes stay different."""
    return text.replace("_", "__").replace(".", "_-")


def country(code: str, locale: str) -> str:
    """The name of a country, or its code if it has none."""
    return str(Locale.parse(locale).territories.get(code, code))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def filters(locale: str, time_zone: str) -> Mapping[str, Callable[..., str]]:
    """The filters of templates. Times are the APIs' texts."""
    zone = ZoneInfo(time_zone)
    return {
        "money": partial(money, locale=locale),
        "decimal": decimal_of,
        "ident": ident,
        "country": lambda code: country(code, locale),
        "number": partial(number, locale=locale),
        "day": lambda text: format_date(_moment(text, zone), "d MMMM y", locale=locale),
        "short_day": lambda text: format_date(_moment(text, zone), "d MMM", locale=locale),
        "clock": lambda text: format_time(_moment(text, zone), "HH:mm", locale=locale),
        "time": lambda text: format_datetime(_moment(text, zone), "d MMMM y, HH:mm", locale=locale),
    }
