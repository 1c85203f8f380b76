"""What fulfilment does with the goods, row by row."""

from typing import Any

import pytest

from domain.order import commands as ask
from domain.order import events as order
from domain.payment import events as payment
from domain.shared.ids import RefundId, ShipmentId
from domain.shipment import events as shipment
from domain.shipment.commands import PlanShipment, ReduceShipment
from process_managers.fulfilment.process import FULFILMENT
from tests.process_managers.fulfilment.fulfilment_story import (
    adjust,
    arrived,
    authorised,
    begun,
    both_left,
    cancel,
    cancel_line,
    cancelled,
    capture_timer,
    captured,
    clear,
    complete,
    delivered,
    dispatch_stock,
    given,
    left,
    line_cancelled,
    money,
    no_timer,
    of,
    one_arrived,
    packed,
    paid,
    plan,
    planned,
    record,
    recorded,
    refused,
    release,
    short,
    stopped,
    the_order,
    voided,
)
from tests.support.builders.sold import EAST, FIRST, ORDER, SECOND, WEST, euro, order_line, placed, units
from tests.support.builders.strategies import CUP, MUG


def test_an_order_is_split_by_warehouse() -> None:
    heard = given(authorised).when(the_order)
    heard.then(plan(FIRST, WEST), plan(SECOND, EAST), capture_timer)
    heard.shows("expected")


def test_lines_of_one_warehouse_travel_together() -> None:
    together = placed(lines=(order_line(MUG, WEST, 2, 101), order_line(CUP, WEST, 3, 100)))
    everything = PlanShipment(**of(FIRST), warehouse=WEST, items=(units(CUP, 3), units(MUG, 2)))
    given(authorised).when(together).then(everything, capture_timer)


def test_nothing_is_done_for_an_order_that_is_not_placed() -> None:
    heard = given().when(authorised)
    heard.then()
    heard.shows("waiting for the order")


def test_an_order_without_payment_is_cleared_at_once() -> None:
    gift = placed(lines=(order_line(MUG, WEST, 2, 0),), delivery_price=euro(0), total=euro(0), payment_id=None)
    given(gift, planned(FIRST)).when(packed(FIRST)).then(clear(FIRST))


def test_what_left_is_no_longer_in_stock() -> None:
    heard = paid.when(left(FIRST))
    heard.then(record(FIRST), dispatch_stock(MUG, 2))


def test_what_was_not_on_the_shelf_is_cancelled_and_counted_off() -> None:
    short_cups = short(SECOND, units(CUP, 2), units(CUP, 1))
    begun.when(short_cups).then(cancel_line(CUP, 2))
    story = begun.given(short_cups, line_cancelled(CUP, 2, 67))
    one = units(CUP, 1)
    story.when(left(SECOND, one)).then(record(SECOND, one), dispatch_stock(CUP, 1), release(CUP), adjust(CUP, -2))


def test_a_parcel_of_which_nothing_was_there_gives_its_reservation_back() -> None:
    empty = begun.given(short(SECOND, units(CUP, 3)))
    begun.when(short(SECOND, units(CUP, 3))).then(cancel_line(CUP, 3))
    empty.when(stopped(SECOND)).then(release(CUP), adjust(CUP, -3))


def test_a_cancelled_parcel_cancels_its_lines() -> None:
    begun.when(stopped(SECOND)).then(release(CUP), cancel_line(CUP, 3, "Broken shelf"))
    begun.given(line_cancelled(CUP, 1, 33)).when(stopped(SECOND)).then(
        release(CUP), cancel_line(CUP, 2, "Broken shelf")
    )
    less = shipment.ShipmentReduced(**of(SECOND), items=(units(CUP, 2),))
    begun.given(line_cancelled(CUP, 1, 33), less).when(stopped(SECOND)).then(
        release(CUP), cancel_line(CUP, 2, "Broken shelf")
    )


def test_no_more_is_sent_than_is_still_wanted() -> None:
    def reduce(quantity: int) -> ReduceShipment:
        return ReduceShipment(shipment_id=SECOND, sku=CUP, quantity=quantity)

    begun.when(line_cancelled(CUP, 1, 33)).then(reduce(2))
    begun.given(line_cancelled(CUP, 1, 33)).when(line_cancelled(CUP, 1, 34)).then(reduce(1))
    given(the_order, line_cancelled(CUP, 1, 33)).when(planned(SECOND)).then(reduce(2))
    given(the_order, line_cancelled(CUP, 1, 33)).when(planned(FIRST)).then()
    begun.given(stopped(SECOND)).when(line_cancelled(CUP, 3, 100)).then()


def test_a_delivery_is_recorded_once_the_dispatch_is() -> None:
    deliver = ask.RecordDelivery(order_id=ORDER, shipment_id=FIRST)
    paid.given(left(FIRST), recorded(FIRST)).when(delivered(FIRST)).then(deliver)
    paid.given(left(FIRST)).when(delivered(FIRST)).then()
    paid.given(left(FIRST), delivered(FIRST)).when(recorded(FIRST)).then(deliver)


def test_an_order_is_complete_when_all_has_arrived() -> None:
    both_left.given(delivered(FIRST)).when(arrived(FIRST)).then()
    heard = one_arrived.given(delivered(SECOND)).when(arrived(SECOND))
    heard.then(complete)
    heard.shows("delivered")
    one_arrived.given(arrived(SECOND)).when(order.OrderCompleted(order_id=ORDER)).shows("completed")


def test_a_parcel_planned_after_the_cancellation_is_stopped_too() -> None:
    given(authorised, the_order).when(cancelled).then(no_timer)
    given(authorised, the_order, cancelled).when(planned(FIRST)).then(cancel(FIRST))


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (shipment.ShipmentLost(**of(FIRST), reason="Fire."), "Parcel one.1 is lost: Fire."),
        (
            shipment.ShipmentReturnedToSender(**of(FIRST), reason="Nobody there."),
            "Parcel one.1 came back: Nobody there.",
        ),
        (
            payment.RefundFailed(**money, refund_id=RefundId("r"), reason="Closed account."),
            "Refund r failed: Closed account.",
        ),
        (voided, "The hold on the money is gone, so no parcel may leave."),
        (refused("stock.dispatch.v1", "NothingReserved"), "stock.dispatch.v1: No."),
    ],
)
def test_what_no_rule_decides_needs_attention(fact: Any, why: str) -> None:
    heard = (begun if fact is voided else both_left).when(fact)
    heard.then()
    heard.shows("needs attention", why)


def test_troubles_end() -> None:
    lost = payment.RefundFailed(**money, refund_id=RefundId("r"), reason="Closed account.")
    back = payment.PaymentRefunded(**money, refund_id=RefundId("r"), amount=euro(1))
    both_left.given(lost).when(back).shows("dispatched")
    unrecorded = paid.given(refused("order.record_dispatch.v1", "UnitsNotOpen"))
    unrecorded.when(recorded(FIRST)).shows("needs attention", "order.record_dispatch.v1: No.")
    unrecorded.when(order.OrderCompleted(order_id=ORDER)).shows("completed")
    stuck = begun.given(short(SECOND, units(CUP, 3)), refused("order.cancel_line.v1", "UnitsNotOpen", "Two are open."))
    stuck.when(line_cancelled(CUP, 1, 33)).shows("needs attention", "order.cancel_line.v1: Two are open.")
    stuck.given(line_cancelled(CUP, 1, 33)).when(line_cancelled(CUP, 2, 67)).shows("planned")


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("shipment.cancel.v1", "ParcelHasMovedOn"),
        ("shipment.clear.v1", "ParcelHasMovedOn"),
        ("order.cancel_line.v1", "OrderClosed"),
        ("payment.request_void.v1", "MoneyAlreadyTaken"),
        ("payment.request_capture.v1", "NothingHeld"),
    ],
)
def test_a_refusal_that_only_says_that_a_fact_is_on_its_way_is_fine(command: str, error: str) -> None:
    heard = begun.when(refused(command, error))
    heard.then()
    heard.shows("planned")


def test_a_parcel_that_is_not_of_this_order_is_none_of_its_business() -> None:
    begun.when(packed(ShipmentId("one.9"))).then()


def test_an_order_is_planned_once() -> None:
    assert begun.given(packed(FIRST), the_order).state == begun.given(packed(FIRST)).state


def test_every_fact_finds_its_order() -> None:
    for fact in (the_order, captured, packed(FIRST)):
        assert FULFILMENT.instance_of(fact) == ORDER
