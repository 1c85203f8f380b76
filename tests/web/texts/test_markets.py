"""Markets as they are declared."""

import pytest
from pydantic import ValidationError

from infra.settings import Settings
from web.texts.languages import PSEUDO
from web.texts.markets import declared_markets, only_market


def test_the_first_market_has_no_path_of_its_own() -> None:
    first, second = declared_markets("en-US:USD, en-CH:CHF")
    assert (first.tag, first.currency, first.locale, first.prefix) == ("en-US", "USD", "en_US", "")
    assert (second.tag, second.currency, second.locale, second.prefix) == ("en-CH", "CHF", "en_CH", "/en-ch")
    assert [it.name for it in (first, second)] == ["English (United States)", "English (Switzerland)"]


def test_a_country_without_formats_in_the_language_has_those_of_the_language() -> None:
    (market,) = declared_markets("en-BR:BRL")
    assert (market.tag, market.country, market.locale, market.direction) == ("en-BR", "BR", "en", "ltr")


def test_the_pseudo_language_is_declared_as_its_country() -> None:
    _, market = declared_markets("en-US:USD en-XA:USD")
    assert (market.language, market.tag, market.prefix) == (PSEUDO, "en-XA", "/en-xa")


def test_a_shop_without_markets_keeps_the_formats_of_its_locale() -> None:
    market = only_market("de_CH", "CHF")
    assert (market.tag, market.locale, market.country, market.prefix) == ("en-CH", "de_CH", "CH", "")


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ("en-US", "'en-US' is no market; write language-COUNTRY:CURRENCY, such as de-CH:CHF"),
        ("en_US:USD", "'en_US:USD' is no market"),
        ("../x-US:USD", "is no market"),
        ("en-US:XXQ", "XXQ in 'en-US:XXQ' is no currency"),
        ("en-QQ:USD", "QQ in 'en-QQ:USD' is no country"),
        ("tlh-US:USD", "the shop has no texts in 'tlh'; it has en"),
        ("en-US:USD en-GB:GBP en-US:EUR", "en-US is declared twice"),
        (" , ", "declare 1 to 50 markets"),
        (" ".join(["en-US:USD"] * 51), "declare 1 to 50 markets"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(declared: str, why: str) -> None:
    with pytest.raises(ValidationError, match="markets") as refused:
        Settings(markets=declared, _env_file=None)  # type: ignore[call-arg]
    assert why in refused.value.errors()[0]["msg"]
