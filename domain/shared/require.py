"""What a value must look like before a fact may hold it."""

import re

from domain.shared.currencies import MINOR_UNITS
from domain.shared.errors import Invalid
from domain.shared.money import CurrencyMismatch, Money
from domain.shared.personal import has_address

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class TextOutOfBounds(Invalid):
    """A text is missing or too long."""


class TextUnprintable(Invalid):
    """A text has control characters, which no database and no page can hold."""


class AddressInTheClear(Invalid):
    """A text that the log keeps, and that cannot be forgotten, has an e-mail address in it."""


class NumberOutOfBounds(Invalid):
    """A number is too small or too large."""


class NotACurrency(Invalid):
    """The currency is no currency in use (ISO 4217)."""


class NotACode(Invalid):
    """The code has characters that codes do not have, or is too long."""


def text(value: str, field: str, longest: int, shortest: int = 1) -> None:
    """Between `shortest` and `longest` characters, not only blanks, and all of them printable."""
    if not (shortest <= len(value.strip()) and len(value) <= longest):
        raise TextOutOfBounds(f"Give {field} {shortest} to {longest} characters; it has {len(value)}.", field)
    if _UNPRINTABLE.search(value):
        raise TextUnprintable(f"Take the control characters out of {field}.", field)


def reason(value: str, longest: int, field: str = "reason") -> None:
    """Why it was done: a text that names no person by their address."""
    text(value, field, longest)
    if has_address(value):
        raise AddressInTheClear(
            f"Take the e-mail address out of {field}, which is kept for ever; name the letter or the ticket instead.",
            field,
        )


def whole(value: int, field: str, least: int, most: int) -> None:
    """A whole number between `least` and `most`, both included."""
    if not least <= value <= most:
        raise NumberOutOfBounds(f"Choose {field} between {least} and {most}; {value} is not.", field)


def amount(money: Money, field: str, most: int) -> None:
    """Money that is not negative, in a currency in use."""
    whole(money.amount, field, 0, most)
    currency(money.currency, field)


def currency(code: str, field: str = "currency") -> None:
    """A currency in use, by its code of ISO 4217."""
    if code not in MINOR_UNITS:
        raise NotACurrency(f"Use the ISO 4217 code of a currency in use, such as EUR, not {code!r}.", field)


def same_currency(money: Money, wanted: str, field: str) -> None:
    """Money in the wanted currency."""
    if money.currency != wanted:
        raise CurrencyMismatch(f"Give {field} in {wanted}, not in {money.currency}.", field)


def code(value: str, field: str) -> None:
    """A SKU, a warehouse and the like: text that needs no escape in URLs and stream names."""
    if not _CODE.fullmatch(value):
        raise NotACode(
            f"Give {field} 1 to 64 letters, digits, dots, hyphens and underscores, the first a letter or a digit.",
            field,
        )
