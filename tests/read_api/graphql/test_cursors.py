"""Cursors: places of rows as text."""

import base64

import pytest

from projections.engine.paging import Place
from read_api.graphql.relay import Cursors, Number

TITLES, PRICES = Cursors("products by title", str, str), Cursors("products by price", Number, str)
PLACES = [
    (TITLES, ("Käse?>~ÿ?>>", "P1")),
    (TITLES, ("", "")),
    (PRICES, (-(2**63), "P1")),
    (PRICES, (2**63 - 1, "\U0010ffff")),
]


@pytest.mark.parametrize(("cursors", "place"), PLACES)
def test_a_place_is_read_as_it_was_written(cursors: Cursors, place: Place) -> None:
    assert cursors.read(cursors.write(place)) == place


@pytest.mark.parametrize(("cursors", "place"), PLACES)
def test_cursors_made_for_urls_are_read_still(cursors: Cursors, place: Place) -> None:
    for_urls = base64.urlsafe_b64encode(base64.b64decode(cursors.write(place))).decode().rstrip("=")
    assert cursors.read(for_urls) == place


def test_one_of_these_places_has_letters_that_urls_do_not() -> None:
    assert {"+", "/"} <= set("".join(cursors.write(place) for cursors, place in PLACES))
