"""Each refusal names the field of the command that is to be mended, if one is."""

from typing import Any

import pytest

from domain.shared.errors import DomainError
from domain.shared.require import NumberOutOfBounds, TextOutOfBounds
from domain.stock.commands import StockCommand
from domain.stock.errors import (
    MoreThanReserved,
    NotCommitted,
    NothingReserved,
    NotOnHand,
    ReservedOtherwise,
    StockIsPromised,
    TooManyUnits,
)
from domain.stock.reserving import MOST_UNITS
from tests.domain.stock.story import (
    ANNA,
    adjust,
    adjusted,
    allow,
    allowed,
    commit,
    committed,
    dispatch,
    given,
    receive,
    received,
    release,
    reserve,
    reserved,
    take_back,
)

full = given(received(MOST_UNITS))
held = given(received(10), reserved(ANNA, 8))
placed = held.given(committed(ANNA, 8))
backed = given(received(2), allowed(5), reserved(ANNA, 6))


@pytest.mark.parametrize(
    ("story", "command", "error", "field"),
    [
        (full, receive(1), TooManyUnits, "quantity"),
        (full, take_back(1), TooManyUnits, "quantity"),
        (full, adjust(1), TooManyUnits, "delta"),
        (given(), adjust(MOST_UNITS + 1), NumberOutOfBounds, "delta"),
        (held, adjust(-11), NotOnHand, "delta"),
        (held, adjust(-3), StockIsPromised, "delta"),
        (held, adjust(1, reason=""), TextOutOfBounds, "reason"),
        (held, release(ANNA, reason=""), TextOutOfBounds, "reason"),
        (held, take_back(1, reason=""), TextOutOfBounds, "reason"),
        (held, allow(-1), NumberOutOfBounds, "limit"),
        (backed, allow(3), StockIsPromised, "limit"),
        (held, reserve(ANNA, 7), ReservedOtherwise, "quantity"),
        (held, dispatch(ANNA), NotCommitted, None),
        (placed, dispatch(ANNA, 9), MoreThanReserved, "quantity"),
        (placed, dispatch(ANNA, 0), NumberOutOfBounds, "quantity"),
        (given(), commit(ANNA), NothingReserved, None),
    ],
)
def test_a_refusal_names_what_to_mend(
    story: Any, command: StockCommand, error: type[DomainError], field: str | None
) -> None:
    assert story.when(command).refused(error).field == field


def test_the_last_unit_that_fits_and_the_most_that_may_be_allowed_are_no_refusals() -> None:
    given(received(MOST_UNITS - 1)).when(adjust(1)).then(adjusted(1))
    given().when(allow(MOST_UNITS)).then(allowed(MOST_UNITS))
