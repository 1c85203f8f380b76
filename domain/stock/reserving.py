"""Reserving units: for how long, how many for one shopper, and what gives way to a shopper's newer order."""

from collections.abc import Sequence
from datetime import datetime

from domain.shared import require
from domain.shared.ids import OrderId
from domain.stock.commands import ReserveStock
from domain.stock.errors import ReservedOtherwise
from domain.stock.events import ReservationDeclined, ReservationReleased, Shortage, StockReserved
from domain.stock.state import Stock, evolve

MOST_UNITS = 10**9
TAKEN_OVER = "taken over by a newer checkout of the same shopper"
"""Why a reservation ends whose units the same shopper wants in another order."""

FEW_LEFT = 4
"""Units are scarce when less than one in so many of those that can be promised is left."""

ReservingEvent = StockReserved | ReservationDeclined | ReservationReleased


def reserve(stock: Stock, command: ReserveStock) -> Sequence[ReservingEvent]:
    """All units or none. The shopper's own unpaid reservations give way, oldest first, if that helps."""
    sku, order, units = command.sku, command.order_id, command.quantity
    require.whole(units, "quantity", 1, MOST_UNITS)
    if (held := stock.reservations.get(order)) is not None:
        if held.committed or held.quantity == units:
            return []
        raise ReservedOtherwise(
            f"Order {order} holds {held.quantity} of {sku}. Cancel that checkout before you reserve another number.",
            "quantity",
        )
    after, given_up = stock, list[ReservingEvent]()
    for own in _own(stock, command):
        if units <= _room(after, command)[0]:
            break
        released = ReservationReleased(
            sku=sku,
            warehouse=command.warehouse,
            order_id=own,
            quantity=after.reservations[own].quantity,
            reason=TAKEN_OVER,
        )
        given_up.append(released)
        after = evolve(after, released)
    room, cause = _room(after, command)
    if units > room:
        return [_declined(command, room, cause)]
    return [*given_up, _reserved(command, scarce=_is_scarce(after, command))]


def _own(stock: Stock, command: ReserveStock) -> Sequence[OrderId]:
    """The orders of the same shopper that hold units unpaid, the one that ends first at the front."""
    if command.holder is None:
        return []
    return sorted(
        stock.unpaid_orders(command.holder.shopper),
        key=lambda order: (stock.reservations[order].expires_at, order),
    )


def _room(stock: Stock, command: ReserveStock) -> tuple[int, Shortage]:
    """How many units the command could have, and what allows no more."""
    rooms = [(stock.available, Shortage.STOCK)]
    holder, limits = command.holder, command.limits
    if holder is not None and limits is not None:
        promisable = stock.promisable
        mine = stock.unpaid_units(stock.unpaid_orders(holder.shopper))
        rooms.append((limits.of_shopper(promisable) - mine, Shortage.SHOPPER_LIMIT))
        if holder.client is not None:
            theirs = stock.unpaid_units(stock.unpaid_orders_from(holder.client))
            rooms.append((limits.of_client(promisable) - theirs, Shortage.CLIENT_LIMIT))
    room, cause = min(rooms, key=lambda it: it[0])
    return max(0, room), cause


def _is_scarce(stock: Stock, command: ReserveStock) -> bool:
    """Whether others compete for the units, so that they are held for a shorter time."""
    left = stock.available - command.quantity
    contended = stock.reserved > stock.committed and left * FEW_LEFT < stock.promisable
    return command.expires_if_scarce is not None and (stock.turned_away or contended)


def _reserved(command: ReserveStock, *, scarce: bool) -> StockReserved:
    until: datetime = command.expires_at
    if scarce and command.expires_if_scarce is not None:
        until = min(until, command.expires_if_scarce)
    return StockReserved(
        sku=command.sku,
        warehouse=command.warehouse,
        order_id=command.order_id,
        quantity=command.quantity,
        expires_at=until,
        holder=command.holder,
        scarce=scarce,
    )


def _declined(command: ReserveStock, room: int, cause: Shortage) -> ReservationDeclined:
    return ReservationDeclined(
        sku=command.sku,
        warehouse=command.warehouse,
        order_id=command.order_id,
        quantity=command.quantity,
        available=room,
        cause=cause,
    )
