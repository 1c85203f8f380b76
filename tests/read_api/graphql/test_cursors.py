"""Cursors: places of rows as text."""

import base64
import json

import pytest

from projections.engine.paging import Place
from read_api.graphql.relay import Cursors, Number
from tests.support.harness.read_side import ReadSide, token

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


@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999-14:00",
        "9999-12-31T23:59:59.999999Z",
        "2026-11-25T12:00:00",
    ],
)
@pytest.mark.parametrize(
    ("listed", "rest"),
    [
        ("{ me { orders(after: $after) { edges { cursor } } } }", ["orders", "O1"]),
        ("{ orders(after: $after) { edges { cursor } } }", ["orders", "O1"]),
        ("{ cockpit { processes(after: $after) { edges { cursor } } } }", ["processes", "checkout", "O1"]),
        (
            "{ cockpit { parked(after: $after) { edges { cursor } } } }",
            ["parked commands", "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69"],
        ),
    ],
)
async def test_a_time_that_no_row_has_is_refused(shop: ReadSide, listed: str, rest: list[str], time: str) -> None:
    """Years that PostgreSQL or UTC do not have, and times without an offset."""
    await shop.catch_up()
    after = base64.b64encode(json.dumps([rest[0], time, *rest[1:]]).encode()).decode()
    codes = await shop.refused("query ($after: String) " + listed, after=after, token=token("olga", "back_office"))
    assert codes == (200, ["BAD_USER_INPUT"])
    known = base64.b64encode(json.dumps([rest[0], "2026-11-25T12:00:00Z", *rest[1:]]).encode()).decode()
    await shop.ask("query ($after: String) " + listed, after=known, token=token("olga", "back_office"))
