"""Processes without memory: what follows from one event alone."""

from datetime import timedelta
from typing import Any

import pytest

from domain.cart.commands import AbandonCart
from domain.cart.events import CartAbandoned, CartCheckedOut, CartOpened, CartReopened
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.ids import CartId, CheckoutId, CustomerId, RefundId
from domain.stock.commands import ExpireReservation
from domain.stock.events import (
    ReservationCommitted,
    ReservationExtended,
    ReservationReleased,
    StockDispatched,
    StockReserved,
)
from process_managers.cart_abandonment import CART_ABANDONMENT
from process_managers.engine.process import CancelTimer, SetTimer, TimerFired
from process_managers.gateway_calls import AuthoriseAtGateway, CaptureAtGateway, RefundAtGateway, VoidAtGateway
from process_managers.payment_collection import PAYMENT_COLLECTION
from process_managers.registry import PROCESSES
from process_managers.reservation_expiry import RESERVATION_EXPIRY
from tests.process_managers.checkout.checkout_story import bought
from tests.support.builders.sold import ANNA, ORDER, PAYMENT, WEST, euro
from tests.support.builders.strategies import MUG, NOON

LATER = NOON + timedelta(days=1)
MONTH = timedelta(days=30)
MONEY: dict[str, Any] = {"payment_id": PAYMENT, "order_id": ORDER}
UNITS: dict[str, Any] = {"sku": MUG, "warehouse": WEST, "order_id": ORDER}
CART = CartId("cart")

asked = PaymentRequested(**MONEY, customer_id=ANNA, attempt=1, amount=euro(1), method="card")
capture = CaptureRequested(**MONEY, gateway_ref="a", amount=euro(1))
void = VoidRequested(**MONEY, gateway_ref="a", reason="Expired")
refund = RefundRequested(**MONEY, refund_id=RefundId("r"), gateway_ref="a", amount=euro(1), reason="Broken")


@pytest.mark.parametrize(
    ("event", "calls"),
    [
        (asked, [AuthoriseAtGateway(asked=asked)]),
        (capture, [CaptureAtGateway(asked=capture)]),
        (void, [VoidAtGateway(asked=void)]),
        (VoidRequested(**MONEY, gateway_ref=None, reason="Expired"), []),
        (refund, [RefundAtGateway(asked=refund)]),
    ],
)
def test_what_is_asked_of_a_payment_is_asked_of_the_gateway(event: Any, calls: list[Any]) -> None:
    assert PAYMENT_COLLECTION.react(event, NOON) == calls
    assert PAYMENT_COLLECTION.instance_of(event) == PAYMENT


@pytest.mark.parametrize(
    ("event", "asks_for"),
    [
        (StockReserved(**UNITS, quantity=2, expires_at=LATER), SetTimer(name="expire", due=LATER)),
        (ReservationExtended(**UNITS, expires_at=LATER), SetTimer(name="expire", due=LATER)),
        (ReservationCommitted(**UNITS, quantity=2), CancelTimer(name="expire")),
        (ReservationReleased(**UNITS, quantity=2, reason="expired"), CancelTimer(name="expire")),
    ],
)
def test_a_reservation_has_a_timer_until_it_is_committed_or_released(event: Any, asks_for: Any) -> None:
    assert RESERVATION_EXPIRY.react(event, NOON) == [asks_for]
    assert RESERVATION_EXPIRY.instance_of(event) == "MUG@WEST/one"


def test_a_reservation_whose_time_is_over_expires() -> None:
    fired = TimerFired(process="reservation_expiry", instance="MUG@WEST/one", name="expire", due=LATER)
    assert RESERVATION_EXPIRY.react(fired, NOON) == [ExpireReservation(**UNITS, at=LATER)]
    assert RESERVATION_EXPIRY.instance_of(fired) == "MUG@WEST/one"


def test_a_committed_reservation_has_no_timer_left_to_cancel() -> None:
    assert StockDispatched not in RESERVATION_EXPIRY.handles


@pytest.mark.parametrize(
    ("event", "asks_for"),
    [
        (
            CartOpened(cart_id=CART, owner=CustomerId("anna"), currency="EUR", at=NOON),
            SetTimer(name="idle", due=NOON + MONTH),
        ),
        (
            CartReopened(cart_id=CART, checkout_id=CheckoutId("one"), reason="Expired"),
            SetTimer(name="idle", due=NOON + MONTH),
        ),
        (bought, CancelTimer(name="idle")),
        (CartAbandoned(cart_id=CART), CancelTimer(name="idle")),
    ],
)
def test_a_cart_has_a_timer_while_it_is_open(event: Any, asks_for: Any) -> None:
    assert CART_ABANDONMENT.react(event, NOON) == [asks_for]
    assert CART_ABANDONMENT.instance_of(event) == CART


def test_a_cart_is_abandoned_if_nobody_touched_it_since_the_timer_was_set() -> None:
    fired = TimerFired(process="cart_abandonment", instance="cart", name="idle", due=LATER)
    assert CART_ABANDONMENT.react(fired, NOON) == [
        AbandonCart(cart_id=CART, idle_since=LATER - MONTH),
        SetTimer(name="idle", due=LATER + MONTH),
    ]
    assert CART_ABANDONMENT.instance_of(fired) == CART


def test_every_process_has_a_name_of_its_own() -> None:
    names = [process.name for process in PROCESSES]
    assert sorted(names) == sorted(set(names))
    assert CartCheckedOut in CART_ABANDONMENT.handles
