"""How many units a shopper or a client may hold before they are paid, for how long, and what gives way."""

from datetime import timedelta
from typing import Any

from domain.shared.holding import Holder, HoldLimits
from domain.shared.ids import CustomerId, OrderId
from domain.stock.commands import ReserveStock
from domain.stock.events import ReservationDeclined, ReservationReleased, Shortage, StockReserved
from domain.stock.reserving import TAKEN_OVER
from tests.domain.stock.story import BEN, ONE, allowed, commit, committed, declined, given, received, released, reserved
from tests.support.builders.strategies import MAIN, MUG, NOON

ANNA_IN_PARIS = Holder(shopper=CustomerId("anna"), client="paris")
BEN_IN_PARIS = Holder(shopper=CustomerId("ben"), client="paris")
BEN_AT_HOME = Holder(shopper=CustomerId("ben"), client="home")
OLD, NEW = OrderId("old"), OrderId("new")
SOON = NOON + timedelta(minutes=5)
HALF = HoldLimits(shopper=50, client=75, always=2)


def ask(order: OrderId, units: int, holder: Holder, limits: HoldLimits | None = HALF) -> ReserveStock:
    return ReserveStock(**_place(order, units), expires_at=ONE, expires_if_scarce=SOON, holder=holder, limits=limits)


def kept(order: OrderId, units: int, holder: Holder, *, scarce: bool = False) -> StockReserved:
    until = SOON if scarce else ONE
    return StockReserved(**_place(order, units), expires_at=until, holder=holder, scarce=scarce)


def refused(order: OrderId, units: int, available: int, cause: Shortage) -> ReservationDeclined:
    return ReservationDeclined(**_place(order, units), available=available, cause=cause)


def given_up(order: OrderId, units: int) -> ReservationReleased:
    return ReservationReleased(**_place(order, units), reason=TAKEN_OVER)


def _place(order: OrderId, units: int) -> dict[str, Any]:
    return {"sku": MUG, "warehouse": MAIN, "order_id": order, "quantity": units}


def test_one_shopper_holds_no_more_than_their_share_unpaid() -> None:
    full = given(received(500))
    full.when(ask(NEW, 251, ANNA_IN_PARIS)).then(refused(NEW, 251, 250, Shortage.SHOPPER_LIMIT))
    full.when(ask(NEW, 250, ANNA_IN_PARIS)).then(kept(NEW, 250, ANNA_IN_PARIS))


def test_shoppers_of_one_client_share_a_limit() -> None:
    half_gone = given(received(100), kept(OLD, 50, ANNA_IN_PARIS))
    half_gone.when(ask(NEW, 26, BEN_IN_PARIS)).then(refused(NEW, 26, 25, Shortage.CLIENT_LIMIT))
    half_gone.when(ask(NEW, 26, BEN_AT_HOME)).then(kept(NEW, 26, BEN_AT_HOME, scarce=True))


def test_what_is_paid_counts_neither_as_held_nor_as_free() -> None:
    paid = given(received(100), kept(OLD, 50, ANNA_IN_PARIS), committed(OLD, 50))
    paid.when(ask(NEW, 26, ANNA_IN_PARIS)).then(refused(NEW, 26, 25, Shortage.SHOPPER_LIMIT))
    paid.when(ask(NEW, 25, ANNA_IN_PARIS)).then(kept(NEW, 25, ANNA_IN_PARIS))


def test_a_few_units_are_always_allowed() -> None:
    given(received(2)).when(ask(NEW, 2, ANNA_IN_PARIS)).then(kept(NEW, 2, ANNA_IN_PARIS))


def test_units_that_may_be_promised_beyond_the_shelf_count() -> None:
    given(allowed(10)).when(ask(NEW, 6, ANNA_IN_PARIS)).then(refused(NEW, 6, 5, Shortage.SHOPPER_LIMIT))


def test_a_shoppers_own_hold_gives_way_to_their_newer_order() -> None:
    held = given(received(3), kept(OLD, 2, ANNA_IN_PARIS))
    held.when(ask(NEW, 2, ANNA_IN_PARIS)).then(given_up(OLD, 2), kept(NEW, 2, ANNA_IN_PARIS))
    held.when(ask(NEW, 2, BEN_AT_HOME)).then(refused(NEW, 2, 1, Shortage.STOCK))


def test_a_hold_stays_where_the_newer_order_does_not_need_it() -> None:
    given(received(9), kept(OLD, 2, ANNA_IN_PARIS)).when(ask(NEW, 2, ANNA_IN_PARIS)).then(kept(NEW, 2, ANNA_IN_PARIS))


def test_nothing_is_given_up_for_an_order_that_cannot_be_had() -> None:
    given(received(2), kept(OLD, 1, ANNA_IN_PARIS)).when(ask(NEW, 3, ANNA_IN_PARIS)).then(
        refused(NEW, 3, 2, Shortage.STOCK)
    )


def test_what_is_paid_never_gives_way() -> None:
    paid = given(received(2), kept(OLD, 2, ANNA_IN_PARIS), committed(OLD, 2))
    paid.when(ask(NEW, 1, ANNA_IN_PARIS)).then(refused(NEW, 1, 0, Shortage.STOCK))


def test_the_hold_that_ends_first_gives_way_first() -> None:
    late = StockReserved(**_place(OLD, 1), expires_at=ONE + timedelta(hours=1), holder=ANNA_IN_PARIS)
    early = StockReserved(**_place(BEN, 1), expires_at=ONE, holder=ANNA_IN_PARIS)
    given(received(2), late, early).when(ask(NEW, 1, ANNA_IN_PARIS)).then(
        given_up(BEN, 1), kept(NEW, 1, ANNA_IN_PARIS, scarce=True)
    )


def test_the_last_units_are_held_for_a_shorter_time_while_others_hold_some() -> None:
    given(received(9), kept(OLD, 5, BEN_AT_HOME)).when(ask(NEW, 2, ANNA_IN_PARIS)).then(
        kept(NEW, 2, ANNA_IN_PARIS, scarce=True)
    )
    given(received(9), kept(OLD, 2, BEN_AT_HOME)).when(ask(NEW, 2, ANNA_IN_PARIS)).then(kept(NEW, 2, ANNA_IN_PARIS))


def test_after_a_hold_turned_somebody_away_units_are_held_for_a_shorter_time_until_more_come_in() -> None:
    sought = given(received(9), kept(OLD, 8, BEN_AT_HOME), declined(BEN, 5, 1), released(OLD, 8))
    sought.when(ask(NEW, 1, ANNA_IN_PARIS)).then(kept(NEW, 1, ANNA_IN_PARIS, scarce=True))
    sought.given(received(1)).when(ask(NEW, 1, ANNA_IN_PARIS)).then(kept(NEW, 1, ANNA_IN_PARIS))


def test_who_wants_more_than_there_is_makes_nothing_scarce() -> None:
    given(received(9), declined(BEN, 10, 9)).when(ask(NEW, 1, ANNA_IN_PARIS)).then(kept(NEW, 1, ANNA_IN_PARIS))


def test_a_reservation_of_the_past_has_no_holder_and_is_left_alone() -> None:
    given(received(2), reserved(BEN, 2)).when(commit(BEN)).then(committed(BEN, 2))
    given(received(2), reserved(BEN, 2)).when(ask(NEW, 1, BEN_AT_HOME)).then(refused(NEW, 1, 0, Shortage.STOCK))
