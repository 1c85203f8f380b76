"""What fulfilment does with the money, row by row."""

from datetime import timedelta

from process_managers.engine.process import SetTimer
from tests.process_managers.fulfilment.fulfilment_story import (
    arrived,
    authorised,
    begun,
    cancel,
    cancelled,
    capture,
    capture_failed,
    capture_timer,
    captured,
    capturing,
    clear,
    complete,
    delivered,
    given,
    left,
    line_cancelled,
    no_timer,
    packed,
    paid,
    planned,
    recorded,
    refund,
    refunded,
    release,
    short,
    stopped,
    the_order,
    timer,
    void,
    voided,
)
from tests.support.builders.sold import FIRST, SECOND, units
from tests.support.builders.strategies import CUP, MUG, NOON


def test_the_hold_may_be_heard_of_after_the_order() -> None:
    given(the_order).when(authorised).then(capture_timer)
    given(the_order, planned(FIRST), packed(FIRST)).when(authorised).then(capture_timer, capture)


def test_the_first_packed_parcel_takes_the_money() -> None:
    heard = begun.when(packed(FIRST))
    heard.then(capture)
    begun.given(packed(FIRST), capturing).when(packed(SECOND)).then()


def test_taken_money_clears_what_is_packed_now_and_later() -> None:
    begun.given(packed(FIRST), packed(SECOND), capturing).when(captured).then(clear(FIRST), clear(SECOND), no_timer)
    paid.when(packed(SECOND)).then(clear(SECOND))


def test_money_is_taken_before_the_hold_ends() -> None:
    begun.when(timer).then(capture)
    begun.given(capturing).when(timer).then()
    begun.given(cancelled).when(timer).then()


def test_a_capture_that_fails_is_tried_again_every_hour_and_then_looked_at() -> None:
    begun_capture = begun.given(packed(FIRST), capturing)
    again = SetTimer(name="capture", due=NOON + timedelta(hours=1))
    begun_capture.when(capture_failed).then(again)
    begun_capture.given(capture_failed).when(packed(SECOND)).then()
    begun_capture.given(capture_failed).when(timer).then(capture)
    third = begun_capture.given(capture_failed, capturing, capture_failed, capturing)
    heard = third.when(capture_failed)
    heard.then()
    heard.shows("needs attention", "The money could not be taken, so no parcel may leave: Bank closed.")
    third.given(capture_failed, capturing).when(captured).shows("planned")


def test_what_is_cancelled_after_the_capture_is_refunded_by_itself() -> None:
    paid.given(stopped(SECOND)).when(line_cancelled(CUP, 1, 33)).then(refund("CUP.1", 33))
    paid.given(stopped(SECOND), line_cancelled(CUP, 1, 33)).when(line_cancelled(CUP, 2, 67)).then(refund("CUP.3", 67))


def test_what_was_cancelled_before_the_capture_is_refunded_with_it() -> None:
    story = begun.given(stopped(SECOND), line_cancelled(CUP, 3, 100), packed(FIRST), capturing)
    story.when(captured).then(clear(FIRST), no_timer, refund("unshipped", 100))


def test_units_that_cost_nothing_are_not_refunded() -> None:
    paid.given(stopped(SECOND)).when(line_cancelled(CUP, 3, 0)).then()


def test_an_order_is_complete_when_the_rest_is_cancelled_and_refunded() -> None:
    rest = paid.given(left(FIRST), recorded(FIRST), delivered(FIRST), stopped(SECOND))
    rest.given(line_cancelled(CUP, 3, 100)).when(arrived(FIRST)).then()
    rest.given(arrived(FIRST)).when(line_cancelled(CUP, 3, 100)).then(refund("CUP.3", 100))
    rest.given(arrived(FIRST), line_cancelled(CUP, 3, 100)).when(refunded("CUP.3", 100)).then(complete)
    rest.given(arrived(FIRST), line_cancelled(CUP, 3, 100)).when(refunded("by hand", 5)).then()


def test_a_cancelled_order_stops_its_parcels_and_then_gives_the_hold_back() -> None:
    heard = begun.when(cancelled)
    heard.then(cancel(FIRST), cancel(SECOND), no_timer)
    heard.shows("cancelling")
    begun.given(cancelled).when(stopped(FIRST)).then(release(MUG))
    last = begun.given(cancelled, stopped(FIRST)).when(stopped(SECOND))
    last.then(release(CUP), void)
    begun.given(cancelled, stopped(FIRST), stopped(SECOND)).when(voided).shows("cancelled")


def test_a_cancelled_order_is_not_worked_on() -> None:
    story = begun.given(cancelled)
    story.when(packed(FIRST)).then()
    story.when(short(SECOND, units(CUP, 3))).then()
    story.when(line_cancelled(CUP, 1, 33)).then()


def test_a_cancelled_order_whose_money_was_taken_is_refunded() -> None:
    story = paid.given(cancelled, stopped(FIRST))
    story.when(stopped(SECOND)).then(release(CUP), refund("cancelled", 208))
    story.given(stopped(SECOND)).when(refunded("cancelled", 208)).shows("cancelled")


def test_what_was_refunded_by_line_is_not_refunded_again() -> None:
    story = paid.given(stopped(SECOND), line_cancelled(CUP, 3, 100), cancelled)
    story.when(stopped(FIRST)).then(release(MUG), refund("cancelled", 108))


def test_the_last_cancelled_line_cancels_the_order_and_refunds_the_delivery() -> None:
    story = paid.given(stopped(FIRST), stopped(SECOND), line_cancelled(MUG, 2, 101), line_cancelled(CUP, 3, 100))
    story.when(cancelled).then(no_timer, refund("cancelled", 7))


def test_money_that_was_just_being_taken_is_refunded_or_voided() -> None:
    story = begun.given(packed(FIRST), capturing, cancelled, stopped(FIRST), stopped(SECOND))
    story.when(captured).then(no_timer, refund("cancelled", 208))
    story.when(capture_failed).then(void)
