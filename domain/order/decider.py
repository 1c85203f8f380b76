"""Never lose a unit or a cent of what was sold."""

from collections.abc import Sequence
from typing import assert_never

from domain.order.commands import (
    CancelLine,
    CancelOrder,
    CompleteOrder,
    OrderCommand,
    OrderLine,
    PlaceOrder,
    RecordDelivery,
    RecordDispatch,
)
from domain.order.errors import (
    AlreadyDispatched,
    NotOnOrder,
    OrderClosed,
    OrderIdTaken,
    OrderIncomplete,
    OrderNotFound,
    StillOpen,
    TotalDiffers,
    UnitsNotOpen,
)
from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderEvent,
    OrderLineCancelled,
    OrderPlaced,
)
from domain.order.state import Order, OrderPhase, evolve
from domain.shared.decider import Decider
from domain.shared.errors import Invalid
from domain.shared.money import total

__all__ = ["Order", "order_decider"]


def decide(order: Order, command: OrderCommand) -> Sequence[OrderEvent]:
    """Answer a command with the facts that follow from it."""
    match command:
        case PlaceOrder():
            return _place(order, command)
        case _ if order.phase is OrderPhase.NEW:
            raise OrderNotFound(f"There is no order {command.order_id}.")
        case CancelOrder(order_id=order_id, reason=reason):
            return _cancel(order, OrderCancelled(order_id=order_id, reason=reason))
        case CancelLine():
            return _cancel_line(order, command)
        case RecordDispatch():
            return _dispatch(order, command)
        case RecordDelivery(order_id=order_id, shipment_id=shipment):
            if (parcel := order.parcels.get(shipment)) is None:
                raise NotOnOrder(f"No parcel {shipment} of this order was dispatched. Dispatch it first.")
            return [] if parcel.delivered else [OrderDelivered(order_id=order_id, shipment_id=shipment)]
        case CompleteOrder(order_id=order_id):
            return _complete(order, OrderCompleted(order_id=order_id))
        case _:
            assert_never(command)


def _place(order: Order, command: PlaceOrder) -> Sequence[OrderEvent]:
    if order.phase is not OrderPhase.NEW:
        if order.checkout_id == command.checkout_id:
            return []
        raise OrderIdTaken(f"Order {command.order_id} belongs to another checkout. Start a new one.")
    priced = [line.priced for line in command.lines]
    if not priced or any(line.quantity < 1 for line in priced):
        raise OrderIncomplete("An order has lines of at least one unit each. Put something in the cart.", "lines")
    if len({line.sku for line in priced}) < len(priced):
        raise OrderIncomplete("A SKU stands on one line only. Add the quantities up.", "lines")
    for line in command.lines:
        _check_sources(line)
    due = total((line.total for line in priced), command.total.currency) + command.delivery_price
    if due != command.total:
        raise TotalDiffers(f"Lines and delivery make {due}, not {command.total}. Price the order again.", "total")
    if command.payment_id is None and due.amount > 0:
        raise OrderIncomplete(f"{due} are due. Name the payment that holds them.", "payment_id")
    return [
        OrderPlaced(
            order_id=command.order_id,
            checkout_id=command.checkout_id,
            cart_id=command.cart_id,
            customer_id=command.customer_id,
            lines=command.lines,
            delivery_method=command.delivery_method,
            delivery_price=command.delivery_price,
            delivery_steps=command.delivery_steps,
            address=command.address,
            total=command.total,
            payment_id=command.payment_id,
            at=command.at,
        )
    ]


def _check_sources(line: OrderLine) -> None:
    units = [source.quantity for source in line.sources]
    places = {source.warehouse for source in line.sources}
    sold = line.priced
    if sum(units) != sold.quantity or min(units) < 1 or len(places) < len(units):
        raise OrderIncomplete(
            f"Name each warehouse of {sold.sku} once, so that together they hold its {sold.quantity} units.", "lines"
        )


def _cancel(order: Order, cancelled: OrderCancelled) -> Sequence[OrderEvent]:
    if order.phase is OrderPhase.CANCELLED:
        return []
    if order.parcels:
        raise AlreadyDispatched("Part of the order is on its way. Ask for a return when it has arrived.")
    return [cancelled]


def _cancel_line(order: Order, command: CancelLine) -> Sequence[OrderEvent]:
    if (line := order.lines.get(command.sku)) is None:
        raise NotOnOrder(f"The order has no line for {command.sku}.", "sku")
    _refuse_if_closed(order)
    if command.quantity < 1:
        raise Invalid("Cancel at least one unit.", "quantity")
    if command.quantity > line.open:
        raise UnitsNotOpen(f"{line.open} units of {command.sku} can still be cancelled.", "quantity")
    cancelled = OrderLineCancelled(
        order_id=command.order_id,
        sku=command.sku,
        quantity=command.quantity,
        value=line.value_of_next(command.quantity),
        reason=command.reason,
    )
    if order.parcels or order.open_units > command.quantity:
        return [cancelled]
    # Nothing is left to deliver, so the shopper owes nothing for the delivery either.
    return [cancelled, OrderCancelled(order_id=command.order_id, reason=command.reason)]


def _dispatch(order: Order, command: RecordDispatch) -> Sequence[OrderEvent]:
    if command.shipment_id in order.parcels:
        return []
    _refuse_if_closed(order)
    if not command.units or len({units.sku for units in command.units}) < len(command.units):
        raise Invalid("A parcel names each of its SKUs once.", "units")
    for units in command.units:
        line = order.lines.get(units.sku)
        if line is None:
            raise NotOnOrder(f"The order has no line for {units.sku}.", "units")
        if not 1 <= units.quantity <= line.open:
            raise UnitsNotOpen(f"{line.open} units of {units.sku} can still be dispatched.", "units")
    return [OrderDispatched(order_id=command.order_id, shipment_id=command.shipment_id, units=command.units)]


def _complete(order: Order, completed: OrderCompleted) -> Sequence[OrderEvent]:
    if order.phase is OrderPhase.COMPLETED:
        return []
    _refuse_if_closed(order)
    if order.open_units or order.on_the_way:
        raise StillOpen("Wait until every unit has arrived, or cancel what is left.")
    return [completed]


def _refuse_if_closed(order: Order) -> None:
    if order.phase is not OrderPhase.PLACED:
        raise OrderClosed(f"The order is {order.phase}; nothing of it can change any more.")


order_decider = Decider(initial=Order(), decide=decide, evolve=evolve)
