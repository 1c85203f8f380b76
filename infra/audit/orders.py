"""Proofs about orders and the money that belongs to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from immutables import Map

from domain.cart.events import CartCheckedOut
from domain.order.decider import Order, order_decider
from domain.order.events import OrderEvent, OrderPlaced
from domain.order.state import OrderPhase
from domain.payment.decider import Payment, payment_decider
from domain.payment.events import PaymentEvent
from domain.payment.state import PaymentPhase
from domain.shared.ids import OrderId
from domain.shared.money import Money, total
from domain.shared.pricing import PricedLine, PriceStep, add_up
from domain.shared.recorded import Recorded
from domain.shipment.events import ShipmentEvent
from infra.audit.cases import Cases
from infra.audit.verdict import Check

HELD = (PaymentPhase.AUTHORISED, PaymentPhase.CAPTURING, PaymentPhase.VOIDING)
PAID = (PaymentPhase.AUTHORISED, PaymentPhase.CAPTURING, PaymentPhase.CAPTURED)
CLOSED = (OrderPhase.CANCELLED, OrderPhase.COMPLETED)


@dataclass(slots=True)
class OrderAudit:
    """Orders and payments as their deciders fold them; of closed orders only phase and amounts are kept."""

    cases: Cases
    prices: Check = field(default_factory=lambda: Check("steps make lines and deliveries, and these make totals"))
    once: Check = field(default_factory=lambda: Check("a checkout makes one order at most"))
    paid: Check = field(default_factory=lambda: Check("an order is placed on held money, or costs nothing"))
    complete: Check = field(default_factory=lambda: Check("a completed order has no unit left to send"))
    wanted: Check = field(default_factory=lambda: Check("no money is held or kept without an order"))
    settled: Check = field(default_factory=lambda: Check("of a closed order we keep what was delivered, to the cent"))
    told: Check = field(default_factory=lambda: Check("the facts of orders and payments follow from each other"))
    _orders: dict[str, Order] = field(default_factory=dict)
    _payments: dict[str, Payment] = field(default_factory=dict)

    @property
    def checks(self) -> list[Check]:
        return [
            self.prices,
            self.once,
            self.paid,
            self.complete,
            self.wanted,
            self.settled,
            self.told,
        ]

    @property
    def handlers(self) -> Mapping[type[Any], Any]:
        return {
            CartCheckedOut: self._checked_out,
            **dict.fromkeys(get_args(OrderEvent), self._order),
            **dict.fromkeys(get_args(PaymentEvent), self._payment),
            **dict.fromkeys(get_args(ShipmentEvent), self._parcel),
        }

    def closed(self) -> set[str]:
        """Cases for which nothing may be held: checkouts that came to nothing, and orders at their end."""
        ended = {it for it, order in self._orders.items() if order.phase in CLOSED}
        return ended | {it for it in self.cases.reopened if it not in self._orders}

    def close(self) -> None:
        """Judge what is left at the end of the log."""
        for it, order in self._orders.items():
            if order.phase in CLOSED:
                self.settled.looked_at += 1
                with self.settled.finding(f"Order {it}"):
                    self._prove_settled(it, order)
        for it, payment in self._payments.items():
            self.wanted.looked_at += 1
            with self.wanted.finding(f"Payment {it}"):
                if (money := self._unwanted(it, payment)) and self.cases.at_rest(it, self.wanted):
                    self.wanted.fail(f"Payment {it}: {money}, and no order for it.")

    def _prove_settled(self, it: str, order: Order) -> None:
        kept = _kept(self._payments.get(it), order.total.currency)
        if kept != order.owed and self.cases.at_rest(it, self.settled):
            self.settled.fail(f"Order {it} is {order.phase}: {order.owed} are owed, {kept} were kept.")

    def _unwanted(self, it: str, payment: Payment) -> str | None:
        strays = [ref for ref, gone in payment.strays.items() if not gone]
        if strays:
            return f"hold {strays[0]} did not go back"
        order = self._orders.get(it)
        if (order is not None and order.phase is not OrderPhase.CANCELLED) or self._may_become_order(it, order):
            return None
        if payment.phase in HELD:
            return f"{payment.authorised} are held"
        kept = _kept(payment, payment.asked.currency)
        return f"{kept} were kept" if kept.amount else None

    def _may_become_order(self, it: str, order: Order | None) -> bool:
        return order is None and self.cases.under_way(it)

    def _checked_out(self, recorded: Recorded[CartCheckedOut]) -> None:
        fact = recorded.fact
        self._prove_prices(recorded, fact.lines, fact.delivery.price, fact.delivery_steps, fact.total)

    def _order(self, recorded: Recorded[Any]) -> None:
        fact = recorded.fact
        self.cases.see(fact.order_id, recorded)
        before = self._orders.get(fact.order_id)
        if isinstance(fact, OrderPlaced):
            self._prove_placed(recorded, before)
        order = self._folded(order_decider.evolve, before or order_decider.initial, recorded)
        if order.phase in CLOSED and order.lines:
            self._prove_complete(order, recorded)
            order = replace(order, lines=Map(), parcels=Map())
        self._orders[fact.order_id] = order

    def _payment(self, recorded: Recorded[Any]) -> None:
        fact = recorded.fact
        self.cases.see(fact.order_id, recorded)
        before = self._payments.get(fact.payment_id, payment_decider.initial)
        self._payments[fact.payment_id] = self._folded(payment_decider.evolve, before, recorded)

    def _parcel(self, recorded: Recorded[Any]) -> None:
        self.cases.see(recorded.fact.order_id, recorded)

    def _folded(self, evolve: Any, state: Any, recorded: Recorded[Any]) -> Any:
        self.told.looked_at += 1
        try:
            return evolve(state, recorded.fact)
        except Exception as error:
            self.told.fail(f"{_place(recorded)}: {type(error).__name__} {error}")
            return state

    def _prove_placed(self, recorded: Recorded[OrderPlaced], before: Order | None) -> None:
        fact = recorded.fact
        lines = [line.priced for line in fact.lines]
        self._prove_prices(recorded, lines, fact.delivery_price, fact.delivery_steps, fact.total)
        self.once.looked_at += 1
        if before is not None or fact.order_id != OrderId(fact.checkout_id):
            self.once.fail(f"{_place(recorded)}: checkout {fact.checkout_id}")
        self.paid.looked_at += 1
        payment = self._payments.get(fact.order_id, payment_decider.initial)
        held = payment.authorised if payment.phase in PAID else Money(0, fact.total.currency)
        if held != fact.total:
            self.paid.fail(f"{_place(recorded)}: {fact.total} are due, {held} are held.")

    def _prove_prices(
        self,
        recorded: Recorded[Any],
        lines: Iterable[PricedLine],
        delivery: Money,
        delivery_steps: tuple[PriceStep, ...],
        due: Money,
    ) -> None:
        self.prices.looked_at += 1
        with self.prices.finding(_place(recorded)):
            for line in lines:
                if add_up(line.steps, due.currency) != line.total:
                    self.prices.fail(f"{_place(recorded)}: the steps of {line.sku} do not make {line.total}.")
            if add_up(delivery_steps, due.currency) != delivery:
                self.prices.fail(f"{_place(recorded)}: the steps of the delivery do not make {delivery}.")
            if total((line.total for line in lines), due.currency) + delivery != due:
                self.prices.fail(f"{_place(recorded)}: lines and delivery do not make {due}.")

    def _prove_complete(self, order: Order, recorded: Recorded[Any]) -> None:
        self.complete.looked_at += 1
        if order.phase is OrderPhase.COMPLETED and (order.open_units or order.on_the_way):
            self.complete.fail(f"{_place(recorded)}: {order.open_units} units are open.")


def _kept(payment: Payment | None, currency: str) -> Money:
    return Money(0, currency) if payment is None else payment.captured - payment.refunded


def _place(recorded: Recorded[Any]) -> str:
    return f"{recorded.stream} at revision {recorded.revision}"
