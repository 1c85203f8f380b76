"""Short words for what happens to stock."""

from datetime import datetime, timedelta

from domain.shared.ids import OrderId
from domain.stock.commands import (
    AdjustStock,
    CommitReservation,
    DispatchStock,
    ExpireReservation,
    ExtendReservation,
    ReceiveStock,
    ReleaseReservation,
    ReserveStock,
    ReturnToStock,
    SetBackorderLimit,
)
from domain.stock.decider import stock_decider
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationDeclined,
    ReservationExtended,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
)
from tests.support.builders.strategies import MAIN, MUG, NOON
from tests.support.harness.spec import Spec

given = Spec(stock_decider).given
ANNA, BEN = OrderId("anna"), OrderId("ben")
ONE, TWO = NOON + timedelta(hours=1), NOON + timedelta(hours=2)


def receive(units: int) -> ReceiveStock:
    return ReceiveStock(sku=MUG, warehouse=MAIN, quantity=units)


def adjust(delta: int, reason: str = "count") -> AdjustStock:
    return AdjustStock(sku=MUG, warehouse=MAIN, delta=delta, reason=reason)


def allow(limit: int) -> SetBackorderLimit:
    return SetBackorderLimit(sku=MUG, warehouse=MAIN, limit=limit)


def reserve(order: OrderId, units: int, until: datetime = ONE) -> ReserveStock:
    return ReserveStock(sku=MUG, warehouse=MAIN, order_id=order, quantity=units, expires_at=until)


def extend(order: OrderId, until: datetime) -> ExtendReservation:
    return ExtendReservation(sku=MUG, warehouse=MAIN, order_id=order, expires_at=until)


def commit(order: OrderId) -> CommitReservation:
    return CommitReservation(sku=MUG, warehouse=MAIN, order_id=order)


def release(order: OrderId, reason: str = "cancelled") -> ReleaseReservation:
    return ReleaseReservation(sku=MUG, warehouse=MAIN, order_id=order, reason=reason)


def expire(order: OrderId, at: datetime) -> ExpireReservation:
    return ExpireReservation(sku=MUG, warehouse=MAIN, order_id=order, at=at)


def dispatch(order: OrderId, units: int | None = None) -> DispatchStock:
    return DispatchStock(sku=MUG, warehouse=MAIN, order_id=order, quantity=units)


def take_back(units: int, reason: str = "returned") -> ReturnToStock:
    return ReturnToStock(sku=MUG, warehouse=MAIN, order_id=ANNA, quantity=units, reason=reason)


def received(units: int) -> StockReceived:
    return StockReceived(sku=MUG, warehouse=MAIN, quantity=units)


def adjusted(delta: int) -> StockAdjusted:
    return StockAdjusted(sku=MUG, warehouse=MAIN, delta=delta, reason="count")


def allowed(limit: int) -> BackorderLimitSet:
    return BackorderLimitSet(sku=MUG, warehouse=MAIN, limit=limit)


def reserved(order: OrderId, units: int, until: datetime = ONE) -> StockReserved:
    return StockReserved(sku=MUG, warehouse=MAIN, order_id=order, quantity=units, expires_at=until)


def declined(order: OrderId, units: int, available: int) -> ReservationDeclined:
    return ReservationDeclined(sku=MUG, warehouse=MAIN, order_id=order, quantity=units, available=available)


def extended(order: OrderId, until: datetime) -> ReservationExtended:
    return ReservationExtended(sku=MUG, warehouse=MAIN, order_id=order, expires_at=until)


def committed(order: OrderId, units: int) -> ReservationCommitted:
    return ReservationCommitted(sku=MUG, warehouse=MAIN, order_id=order, quantity=units)


def released(order: OrderId, units: int, reason: str = "cancelled") -> ReservationReleased:
    return ReservationReleased(sku=MUG, warehouse=MAIN, order_id=order, quantity=units, reason=reason)


def dispatched(order: OrderId, units: int) -> StockDispatched:
    return StockDispatched(sku=MUG, warehouse=MAIN, order_id=order, quantity=units)
