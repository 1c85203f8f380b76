"""What can happen to the units of one SKU in one warehouse."""

from datetime import datetime
from enum import StrEnum

from domain.shared.holding import Holder
from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.messages import event


class Shortage(StrEnum):
    """What allowed no more units to be reserved."""

    STOCK = "stock"
    SHOPPER_LIMIT = "shopper limit"
    CLIENT_LIMIT = "client limit"


@event("stock.received.v1")
class StockReceived:
    sku: Sku
    warehouse: Warehouse
    quantity: int


@event("stock.adjusted.v1")
class StockAdjusted:
    sku: Sku
    warehouse: Warehouse
    delta: int
    reason: str


@event("stock.backorder_limit_set.v1")
class BackorderLimitSet:
    sku: Sku
    warehouse: Warehouse
    limit: int


@event("stock.reserved.v2")
class StockReserved:
    """`scarce`: others compete for the units, so they are held for a shorter time."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    expires_at: datetime
    holder: Holder | None = None
    scarce: bool = False


@event("stock.reservation_declined.v2")
class ReservationDeclined:
    """`available` is what could have been promised instead, and `cause` what allowed no more."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    available: int
    cause: Shortage = Shortage.STOCK


@event("stock.reservation_extended.v1")
class ReservationExtended:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    expires_at: datetime


@event("stock.reservation_committed.v1")
class ReservationCommitted:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int


@event("stock.reservation_released.v1")
class ReservationReleased:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    reason: str


@event("stock.dispatched.v1")
class StockDispatched:
    """Units left the house: on hand and reserved both fall by `quantity`."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int


@event("stock.returned.v1")
class StockReturned:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    reason: str


StockEvent = (
    StockReceived
    | StockAdjusted
    | BackorderLimitSet
    | StockReserved
    | ReservationDeclined
    | ReservationExtended
    | ReservationCommitted
    | ReservationReleased
    | StockDispatched
    | StockReturned
)
