"""Release reserved units when the time limit of their checkout has passed.

StockReserved, ReservationExtended            -> timer when the reservation ends
ReservationCommitted, ReservationReleased     -> no timer any more
TimerFired                                    -> ExpireReservation, which changes nothing if the stock knows better
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never, get_args

from domain.shared.ids import OrderId, Sku, Warehouse
from domain.stock.commands import ExpireReservation
from domain.stock.events import ReservationCommitted, ReservationExtended, ReservationReleased, StockReserved
from process_managers.engine.process import CancelTimer, Reaction, Request, SetTimer, TimerFired

EXPIRE = "expire"

ExpiryInput = StockReserved | ReservationExtended | ReservationCommitted | ReservationReleased | TimerFired


def instance_of(message: ExpiryInput) -> str:
    """One reservation: neither SKUs nor warehouses have an @ or a slash in them."""
    return (
        message.instance if isinstance(message, TimerFired) else f"{message.sku}@{message.warehouse}/{message.order_id}"
    )


def react(message: ExpiryInput, _: datetime) -> Sequence[Request]:
    """What follows from an input."""
    match message:
        case StockReserved(expires_at=expires_at) | ReservationExtended(expires_at=expires_at):
            return [SetTimer(name=EXPIRE, due=expires_at)]
        case ReservationCommitted() | ReservationReleased():
            return [CancelTimer(name=EXPIRE)]
        case TimerFired(instance=instance, due=due):
            units, order = instance.split("/", 1)
            sku, warehouse = units.split("@")
            return [ExpireReservation(sku=Sku(sku), warehouse=Warehouse(warehouse), order_id=OrderId(order), at=due)]
        case _:
            assert_never(message)


RESERVATION_EXPIRY = Reaction(
    name="reservation_expiry",
    handles=get_args(ExpiryInput),
    instance_of=instance_of,
    react=react,
)
