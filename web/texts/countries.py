"""Countries by their names in the shop's language."""

from functools import cache

from babel import Locale


@cache
def countries(locale: str) -> list[tuple[str, str]]:
    """ISO 3166-1 codes and names, by name; that of the shop's own country first."""
    known = Locale.parse(locale)
    named = [(code, name) for code, name in known.territories.items() if len(code) == 2 and code.isalpha()]
    named = [it for it in named if it[0] not in NO_COUNTRIES]
    return sorted(named, key=lambda it: (it[0] != known.territory, it[1]))


def own_country(locale: str) -> str:
    return Locale.parse(locale).territory or "US"


NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "XK"}
"""Codes of the list that ISO 3166-1 has not assigned."""
