"""What fulfilment does at the edges of its rules: the last unit, the second failure, two troubles at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.shared.ids import ShipmentId
from domain.shipment import events as shipment
from process_managers.engine.process import SetTimer
from tests.process_managers.fulfilment.fulfilment_story import (
    adjust,
    arrived,
    authorised,
    begun,
    both_left,
    cancel,
    cancel_line,
    cancelled,
    capture_failed,
    capturing,
    complete,
    delivered,
    dispatch_stock,
    given,
    left,
    line_cancelled,
    no_timer,
    of,
    packed,
    paid,
    plan,
    planned,
    record,
    recorded,
    refund,
    refunded,
    release,
    short,
    stopped,
    the_order,
    voided,
)
from tests.support.builders.sold import EAST, FIRST, SECOND, WEST, euro, order_line, placed, units
from tests.support.builders.strategies import CUP, MUG, NOON

gift = placed(lines=(order_line(MUG, WEST, 2, 0),), delivery_price=euro(0), total=euro(0), payment_id=None)
one_there = paid.given(left(FIRST), recorded(FIRST), delivered(FIRST), arrived(FIRST))


def lost(parcel: ShipmentId) -> shipment.ShipmentLost:
    return shipment.ShipmentLost(**of(parcel), reason="Fire.")


def sent_back(parcel: ShipmentId) -> shipment.ShipmentReturnedToSender:
    return shipment.ShipmentReturnedToSender(**of(parcel), reason="Nobody there.")


def test_what_was_taken_out_of_a_parcel_is_not_sent_from_stock() -> None:
    two = units(CUP, 2)
    less = begun.given(line_cancelled(CUP, 1, 33), shipment.ShipmentReduced(**of(SECOND), items=(two,)))
    less.when(left(SECOND, two)).then(record(SECOND, two), dispatch_stock(CUP, 2), release(CUP))


def test_a_sku_of_which_nothing_was_there_is_given_back_when_the_rest_leaves() -> None:
    together = placed(lines=(order_line(MUG, WEST, 2, 101), order_line(CUP, WEST, 3, 100)))
    mugs = units(MUG, 2)
    story = given(authorised, together, planned(FIRST), short(FIRST, units(CUP, 3), mugs))
    story.when(left(FIRST, mugs)).then(
        record(FIRST, mugs),
        replace(release(CUP), warehouse=WEST),
        replace(adjust(CUP, -3), warehouse=WEST),
        dispatch_stock(MUG, 2),
    )


def test_one_missing_unit_is_cancelled() -> None:
    begun.when(short(SECOND, units(CUP, 1), units(CUP, 2))).then(cancel_line(CUP, 1))


@pytest.mark.parametrize("astray", [lost, sent_back])
def test_a_parcel_that_went_astray_does_not_arrive_by_itself(astray: Any) -> None:
    both_left.given(astray(FIRST)).when(delivered(FIRST)).then()


@pytest.mark.parametrize(
    ("astray", "why"),
    [
        (lost, "Parcel one.1 is lost: Fire. Parcel one.2 is lost: Fire."),
        (sent_back, "Parcel one.1 came back: Nobody there. Parcel one.2 came back: Nobody there."),
    ],
)
def test_each_parcel_has_its_own_trouble(astray: Any, why: str) -> None:
    both_left.given(astray(FIRST)).when(astray(SECOND)).shows("needs attention", why)


def test_a_second_failure_to_take_the_money_is_tried_again() -> None:
    heard = begun.given(packed(FIRST), capturing, capture_failed, capturing).when(capture_failed)
    heard.then(SetTimer(name="capture", due=NOON + timedelta(hours=1)))
    heard.shows("planned")


def test_a_parcel_that_has_left_is_neither_stopped_nor_reduced() -> None:
    story = paid.given(left(FIRST))
    story.when(cancelled).then(cancel(SECOND), no_timer)
    story.when(line_cancelled(MUG, 1, 50)).then(refund("MUG.1", 50))


def test_the_last_parcel_that_is_stopped_completes_the_order() -> None:
    paid_back = one_there.given(line_cancelled(CUP, 3, 100), refunded("CUP.3", 100))
    paid_back.when(stopped(SECOND)).then(release(CUP), complete)


def test_the_last_line_that_is_cancelled_completes_the_order_if_it_cost_nothing() -> None:
    one_there.given(stopped(SECOND)).when(line_cancelled(CUP, 3, 0)).then(complete)


def test_a_hold_that_is_gone_is_not_waited_for() -> None:
    given(authorised, voided).when(the_order).then(plan(FIRST, WEST), plan(SECOND, EAST))


def test_an_order_without_payment_has_no_timer_to_cancel() -> None:
    given(gift, planned(FIRST)).when(cancelled).then(cancel(FIRST))


def test_an_order_of_which_nothing_will_be_sent_shows_it() -> None:
    begun.given(stopped(FIRST)).when(stopped(SECOND)).shows("cancelled")
