"""What can happen to the units of one SKU in one warehouse."""

from datetime import datetime

from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.messages import event


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


@event("stock.reserved.v1")
class StockReserved:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    expires_at: datetime


@event("stock.reservation_declined.v1")
class ReservationDeclined:
    """`available` is what could have been promised instead."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    available: int


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
