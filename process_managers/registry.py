"""Every process of the shop."""

from typing import Any

from process_managers.cart_abandonment import CART_ABANDONMENT
from process_managers.checkout.process import CHECKOUT
from process_managers.engine.process import Process, Reaction
from process_managers.fulfilment.process import FULFILMENT
from process_managers.payment_collection import PAYMENT_COLLECTION
from process_managers.reservation_expiry import RESERVATION_EXPIRY

PROCESSES: tuple[Process[Any] | Reaction, ...] = (
    CHECKOUT,
    PAYMENT_COLLECTION,
    FULFILMENT,
    RESERVATION_EXPIRY,
    CART_ABANDONMENT,
)
