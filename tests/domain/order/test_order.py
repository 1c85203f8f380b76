"""What an order allows."""

from typing import Any

import pytest

from domain.order.commands import CancelLine, CancelOrder, CompleteOrder, RecordDelivery, RecordDispatch
from domain.order.decider import order_decider
from domain.order.errors import (
    AlreadyDispatched,
    NotOnOrder,
    OrderClosed,
    OrderIdTaken,
    OrderIncomplete,
    OrderNotFound,
    StillOpen,
    TotalDiffers,
    UnitsNotOpen,
)
from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderLineCancelled,
)
from domain.order.state import Parcel
from domain.shared.errors import Invalid
from domain.shared.ids import CheckoutId, ShipmentId, Sku
from domain.shared.money import CurrencyMismatch, Money
from domain.shared.personal import Sealed
from tests.support.builders.sold import CUPS, FIRST, MUGS, ORDER, SECOND, WEST, euro, order_line, place, placed, units
from tests.support.builders.strategies import CUP, MUG
from tests.support.harness.spec import Spec

given = Spec(order_decider).given
the_order = placed()
cancel = CancelOrder(order_id=ORDER, reason="Changed my mind")
cancelled = OrderCancelled(order_id=ORDER, reason="Changed my mind")
complete = CompleteOrder(order_id=ORDER)
completed = OrderCompleted(order_id=ORDER)
delivery_of_first = RecordDelivery(order_id=ORDER, shipment_id=FIRST)
first_delivered = OrderDelivered(order_id=ORDER, shipment_id=FIRST)
second_delivered = OrderDelivered(order_id=ORDER, shipment_id=SECOND)


def cancel_line(sku: Sku, quantity: int) -> CancelLine:
    return CancelLine(order_id=ORDER, sku=sku, quantity=quantity, reason="Broken")


def line_cancelled(sku: Sku, quantity: int, cents: int) -> OrderLineCancelled:
    return OrderLineCancelled(order_id=ORDER, sku=sku, quantity=quantity, value=euro(cents), reason="Broken")


def dispatch(shipment: ShipmentId, sku: Sku, quantity: int) -> RecordDispatch:
    return RecordDispatch(order_id=ORDER, shipment_id=shipment, units=(units(sku, quantity),))


def dispatched(shipment: ShipmentId, sku: Sku, quantity: int) -> OrderDispatched:
    return OrderDispatched(order_id=ORDER, shipment_id=shipment, units=(units(sku, quantity),))


def test_an_order_is_placed_as_it_was_bought() -> None:
    given().when(place()).then(the_order)
    address = Sealed(subject="anna", ciphertext="sealed")
    given().when(place(address=address)).then(placed(address=address))


def test_a_checkout_places_one_order() -> None:
    given(the_order).when(place()).then()


def test_another_checkout_cannot_take_the_order_over() -> None:
    given(the_order).when(place(checkout_id=CheckoutId("two"))).refused(OrderIdTaken)


def test_an_order_whose_total_is_zero_needs_no_payment() -> None:
    gift = place(lines=(order_line(MUG, WEST, 1, 0),), delivery_price=euro(0), total=euro(0), payment_id=None)
    given().when(gift).then(placed(lines=gift.lines, delivery_price=euro(0), total=euro(0), payment_id=None))


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"lines": ()}, OrderIncomplete, "lines"),
        ({"lines": (order_line(MUG, WEST, 0, 0),)}, OrderIncomplete, "lines"),
        ({"lines": (MUGS, MUGS)}, OrderIncomplete, "lines"),
        ({"total": euro(207)}, TotalDiffers, "total"),
        ({"delivery_price": euro(8)}, TotalDiffers, "total"),
        ({"payment_id": None}, OrderIncomplete, "payment_id"),
        (
            {"payment_id": None, "lines": (order_line(MUG, WEST, 1, 1),), "delivery_price": euro(0), "total": euro(1)},
            OrderIncomplete,
            "payment_id",
        ),
        ({"delivery_price": Money(7, "USD")}, CurrencyMismatch, None),
    ],
)
def test_an_order_that_does_not_add_up_is_refused(
    changes: dict[str, Any], error: type[Invalid], field: str | None
) -> None:
    assert given().when(place(**changes)).refused(error).field == field


@pytest.mark.parametrize("command", [cancel, cancel_line(MUG, 1), dispatch(FIRST, MUG, 1), delivery_of_first, complete])
def test_nothing_happens_to_an_order_that_was_not_placed(command: Any) -> None:
    given().when(command).refused(OrderNotFound)


def test_an_order_can_be_cancelled_once() -> None:
    given(the_order).when(cancel, cancel).then(cancelled)


def test_an_order_that_is_on_its_way_is_returned_not_cancelled() -> None:
    refusal = given(the_order, dispatched(FIRST, MUG, 1)).when(cancel).refused(AlreadyDispatched)
    assert refusal.detail == "Part of the order is on its way. Ask for a return when it has arrived."


def test_a_line_is_cancelled_unit_by_unit_to_the_cent() -> None:
    given(the_order).when(cancel_line(CUP, 1), cancel_line(CUP, 1), cancel_line(CUP, 1)).then(
        line_cancelled(CUP, 1, 33), line_cancelled(CUP, 1, 34), line_cancelled(CUP, 1, 33)
    )


def test_half_a_cent_goes_to_the_even_cent() -> None:
    given(the_order).when(cancel_line(MUG, 1), cancel_line(MUG, 1)).then(
        line_cancelled(MUG, 1, 50), line_cancelled(MUG, 1, 51)
    )


def test_the_last_unit_cancels_the_order_and_so_the_delivery() -> None:
    given(the_order, line_cancelled(MUG, 2, 101)).when(cancel_line(CUP, 3)).then(
        line_cancelled(CUP, 3, 100), OrderCancelled(order_id=ORDER, reason="Broken")
    )


def test_the_last_unit_does_not_cancel_an_order_of_which_something_was_sent() -> None:
    given(the_order, dispatched(FIRST, MUG, 2)).when(cancel_line(CUP, 3)).then(line_cancelled(CUP, 3, 100))


def test_only_open_units_can_be_cancelled() -> None:
    story = given(the_order, dispatched(SECOND, CUP, 1), line_cancelled(CUP, 1, 33))
    assert story.when(cancel_line(CUP, 2)).refused(UnitsNotOpen).field == "quantity"
    story.when(cancel_line(CUP, 1)).then(line_cancelled(CUP, 1, 34))


def test_a_line_that_is_not_on_the_order_cannot_be_cancelled() -> None:
    assert given(the_order).when(cancel_line(Sku("FUEL"), 1)).refused(NotOnOrder).field == "sku"


def test_at_least_one_unit_is_cancelled() -> None:
    assert given(the_order).when(cancel_line(CUP, 0)).refused(Invalid).field == "quantity"


@pytest.mark.parametrize("command", [cancel_line(CUP, 1), dispatch(FIRST, MUG, 1), complete])
def test_a_cancelled_order_does_not_change(command: Any) -> None:
    given(the_order, cancelled).when(command).refused(OrderClosed)


def test_a_parcel_is_dispatched_once() -> None:
    given(the_order).when(dispatch(FIRST, MUG, 2), dispatch(FIRST, MUG, 2)).then(dispatched(FIRST, MUG, 2))


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (dispatch(FIRST, MUG, 3), UnitsNotOpen),
        (dispatch(FIRST, MUG, 0), UnitsNotOpen),
        (dispatch(FIRST, Sku("FUEL"), 1), NotOnOrder),
        (RecordDispatch(order_id=ORDER, shipment_id=FIRST, units=()), Invalid),
        (RecordDispatch(order_id=ORDER, shipment_id=FIRST, units=(units(MUG, 1), units(MUG, 1))), Invalid),
    ],
)
def test_only_what_is_on_the_order_is_dispatched(command: RecordDispatch, error: type[Invalid]) -> None:
    assert given(the_order).when(command).refused(error).field == "units"


def test_a_parcel_may_hold_one_unit() -> None:
    given(the_order).when(dispatch(FIRST, MUG, 1)).then(dispatched(FIRST, MUG, 1))


def test_cancelled_units_are_not_dispatched() -> None:
    given(the_order, line_cancelled(MUG, 1, 50)).when(dispatch(FIRST, MUG, 2)).refused(UnitsNotOpen)


def test_a_parcel_arrives_once() -> None:
    story = given(the_order, dispatched(FIRST, MUG, 2))
    story.when(delivery_of_first, delivery_of_first).then(first_delivered)


def test_only_a_parcel_that_was_dispatched_arrives() -> None:
    given(the_order).when(delivery_of_first).refused(NotOnOrder)


def test_an_order_is_completed_when_all_has_arrived_or_was_cancelled() -> None:
    story = given(the_order, dispatched(FIRST, MUG, 2), first_delivered, line_cancelled(CUP, 3, 100))
    story.when(complete, complete).then(completed)


def test_an_order_is_not_completed_while_a_parcel_is_on_its_way() -> None:
    story = given(the_order, dispatched(FIRST, MUG, 2), dispatched(SECOND, CUP, 3), second_delivered)
    story.when(complete).refused(StillOpen)


def test_an_order_is_not_completed_while_units_are_open() -> None:
    given(the_order, dispatched(FIRST, MUG, 2), first_delivered).when(complete).refused(StillOpen)


def test_a_completed_order_does_not_change() -> None:
    sent = given(the_order, dispatched(FIRST, MUG, 2), dispatched(SECOND, CUP, 3))
    over = sent.given(first_delivered, second_delivered, completed)
    over.when(cancel_line(CUP, 1)).refused(OrderClosed)
    over.when(cancel).refused(AlreadyDispatched)


def test_it_is_known_who_bought_and_with_which_payment_and_what_is_in_a_parcel() -> None:
    order = given(the_order, dispatched(FIRST, MUG, 2)).state
    assert (order.customer_id, order.payment_id) == (the_order.customer_id, the_order.payment_id)
    assert dict(order.parcels) == {FIRST: Parcel((units(MUG, 2),))}


def test_what_is_owed_falls_with_every_cancelled_unit() -> None:
    assert given(the_order, line_cancelled(CUP, 1, 33)).state.owed == euro(175)
    assert given(the_order, cancelled).state.owed == euro(0)
    assert given(the_order).state.lines[CUP].sold == CUPS
