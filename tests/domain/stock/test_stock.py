"""Stock: what is promised, to whom, for how long."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.shared.errors import DomainError
from domain.shared.ids import Sku, Warehouse
from domain.shared.require import NotACode, NumberOutOfBounds, TextOutOfBounds
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
from domain.stock.events import StockReturned
from domain.stock.reserving import MOST_UNITS
from domain.stock.state import Reservation
from tests.domain.stock.story import (
    ANNA,
    BEN,
    ONE,
    TWO,
    adjust,
    adjusted,
    allow,
    allowed,
    commit,
    committed,
    declined,
    dispatch,
    dispatched,
    expire,
    extend,
    extended,
    given,
    receive,
    received,
    release,
    released,
    reserve,
    reserved,
    take_back,
)
from tests.support.builders.strategies import MAIN, MUG, NOON


def test_received_units_can_be_promised() -> None:
    given().when(receive(10)).then(received(10))
    assert given(received(10)).state.available == 10


@pytest.mark.parametrize("units", [0, -1, MOST_UNITS + 1])
@pytest.mark.parametrize("ask", [receive, take_back, lambda units: reserve(ANNA, units)])
def test_a_quantity_is_at_least_one_and_not_huge(ask: Callable[[int], StockCommand], units: int) -> None:
    assert given(received(10)).when(ask(units)).refused(NumberOutOfBounds).field == "quantity"


def test_more_units_than_can_be_counted_are_refused() -> None:
    assert MOST_UNITS == 1_000_000_000
    given(received(MOST_UNITS - 1)).when(receive(1)).then(received(1))
    refusal = given(received(MOST_UNITS - 1)).when(receive(2)).refused(TooManyUnits)
    assert refusal.detail == "A warehouse holds 1000000000 of a SKU; add at most 1."
    given(received(MOST_UNITS)).when(receive(1)).refused(TooManyUnits)
    given(received(MOST_UNITS)).when(adjust(1)).refused(TooManyUnits)
    given(received(MOST_UNITS)).when(take_back(1)).refused(TooManyUnits)


@pytest.mark.parametrize("sku", ["", "two words", "a@b", "-", "ä", "x" * 65, "line\n"])
def test_names_of_skus_and_warehouses_fit_into_addresses(sku: str) -> None:
    assert given().when(replace(receive(1), sku=Sku(sku))).refused(NotACode).field == "sku"
    assert given().when(replace(receive(1), warehouse=Warehouse(sku))).refused(NotACode).field == "warehouse"


def test_a_count_is_corrected_up_and_down() -> None:
    given(received(10)).when(adjust(2), adjust(-12)).then(adjusted(2), adjusted(-12))


def test_a_count_that_was_right_changes_nothing() -> None:
    given(received(10)).when(adjust(0)).then()


def test_a_correction_has_a_reason() -> None:
    given(received(10)).when(adjust(1, reason=" ")).refused(TextOutOfBounds)


def test_no_more_units_can_be_lost_than_there_are() -> None:
    given(received(3), allowed(5)).when(adjust(-4)).refused(NotOnHand)


def test_promised_units_cannot_be_taken_off() -> None:
    given(received(10), reserved(ANNA, 8)).when(adjust(-2)).then(adjusted(-2))
    given(received(10), reserved(ANNA, 8)).when(adjust(-3)).refused(StockIsPromised)


def test_promised_units_can_be_taken_off_when_the_backorder_limit_covers_them() -> None:
    given(received(10), reserved(ANNA, 8), allowed(1)).when(adjust(-3)).then(adjusted(-3))


def test_a_backorder_limit_lets_more_be_promised_than_there_is() -> None:
    given().when(allow(5), reserve(ANNA, 5)).then(allowed(5), reserved(ANNA, 5))
    given(allowed(5)).when(reserve(ANNA, 6)).then(declined(ANNA, 6, available=5))


def test_the_same_backorder_limit_again_changes_nothing() -> None:
    given(allowed(5)).when(allow(5)).then()
    given().when(allow(0)).then()


def test_a_backorder_limit_cannot_fall_below_what_is_promised_on_it() -> None:
    backed = given(received(2), allowed(5), reserved(ANNA, 6))
    backed.when(allow(4)).then(allowed(4))
    backed.when(allow(3)).refused(StockIsPromised)


@pytest.mark.parametrize("limit", [-1, MOST_UNITS + 1])
def test_a_backorder_limit_is_not_negative_and_not_huge(limit: int) -> None:
    given().when(allow(limit)).refused(NumberOutOfBounds)


def test_reserved_units_are_not_promised_twice() -> None:
    given(received(10), reserved(ANNA, 8)).when(reserve(BEN, 3)).then(declined(BEN, 3, available=2))
    given(received(10), reserved(ANNA, 8)).when(reserve(BEN, 2)).then(reserved(BEN, 2))


def test_nothing_can_be_promised_of_what_was_never_received() -> None:
    given().when(reserve(ANNA, 1)).then(declined(ANNA, 1, available=0))


def test_a_repeated_reservation_changes_nothing() -> None:
    given(received(10), reserved(ANNA, 8)).when(reserve(ANNA, 8, until=TWO)).then()


def test_a_repeated_reservation_changes_nothing_after_commit_or_part_of_the_dispatch() -> None:
    placed = given(received(10), reserved(ANNA, 8), committed(ANNA, 8))
    placed.when(reserve(ANNA, 8)).then()
    placed.given(dispatched(ANNA, 3)).when(reserve(ANNA, 8)).then()


def test_an_order_cannot_reserve_another_number_on_top() -> None:
    given(received(10), reserved(ANNA, 1)).when(reserve(ANNA, 2)).refused(ReservedOtherwise)


def test_an_order_may_reserve_again_after_release() -> None:
    given(received(10), reserved(ANNA, 8), released(ANNA, 8)).when(reserve(ANNA, 9)).then(reserved(ANNA, 9))


def test_a_declined_reservation_may_be_asked_for_again() -> None:
    given(received(1), declined(ANNA, 2, available=1)).when(reserve(ANNA, 2)).then(declined(ANNA, 2, available=1))
    given(received(2), declined(ANNA, 2, available=1)).when(reserve(ANNA, 2)).then(reserved(ANNA, 2))


def test_a_reservation_is_extended_forward_only() -> None:
    held = given(received(10), reserved(ANNA, 8, until=ONE))
    held.when(extend(ANNA, TWO)).then(extended(ANNA, TWO))
    held.when(extend(ANNA, ONE)).then()
    held.when(extend(ANNA, NOON)).then()


def test_a_committed_reservation_needs_no_extension() -> None:
    given(received(10), reserved(ANNA, 8), committed(ANNA, 8)).when(extend(ANNA, TWO)).then()


def test_a_reservation_is_committed_once() -> None:
    given(received(10), reserved(ANNA, 8)).when(commit(ANNA), commit(ANNA)).then(committed(ANNA, 8))


@pytest.mark.parametrize("ask", [commit(ANNA), extend(ANNA, TWO), dispatch(ANNA), dispatch(ANNA, 1)])
def test_an_order_that_holds_nothing_can_neither_commit_nor_extend_nor_dispatch(ask: StockCommand) -> None:
    given(received(10)).when(ask).refused(NothingReserved)
    given(received(10), reserved(ANNA, 1), released(ANNA, 1)).when(ask).refused(NothingReserved)


def test_released_units_can_be_promised_again() -> None:
    held = given(received(10), reserved(ANNA, 8))
    held.when(release(ANNA), reserve(BEN, 10)).then(released(ANNA, 8), reserved(BEN, 10))


def test_a_committed_reservation_can_be_released() -> None:
    given(received(10), reserved(ANNA, 8), committed(ANNA, 8)).when(release(ANNA)).then(released(ANNA, 8))


def test_releasing_nothing_changes_nothing() -> None:
    given(received(10)).when(release(ANNA)).then()
    given(received(10), reserved(ANNA, 8)).when(release(ANNA), release(ANNA)).then(released(ANNA, 8))


def test_a_release_has_a_reason() -> None:
    given(received(10), reserved(ANNA, 8)).when(release(ANNA, reason="")).refused(TextOutOfBounds)


def test_a_reservation_expires_when_its_time_has_come() -> None:
    held = given(received(10), reserved(ANNA, 8, until=ONE))
    held.when(expire(ANNA, NOON)).then()
    held.when(expire(ANNA, ONE)).then(released(ANNA, 8, reason="expired"))
    held.when(expire(ANNA, TWO), expire(ANNA, TWO)).then(released(ANNA, 8, reason="expired"))


def test_an_extended_reservation_expires_later() -> None:
    held = given(received(10), reserved(ANNA, 8, until=ONE), extended(ANNA, TWO))
    held.when(expire(ANNA, ONE)).then()
    held.when(expire(ANNA, TWO)).then(released(ANNA, 8, reason="expired"))


def test_a_committed_reservation_never_expires() -> None:
    given(received(10), reserved(ANNA, 8), committed(ANNA, 8)).when(expire(ANNA, TWO)).then()


def test_a_dispatch_lowers_what_is_on_hand_and_what_is_reserved() -> None:
    placed = given(received(10), reserved(ANNA, 8), committed(ANNA, 8))
    placed.when(dispatch(ANNA)).then(dispatched(ANNA, 8))
    gone = placed.given(dispatched(ANNA, 8)).state
    assert (gone.on_hand, gone.reserved, gone.available) == (2, 0, 2)
    assert not gone.reservations


def test_a_part_of_a_dispatch_leaves_the_rest_reserved() -> None:
    placed = given(received(10), reserved(ANNA, 8), committed(ANNA, 8))
    placed.when(dispatch(ANNA, 3), dispatch(ANNA)).then(dispatched(ANNA, 3), dispatched(ANNA, 5))
    placed.when(dispatch(ANNA, 1)).then(dispatched(ANNA, 1))
    part = placed.given(dispatched(ANNA, 3)).state
    assert (part.on_hand, part.reserved, part.available) == (7, 5, 2)
    assert part.reservations[ANNA] == Reservation(5, ONE, committed=True)


def test_what_a_short_pick_left_behind_is_released() -> None:
    placed = given(received(10), reserved(ANNA, 8), committed(ANNA, 8))
    placed.when(dispatch(ANNA, 3), release(ANNA)).then(dispatched(ANNA, 3), released(ANNA, 5))


def test_only_a_placed_order_is_dispatched() -> None:
    given(received(10), reserved(ANNA, 8)).when(dispatch(ANNA)).refused(NotCommitted)


def test_no_more_is_dispatched_than_the_order_holds() -> None:
    placed = given(received(10), reserved(ANNA, 8), committed(ANNA, 8))
    assert placed.when(dispatch(ANNA, 9)).refused(MoreThanReserved).field == "quantity"
    placed.when(dispatch(ANNA, 0)).refused(NumberOutOfBounds)


def test_a_second_dispatch_is_refused() -> None:
    placed = given(received(10), reserved(ANNA, 8), committed(ANNA, 8))
    placed.when(dispatch(ANNA), dispatch(ANNA)).refused(NothingReserved)


def test_a_parcel_may_leave_before_its_goods_are_booked_in() -> None:
    backed = given(allowed(5), reserved(ANNA, 5), committed(ANNA, 5))
    backed.when(dispatch(ANNA), receive(5)).then(dispatched(ANNA, 5), received(5))
    gone = backed.given(dispatched(ANNA, 5)).state
    assert (gone.on_hand, gone.available) == (-5, 0)


def test_returned_units_can_be_promised_again() -> None:
    back = StockReturned(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=2, reason="returned")
    given(received(1)).when(take_back(2), reserve(BEN, 3)).then(back, reserved(BEN, 3))


def test_a_return_has_a_reason() -> None:
    given(received(1)).when(take_back(2, reason="x" * 201)).refused(TextOutOfBounds)


def test_a_refusal_says_what_to_do() -> None:
    refusal: DomainError = given(received(10), reserved(ANNA, 8)).when(adjust(-3)).refused(StockIsPromised)
    assert refusal.detail == (
        "Of 10 units 8 are promised to orders; take off at most 2. "
        "For more, cancel orders that wait for them, or raise the backorder limit."
    )
    assert refusal.field == "delta"
