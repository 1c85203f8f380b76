"""One order on its way, as the deciders and the processes would write it, to one of several ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from domain.cart import events as carts
from domain.cart.commands import Delivery, Offer
from domain.order import events as ordering
from domain.payment import events as paying
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, RefundId, ShipmentId
from domain.shared.journal import Envelope, JournalEntry, RequestedCommand
from domain.shared.money import Money, total
from domain.shared.pricing import PricedLine, UnitPrice
from domain.shared.units import Units
from domain.shipment import events as shipping
from domain.stock import events as stocking
from domain.stock.commands import ReserveStock
from tests.support.builders.shop import DELIVERY, MAIN, NAMESPACE, OPENED, Append, Shop
from tests.support.builders.sold import at_list, from_one


@dataclass(slots=True)
class Sale:
    """One order's way, step by step. Each step gives its appends."""

    id: str
    lines: tuple[PricedLine, ...]
    at: datetime = OPENED
    inputs: int = 0
    total: Money = field(init=False)

    def __post_init__(self) -> None:
        self.total = total((line.total for line in self.lines), "EUR") + DELIVERY

    @property
    def order(self) -> OrderId:
        return OrderId(self.id)

    @property
    def payment(self) -> PaymentId:
        return PaymentId(self.id)

    @property
    def parcel(self) -> ShipmentId:
        return ShipmentId(f"{self.id}.1")

    def delivered(self) -> Iterator[Append]:
        yield from self.placed()
        yield from self.shipped()

    def cancelled(self) -> Iterator[Append]:
        """Placed, then cancelled before anything left."""
        yield from self.placed()
        yield self._order(ordering.OrderCancelled(order_id=self.order, reason="changed my mind"))
        yield self.hear(
            "fulfilment", ordering.OrderCancelled(order_id=self.order, reason="changed my mind"), "cancelled"
        )
        yield from self.given_back()

    def short(self) -> Iterator[Append]:
        """Placed, then the first line could not be picked; its price goes back after the capture."""
        yield from self.placed()
        missing = self.lines[0]
        yield from self.without_first_line()
        yield from self.shipped(refund=missing.total)

    def rejected(self) -> Iterator[Append]:
        """Reserved and authorised, then given up: the cart is open again."""
        yield from self.authorised()
        yield from self.given_back()
        yield Append(
            f"cart-{self.id}",
            [carts.CartReopened(cart_id=CartId(self.id), checkout_id=CheckoutId(self.id), reason="out of time")],
        )

    def checked_out(self) -> Iterator[Append]:
        cart, owner = CartId(self.id), CustomerId("anna")
        added = [
            carts.ItemAdded(
                cart_id=cart,
                offer=Offer(
                    sku=line.sku,
                    product_id=line.product_id,
                    category_id=line.category_id,
                    title=line.title,
                    unit_price=UnitPrice(amount=line.total, base_quantity=line.quantity),
                ),
                quantity=line.quantity,
                at=self.at,
            )
            for line in self.lines
        ]
        yield Append(f"cart-{self.id}", [carts.CartOpened(cart_id=cart, owner=owner, currency="EUR", at=self.at)])
        for fact in added:
            yield Append(f"cart-{self.id}", [fact])
        bought = carts.CartCheckedOut(
            cart_id=cart,
            checkout_id=CheckoutId(self.id),
            owner=owner,
            lines=self.lines,
            delivery=Delivery(method="parcel", price=DELIVERY, warehouses=(MAIN,)),
            delivery_steps=at_list("parcel", DELIVERY),
            total=self.total,
            payment_method="card",
            at=self.at,
        )
        yield Append(f"cart-{self.id}", [bought])
        until = self.at + timedelta(minutes=15)
        asked = [
            ReserveStock(sku=line.sku, warehouse=MAIN, order_id=self.order, quantity=line.quantity, expires_at=until)
            for line in self.lines
        ]
        yield self.hear("checkout", bought, "reserving", asked=asked)

    def reserved(self) -> Iterator[Append]:
        yield from self.checked_out()
        for line in self.lines:
            held = stocking.StockReserved(
                sku=line.sku,
                warehouse=MAIN,
                order_id=self.order,
                quantity=line.quantity,
                expires_at=self.at + timedelta(minutes=15),
            )
            yield self._stock(held)
            yield self.hear("checkout", held, "reserving")

    def authorised(self) -> Iterator[Append]:
        yield from self.reserved()
        asked = paying.PaymentRequested(
            payment_id=self.payment,
            order_id=self.order,
            customer_id=CustomerId("anna"),
            attempt=1,
            amount=self.total,
            method="card",
        )
        held = paying.PaymentAuthorised(
            payment_id=self.payment,
            order_id=self.order,
            attempt=1,
            gateway_ref=f"gw-{self.id}",
            amount=self.total,
            capture_before=self.at + timedelta(days=7),
        )
        yield self._payment(asked)
        yield self._payment(held)
        yield self.hear("checkout", held, "confirming")

    def placed(self) -> Iterator[Append]:
        yield from self.authorised()
        for line in self.lines:
            yield self._stock(
                stocking.ReservationCommitted(sku=line.sku, warehouse=MAIN, order_id=self.order, quantity=line.quantity)
            )
        fact = self.order_placed()
        yield self._order(fact)
        yield self.hear("checkout", fact, "placed")
        yield self.hear("fulfilment", fact, "planning")

    def order_placed(self) -> ordering.OrderPlaced:
        return ordering.OrderPlaced(
            order_id=self.order,
            checkout_id=CheckoutId(self.id),
            cart_id=CartId(self.id),
            customer_id=CustomerId("anna"),
            lines=tuple(from_one(line, MAIN) for line in self.lines),
            delivery_method="parcel",
            delivery_price=DELIVERY,
            delivery_steps=at_list("parcel", DELIVERY),
            address=None,
            total=self.total,
            payment_id=self.payment,
            at=self.at,
        )

    def shipped(self, refund: Money | None = None) -> Iterator[Append]:
        items = tuple(Units(sku=line.sku, quantity=line.quantity) for line in self.lines)
        parcel, order = self.parcel, self.order
        yield self._parcel(shipping.ShipmentPlanned(shipment_id=parcel, order_id=order, warehouse=MAIN, items=items))
        yield self._parcel(shipping.ShipmentPicked(shipment_id=parcel, order_id=order))
        yield self._parcel(shipping.ShipmentPacked(shipment_id=parcel, order_id=order))
        yield from self.captured()
        if refund is not None:
            yield from self.refunded(refund)
        yield self._parcel(shipping.ShipmentCleared(shipment_id=parcel, order_id=order))
        left = shipping.ShipmentDispatched(
            shipment_id=parcel, order_id=order, warehouse=MAIN, items=items, carrier="DHL", tracking=self.id
        )
        yield self._parcel(left)
        yield self.hear("fulfilment", left, "dispatched")
        for line in self.lines:
            yield self._stock(
                stocking.StockDispatched(sku=line.sku, warehouse=MAIN, order_id=order, quantity=line.quantity)
            )
        yield self._order(ordering.OrderDispatched(order_id=order, shipment_id=parcel, units=items))
        yield self._parcel(shipping.ShipmentDelivered(shipment_id=parcel, order_id=order))
        yield self._order(ordering.OrderDelivered(order_id=order, shipment_id=parcel))
        yield self._order(ordering.OrderCompleted(order_id=order))
        yield self.hear("fulfilment", ordering.OrderCompleted(order_id=order), "completed")

    def captured(self) -> Iterator[Append]:
        payment, order, amount = self.payment, self.order, self.total
        yield self._payment(
            paying.CaptureRequested(payment_id=payment, order_id=order, amount=amount, gateway_ref=f"gw-{self.id}")
        )
        yield self._payment(paying.PaymentCaptured(payment_id=payment, order_id=order, amount=amount))

    def given_back(self) -> Iterator[Append]:
        for line in self.lines:
            yield self._released(line)
        payment, order = self.payment, self.order
        yield self._payment(
            paying.VoidRequested(payment_id=payment, order_id=order, gateway_ref=f"gw-{self.id}", reason="given up")
        )
        yield self._payment(paying.PaymentVoided(payment_id=payment, order_id=order))

    def without_first_line(self) -> Iterator[Append]:
        line = self.lines[0]
        yield self._order(
            ordering.OrderLineCancelled(
                order_id=self.order, sku=line.sku, quantity=line.quantity, value=line.total, reason="short pick"
            )
        )
        yield self._released(line)
        self.lines = self.lines[1:]

    def refunded(self, amount: Money) -> Iterator[Append]:
        payment, order, refund = self.payment, self.order, RefundId(f"{self.id}-1")
        yield self._payment(
            paying.RefundRequested(
                payment_id=payment,
                order_id=order,
                refund_id=refund,
                gateway_ref=f"gw-{self.id}",
                amount=amount,
                reason="short pick",
            )
        )
        yield self._payment(paying.PaymentRefunded(payment_id=payment, order_id=order, refund_id=refund, amount=amount))

    def _released(self, line: PricedLine) -> Append:
        return self._stock(
            stocking.ReservationReleased(
                sku=line.sku, warehouse=MAIN, order_id=self.order, quantity=line.quantity, reason="given up"
            )
        )

    def _stock(self, fact: Any) -> Append:
        return Append(f"stock-{fact.sku}@{MAIN}", [fact])

    def _order(self, fact: Any) -> Append:
        return Append(f"order-{self.id}", [fact])

    def _payment(self, fact: Any) -> Append:
        return Append(f"payment-{self.id}", [fact])

    def _parcel(self, fact: Any) -> Append:
        return Append(f"shipment-{self.parcel}", [fact])

    def hear(
        self, process: str, fact: Any, phase: str, attention: str | None = None, asked: Sequence[Any] = ()
    ) -> Append:
        """An entry of a process's journal."""
        self.inputs += 1
        heard = uuid5(NAMESPACE, f"{self.id}:{self.inputs}")
        entry = JournalEntry(
            process=process,
            instance=self.id,
            input_id=heard,
            input=Envelope(fact),
            input_at=self.at,
            asked=tuple(
                RequestedCommand(command_id=uuid5(heard, str(n)), command=Envelope(command))
                for n, command in enumerate(asked)
            ),
            alarms=(),
            phase=phase,
            attention=attention,
        )
        return Append(f"{process}-{self.id}", [entry])


def sale(shop: Shop, number: int, lines: int = 2) -> Sale:
    """The n-th order, of neighbouring products."""
    first = number * 7
    goods = {(first + n) % shop.products: n + 1 for n in range(lines)}
    return Sale(f"o{number:06}", tuple(shop.line(n, quantity) for n, quantity in goods.items()))
