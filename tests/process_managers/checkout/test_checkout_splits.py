"""A line that no warehouse has all of is put together from several; a rejection names every line that is short."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.cart.commands import Delivery
from domain.order.commands import OrderLine, Source
from domain.shared.holding import Holder, HoldLimits
from domain.shared.ids import Sku, Warehouse
from domain.stock.commands import ExtendReservation, ReserveStock
from domain.stock.events import ReservationDeclined, ReservationReleased, Shortage, StockReserved
from domain.stock.reserving import TAKEN_OVER
from process_managers.engine.process import SetTimer
from tests.process_managers.checkout.checkout_story import (
    LATER,
    RESERVED_UNTIL,
    action,
    authorised,
    bought,
    commit,
    committed,
    given,
    held,
    release,
    reopen,
    request_payment,
    reserved,
    stop_answer,
    stop_pay,
    stop_reserve,
    void,
    waiting,
)
from tests.support.builders.sold import ANNA, CUPS, EAST, MUGS, WEST, place
from tests.support.builders.strategies import CUP, MUG, NOON

NORTH = Warehouse("NORTH")


def ask(sku: Sku, warehouse: Warehouse, units: int, at: Any = NOON) -> ReserveStock:
    return ReserveStock(
        **held(sku, warehouse),
        quantity=units,
        expires_at=at + timedelta(minutes=15),
        expires_if_scarce=at + timedelta(minutes=5),
        holder=Holder(shopper=ANNA),
    )


def kept(sku: Sku, warehouse: Warehouse, units: int, **more: Any) -> StockReserved:
    return StockReserved(**held(sku, warehouse), quantity=units, **({"expires_at": RESERVED_UNTIL} | more))


def refused(
    sku: Sku, warehouse: Warehouse, units: int, has: int, cause: Shortage = Shortage.STOCK
) -> ReservationDeclined:
    return ReservationDeclined(**held(sku, warehouse), quantity=units, available=has, cause=cause)


started = given(bought)
cups_apart = started.given(reserved(MUG), refused(CUP, WEST, 3, 2))


def test_a_line_is_put_together_from_what_each_warehouse_has() -> None:
    cups_apart.when(refused(CUP, EAST, 3, 2), LATER).then(ask(CUP, EAST, 1, LATER), ask(CUP, WEST, 2, LATER))


def test_the_money_is_asked_for_when_every_part_is_held() -> None:
    parts = cups_apart.given(refused(CUP, EAST, 3, 2))
    parts.when(kept(CUP, WEST, 2)).then()
    parts.given(kept(CUP, WEST, 2)).when(kept(CUP, EAST, 1)).then(
        stop_reserve, SetTimer(name="pay", due=NOON + timedelta(minutes=14)), request_payment
    )


def test_every_part_is_committed_and_the_order_says_where_its_units_are() -> None:
    paid = cups_apart.given(refused(CUP, EAST, 3, 2), kept(CUP, WEST, 2), kept(CUP, EAST, 1))
    paid.when(authorised).then(stop_reserve, stop_pay, commit(CUP, EAST), commit(CUP, WEST), commit(MUG))
    almost = paid.given(authorised, committed(MUG), committed(CUP, EAST))
    mugs = OrderLine(priced=MUGS.priced, sources=(Source(warehouse=WEST, quantity=2),))
    cups = OrderLine(
        priced=CUPS.priced, sources=(Source(warehouse=WEST, quantity=2), Source(warehouse=EAST, quantity=1))
    )
    almost.when(committed(CUP)).then(place(lines=(mugs, cups)))


def test_a_part_that_was_sold_meanwhile_comes_from_elsewhere() -> None:
    three = replace(bought, delivery=replace(bought.delivery, warehouses=(WEST, EAST, NORTH)))
    parts = given(three, reserved(MUG), refused(CUP, WEST, 3, 2), refused(CUP, EAST, 3, 2), refused(CUP, NORTH, 3, 1))
    parts.when(refused(CUP, WEST, 2, 1)).then(ask(CUP, NORTH, 1), ask(CUP, WEST, 1))


def test_an_older_answer_about_more_units_is_no_answer() -> None:
    parts = cups_apart.given(refused(CUP, EAST, 3, 2))
    parts.when(refused(CUP, WEST, 3, 2)).then()


def test_all_parts_go_back_when_one_cannot_be_had() -> None:
    parts = cups_apart.given(refused(CUP, EAST, 3, 1), kept(CUP, WEST, 2))
    heard = parts.when(refused(CUP, EAST, 1, 0))
    heard.then(
        stop_reserve,
        stop_pay,
        release(CUP, "rejected"),
        release(MUG, "rejected"),
        stop_answer,
        reopen("CUP: 3 were wanted, 2 are available. Take 2 or fewer."),
    )


def test_a_rejection_waits_for_every_line_and_names_each_that_is_short() -> None:
    titled = replace(bought, lines=(replace(MUGS.priced, title="A mug"), CUPS.priced))
    one_place = replace(titled, delivery=Delivery(method="post", price=bought.delivery.price, warehouses=(WEST,)))
    story = given(one_place, refused(MUG, WEST, 2, 1))
    story.when(refused(CUP, WEST, 3, 0)).then(
        stop_reserve,
        stop_pay,
        stop_answer,
        reopen(
            "A mug (MUG): 2 were wanted, 1 is available. Take 1 or fewer. "
            "CUP: 3 were wanted, 0 are available. Remove it from the cart, or try again later."
        ),
    )
    story.when(reserved(CUP)).then(
        stop_reserve,
        stop_pay,
        release(CUP, "rejected"),
        stop_answer,
        reopen("A mug (MUG): 2 were wanted, 1 is available. Take 1 or fewer."),
    )
    given(one_place).when(refused(MUG, WEST, 2, 1)).then()


def test_a_rejection_by_a_limit_says_so() -> None:
    limits = HoldLimits(shopper=50, client=50, always=1)
    one_place = replace(bought, limits=limits, delivery=replace(bought.delivery, warehouses=(WEST,)))
    story = given(one_place, reserved(MUG))
    for cause, who in ((Shortage.SHOPPER_LIMIT, "shopper"), (Shortage.CLIENT_LIMIT, "network address")):
        (*_, opened) = story.when(refused(CUP, WEST, 3, 1, cause)).requests
        assert opened == reopen(
            f"CUP: 3 were wanted, 1 is available. So many may be held for one {who} before they are paid. "
            "Take 1 or fewer."
        )


def test_the_limits_of_the_checkout_go_with_each_reservation() -> None:
    limits = HoldLimits(shopper=50, client=50, always=1)
    (*_, cups, mugs) = given().when(replace(bought, limits=limits, client="paris")).requests
    assert {cups.limits, mugs.limits} == {limits}
    assert {cups.holder, mugs.holder} == {Holder(shopper=ANNA, client="paris")}


def test_scarce_units_are_held_for_a_shorter_time_and_extended_by_as_much() -> None:
    scarce = kept(CUP, WEST, 3, expires_at=NOON + timedelta(minutes=5), scarce=True)
    started.given(reserved(MUG)).when(scarce).then(
        stop_reserve, SetTimer(name="pay", due=NOON + timedelta(minutes=4)), request_payment
    )
    until = NOON + timedelta(minutes=10)
    started.given(reserved(MUG), scarce).when(action).then(
        SetTimer(name="pay", due=NOON + timedelta(minutes=9)),
        ExtendReservation(**held(CUP), expires_at=until),
        ExtendReservation(**held(MUG), expires_at=until),
    )


def test_a_checkout_whose_units_a_newer_one_took_over_is_cancelled_and_its_cart_opened_at_once() -> None:
    why = "A newer checkout of yours needed the same units. Go on with that one, or check this cart out again."
    taken = ReservationReleased(**held(MUG), quantity=2, reason=TAKEN_OVER)
    heard = waiting.when(taken)
    heard.then(
        stop_reserve,
        stop_pay,
        void(why),
        release(CUP, "cancelled"),
        release(MUG, "cancelled"),
        stop_answer,
        reopen(why),
    )
    heard.shows("cancelled")
    waiting.given(taken).when(authorised).then(void(why))
