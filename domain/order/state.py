"""What is known of an order."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from immutables import Map

from domain.order.commands import OrderLine
from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderEvent,
    OrderLineCancelled,
    OrderPlaced,
)
from domain.shared.frozen import replace
from domain.shared.ids import CheckoutId, CustomerId, PaymentId, ShipmentId, Sku
from domain.shared.money import Money
from domain.shared.units import Units

NO_MONEY = Money(0, "XXX")


class OrderPhase(StrEnum):
    """Where an order is on its one way."""

    NEW = "new"
    PLACED = "placed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as sold, and what became of its units."""

    sold: OrderLine
    dispatched: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        return self.sold.priced.quantity - self.dispatched - self.cancelled

    def value_of_next(self, units: int) -> Money:
        """The price of the next units to be cancelled: rounded so that all units together make the line's total."""
        return self._value(self.cancelled + units) - self._value(self.cancelled)

    def _value(self, units: int) -> Money:
        return self.sold.priced.total.times(units, per=self.sold.priced.quantity)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Units that left the house together."""

    units: tuple[Units, ...]
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What was sold to whom, how much of it is on its way, and what the shopper owes for it."""

    phase: OrderPhase = OrderPhase.NEW
    checkout_id: CheckoutId | None = None
    customer_id: CustomerId | None = None
    payment_id: PaymentId | None = None
    total: Money = NO_MONEY
    owed: Money = NO_MONEY
    lines: Map[Sku, Line] = field(default_factory=Map)
    parcels: Map[ShipmentId, Parcel] = field(default_factory=Map)

    @property
    def open_units(self) -> int:
        """Units that are neither dispatched nor cancelled."""
        return sum(line.open for line in self.lines.values())

    @property
    def on_the_way(self) -> bool:
        return any(not parcel.delivered for parcel in self.parcels.values())


def evolve(order: Order, event: OrderEvent) -> Order:
    """Take a fact into the state."""
    match event:
        case OrderPlaced():
            return Order(
                phase=OrderPhase.PLACED,
                checkout_id=event.checkout_id,
                customer_id=event.customer_id,
                payment_id=event.payment_id,
                total=event.total,
                owed=event.total,
                lines=Map({line.priced.sku: Line(line) for line in event.lines}),
            )
        case OrderCancelled():
            return replace(order, phase=OrderPhase.CANCELLED, owed=Money(0, order.total.currency))
        case OrderLineCancelled(sku=sku, quantity=quantity, value=value):
            line = order.lines[sku]
            lines = order.lines.set(sku, replace(line, cancelled=line.cancelled + quantity))
            return replace(order, lines=lines, owed=order.owed - value)
        case OrderDispatched(shipment_id=shipment, units=units):
            lines = order.lines
            for item in units:
                line = lines[item.sku]
                lines = lines.set(item.sku, replace(line, dispatched=line.dispatched + item.quantity))
            return replace(order, lines=lines, parcels=order.parcels.set(shipment, Parcel(units)))
        case OrderDelivered(shipment_id=shipment):
            arrived = replace(order.parcels[shipment], delivered=True)
            return replace(order, parcels=order.parcels.set(shipment, arrived))
        case OrderCompleted():
            return replace(order, phase=OrderPhase.COMPLETED)
        case _:
            assert_never(event)
