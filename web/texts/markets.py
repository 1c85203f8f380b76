"""Markets: a language, a country and a currency, each under a path of its own. The first has none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_name, is_currency

from web.texts.countries import is_country
from web.texts.languages import ENGLISH, PSEUDO, known_languages, translations

DECLARED = re.compile(r"(?P<language>[a-z]{2,3})-(?P<country>[A-Z]{2}):(?P<currency>[A-Z]{3})")
PSEUDO_COUNTRY = "XA"
"""With English it declares the pseudo-language, as in the Unicode CLDR."""

MOST = 50


@dataclass(frozen=True)
class Market:
    """Whom a page is for. `locale` decides how numbers, amounts and dates are written."""

    language: str
    country: str
    currency: str
    locale: str = field(kw_only=True)
    prefix: str = field(default="", kw_only=True)
    """What paths of this market begin with, such as `/de-ch`."""

    @property
    def tag(self) -> str:
        """As `lang` and `hreflang` have it (BCP 47)."""
        return f"{ENGLISH if self.language == PSEUDO else self.language}-{self.country}"

    @property
    def is_english(self) -> bool:
        return self.language == ENGLISH

    @cached_property
    def name(self) -> str:
        """The language and the country, in that language."""
        known = Locale.parse(self.locale)
        language = known.get_language_name(known.language) or self.language
        return f"{language[:1].upper()}{language[1:]} ({known.territories.get(self.country, self.country)})"

    @property
    def direction(self) -> str:
        return Locale.parse(self.locale).text_direction

    def say(self, text: str) -> str:
        """A text of ours in the language of the market."""
        return translations(self.language).gettext(text) if text else ""

    def currency_name(self, code: str) -> str:
        """Such as `Swiss francs`, for a sentence."""
        return get_currency_name(code, count=2, locale=self.locale)


def only_market(locale: str, currency: str) -> Market:
    """That of a shop which declares none: English, with the formats of a locale."""
    return Market(ENGLISH, Locale.parse(locale).territory or "US", currency, locale=locale)


def declared_markets(text: str) -> Sequence[Market]:
    """The markets of a setting such as `en-US:USD de-CH:CHF`. Raises ValueError."""
    found = [_market(it, first=number == 0) for number, it in enumerate(text.replace(",", " ").split())]
    if not found or len(found) > MOST:
        raise ValueError(f"declare 1 to {MOST} markets, such as en-US:USD de-CH:CHF")
    tags = [it.tag for it in found]
    if twice := next((it for it in tags if tags.count(it) > 1), None):
        raise ValueError(f"{twice} is declared twice, and its pages would have the same addresses")
    return tuple(found)


def _market(text: str, *, first: bool) -> Market:
    declared = DECLARED.fullmatch(text)
    if declared is None:
        raise ValueError(f"{text!r} is no market; write language-COUNTRY:CURRENCY, such as de-CH:CHF")
    language, country, currency = declared.group("language", "country", "currency")
    if not is_currency(currency):
        raise ValueError(f"{currency} in {text!r} is no currency (ISO 4217)")
    prefix = "" if first else f"/{language}-{country.lower()}"
    if (language, country) == (ENGLISH, PSEUDO_COUNTRY):
        return Market(PSEUDO, country, currency, locale=ENGLISH, prefix=prefix)
    if not is_country(country):
        raise ValueError(f"{country} in {text!r} is no country (ISO 3166-1)")
    if language not in known_languages():
        raise ValueError(f"the shop has no texts in {language!r}; it has {', '.join(known_languages())}")
    return Market(language, country, currency, locale=_locale(language, country), prefix=prefix)


def _locale(language: str, country: str) -> str:
    """That of the language in the country, or else of the language: not every pair has formats of its own."""
    try:
        return str(Locale.parse(f"{language}_{country}"))
    except UnknownLocaleError:
        return str(Locale.parse(language))
