"""Countries by their names in a language."""

from functools import cache

from babel import Locale


@cache
def countries(locale: str, first: str) -> list[tuple[str, str]]:
    """ISO 3166-1 codes and names, by name; that of the market's own country first."""
    named = [(code, name) for code, name in Locale.parse(locale).territories.items() if _is_code(code)]
    return sorted(named, key=lambda it: (it[0] != first, it[1]))


def is_country(code: str) -> bool:
    return _is_code(code) and code in Locale("en").territories


def _is_code(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES


NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "XK"}
"""Codes of the list that ISO 3166-1 has not assigned."""
