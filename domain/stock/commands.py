"""What can be asked of the units of one SKU in one warehouse."""

from datetime import datetime

from domain.shared.holding import Holder, HoldLimits
from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.messages import command


@command("stock.receive.v1")
class ReceiveStock:
    sku: Sku
    warehouse: Warehouse
    quantity: int


@command("stock.adjust.v1")
class AdjustStock:
    """Correct the count by `delta`, up or down (a stock take, breakage, theft)."""

    sku: Sku
    warehouse: Warehouse
    delta: int
    reason: str


@command("stock.set_backorder_limit.v1")
class SetBackorderLimit:
    """How many units may be promised beyond those on hand."""

    sku: Sku
    warehouse: Warehouse
    limit: int


@command("stock.reserve.v1")
class ReserveStock:
    """Set units aside until `expires_at`, or until `expires_if_scarce` when others compete for them.

    Without a `holder` and `limits` only the units that are there set a limit.
    """

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    expires_at: datetime
    expires_if_scarce: datetime | None = None
    holder: Holder | None = None
    limits: HoldLimits | None = None


@command("stock.extend_reservation.v1")
class ExtendReservation:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    expires_at: datetime


@command("stock.commit_reservation.v1")
class CommitReservation:
    """Keep the units for the order without a time limit."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId


@command("stock.release_reservation.v1")
class ReleaseReservation:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    reason: str


@command("stock.expire_reservation.v1")
class ExpireReservation:
    """Release the units if the reservation has expired at `at` and was neither committed nor extended."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    at: datetime


@command("stock.dispatch.v1")
class DispatchStock:
    """The order's units leave the house; `quantity` (None: all of them) may be fewer after a short pick."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int | None = None


@command("stock.return.v1")
class ReturnToStock:
    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    reason: str


StockCommand = (
    ReceiveStock
    | AdjustStock
    | SetBackorderLimit
    | ReserveStock
    | ExtendReservation
    | CommitReservation
    | ReleaseReservation
    | ExpireReservation
    | DispatchStock
    | ReturnToStock
)
