"""How many units there are. Each message holds the whole level, so that the last one of a place is enough."""

from domain.stock.events import (
    BackorderLimitSet,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockEvent,
    StockReceived,
    StockReserved,
    StockReturned,
)
from domain.stock.state import Stock
from published.message import message

MOVING = (
    StockReceived
    | StockAdjusted
    | BackorderLimitSet
    | StockReserved
    | ReservationReleased
    | StockDispatched
    | StockReturned
)


@message("stock.level_changed.v1", topic="stock", key="place")
class LevelChanged:
    """`place` is `<sku>@<warehouse>`; `available` (on hand + backorders - held) can still be promised."""

    place: str
    sku: str
    warehouse: str
    on_hand: int
    available: int


def translate(fact: StockEvent, stock: Stock) -> LevelChanged | None:
    """What a fact means to others; `stock` is how it stands after it."""
    if not isinstance(fact, MOVING):
        return None
    return LevelChanged(
        place=f"{fact.sku}@{fact.warehouse}",
        sku=fact.sku,
        warehouse=fact.warehouse,
        on_hand=stock.on_hand,
        available=stock.available,
    )
