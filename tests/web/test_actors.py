"""Who did something, in words."""

import pytest

from web.texts.actors import who


@pytest.mark.parametrize(
    ("actor", "name", "text"),
    [
        ("staff:ada", "Ada Byron", "you"),
        ("staff:ben", "ben@shop.example", "ben@shop.example"),
        ("staff:staff-01a22d97-d652-772d-ad83-2f3bf522e9aa", None, "staff-01a22d97…"),
        ("apikey-k1", "Label printer", "Label printer"),
        ("process:stock_release", None, "the shop, stock release"),
        ("gateway", None, "the payment gateway"),
        ("anna", None, "anna"),
    ],
)
def test_actors_are_named(actor: str, name: str | None, text: str) -> None:
    assert who(actor, name, "ada") == text
