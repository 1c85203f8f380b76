"""Words that are near to one another, and what is stored so that they are found."""

from functools import cache
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.product.events import ProductDiscontinued
from domain.shared.ids import ProductId
from domain.shared.recorded import Recorded
from infra.projections.tables import FedSchema
from projections.search.projection import PROJECTION
from projections.search.spelling import BEGINNING, SHORT_WORD, correct, cuts, distance, mended
from tests.projections.conftest import connection
from tests.support.builders.catalogue import on_sale
from tests.support.builders.event_log_builder import Log, build, feed, rows

__all__ = ["connection"]

LETTERS = st.text("abcd", min_size=1, max_size=1)


@st.composite
def mistyped(draw: st.DrawFn) -> tuple[str, str]:
    """A word, and what as many edits as are forgiven in what is typed make of it, at any places."""
    word = typed = draw(st.text("abcd", min_size=3, max_size=12))
    for _ in range(draw(st.integers(0, 2))):
        at, letter = draw(st.integers(0, len(typed))), draw(LETTERS)
        start, rest = typed[:at], typed[at:]
        swapped = rest[1:2] + rest[:1] + rest[2:]
        edited = draw(st.sampled_from([letter + rest, letter + rest[1:], rest[1:], swapped]))
        typed = start + edited
    return word, typed


@given(mistyped())
def test_a_word_and_what_is_typed_for_it_have_something_left_in_common(pair: tuple[str, str]) -> None:
    word, typed = pair
    forgiven = 1 if len(typed) <= SHORT_WORD else 2
    near = distance(word, typed, forgiven) <= forgiven
    assert not near or set(cuts(word)) & set(cuts(typed)), pair


def test_of_short_words_one_letter_is_left_out_and_of_longer_ones_two_of_the_beginning() -> None:
    assert cuts("milk") == ["milk", "mil", "mik", "mlk", "ilk"]
    assert cuts("egg") == ["egg", "eg", "gg"]
    assert len(cuts("abcdefghij")) == 1 + BEGINNING + BEGINNING * (BEGINNING - 1) // 2
    assert cuts("abcdefghij") == cuts("abcdefg")


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("milk", "milk", 0),
        ("mlik", "milk", 1),
        ("mil", "milk", 1),
        ("silk", "milk", 1),
        ("", "abc", 3),
        ("choclate", "chocolate", 1),
        ("piza", "pizzas", 2),
        ("ca", "abc", 3),
    ],
)
def test_a_swap_of_neighbours_is_one_edit(one: str, other: str, edits: int) -> None:
    assert (distance(one, other, 5), distance(other, one, 5)) == (edits, edits)
    assert [distance(one, other, most) for most in range(edits)] == [most + 1 for most in range(edits)]


@given(mistyped(), st.integers(0, 4))
def test_what_words_have_in_common_at_both_ends_changes_no_distance(pair: tuple[str, str], most: int) -> None:
    word, typed = pair
    assert distance(word, typed, most) == min(counted(word, typed), most + 1)


@cache
def counted(one: str, other: str) -> int:
    """The same by its definition."""
    if not one or not other:
        return len(one) + len(other)
    ways = [counted(one[1:], other) + 1, counted(one, other[1:]) + 1]
    ways.append(counted(one[1:], other[1:]) + (one[0] != other[0]))
    if len(one) > 1 and one[:2] == other[1::-1]:
        ways.append(counted(one[2:], other[2:]) + 1)
    return min(ways)


def test_the_nearest_word_is_meant_then_the_one_that_begins_alike_then_the_one_most_used() -> None:
    near = [("sugars", 9), ("suger", 1), ("luger", 90), ("sugary", 5)]
    assert mended(["sguer"], {"sguer": near}) == ["suger"]
    assert mended(["sugarz"], {"sugarz": [("sugary", 5), ("sugars", 9)]}) == ["sugars"]
    assert mended(["tuger"], {"tuger": [("luger", 1), ("suger", 9)]}) == ["suger"]
    assert mended(["zzzzz"], {"zzzzz": near}) is None


async def test_words_are_found_by_their_cuts_until_nobody_uses_them(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    on_sale(log, "TEA", 350, title="Green Tea")
    on_sale(log, "CUP", 200, title="Tea Cup")
    await feed(tables, PROJECTION, log.recorded)
    assert await stored(tables) == {"green", "tea", "cup"}
    assert await correct(["grene", "tae"], tables) == ["green", "tea"]
    await feed(tables, PROJECTION, gone(log, "TEA"))
    assert await stored(tables) == {"tea", "cup"}
    assert await correct(["grene", "tae"], tables) == ["grene", "tea"]
    await feed(tables, PROJECTION, gone(log, "CUP"))
    assert await rows(tables, "cuts") == []


async def stored(tables: FedSchema) -> set[str]:
    """The words of which all cuts are there, and no others."""
    found = {tuple(row) for row in await tables.fetch("select cut, word from {s}.cuts")}
    known = {word for _, word in found}
    assert found == {(cut, word) for word in known for cut in cuts(word)}
    return known


def gone(log: Log, product_id: str) -> list[Recorded[Any]]:
    fact = ProductDiscontinued(product_id=ProductId(product_id), reason="gone")
    return log.tell(fact, stream=f"product-{product_id}")
