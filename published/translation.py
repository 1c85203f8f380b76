"""From a fact of the log to the message that others hear, or to none."""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from domain.order.events import OrderEvent
from domain.payment.events import PaymentEvent
from domain.product.decider import product_decider
from domain.product.events import ProductEvent
from domain.shared.decider import Decider
from domain.shipment.events import ShipmentEvent
from domain.stock.decider import stock_decider
from domain.stock.events import StockEvent
from published import orders, payments, products, shipments, stock


class Whole(NamedTuple):
    """Facts whose message holds the whole state of the aggregate after them."""

    decider: Decider[Any, Any, Any]
    translate: Any


WHOLE: Mapping[type[Any], Whole] = {
    **dict.fromkeys(get_args(ProductEvent), Whole(product_decider, products.translate)),
    **dict.fromkeys(get_args(StockEvent), Whole(stock_decider, stock.translate)),
}
ALONE: Mapping[type[Any], Any] = {
    **dict.fromkeys(get_args(OrderEvent), orders.translate),
    **dict.fromkeys(get_args(PaymentEvent), payments.translate),
    **dict.fromkeys(get_args(ShipmentEvent), shipments.translate),
}
HEARD = (*WHOLE, *ALONE)
"""Everything else (carts, checkouts, journals of processes) stays in the house."""
