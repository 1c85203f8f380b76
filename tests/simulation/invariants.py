"""What must be true of the shop after every single event, by arithmetic of its own."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.cart.events import CancellationRequested, CartCheckedOut, CartReopened
from domain.order.events import OrderCancelled, OrderCompleted, OrderLineCancelled, OrderPlaced
from domain.payment.events import PaymentAuthorised, PaymentCaptured, PaymentRefunded
from domain.shared.ids import CheckoutId, OrderId, PaymentId, ShipmentId, Sku
from domain.shared.journal import CommandParked, CommandResent, InputParked, JournalEntry
from domain.shared.recorded import START, Position, Recorded
from domain.shipment.events import ShipmentDelivered, ShipmentDispatched, ShipmentPlanned, ShipmentShortPicked
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
    StockReturned,
)
from infra.payments.intents import Standing


class Broken(AssertionError):
    """An invariant does not hold; `about` is the checkout it is about."""

    def __init__(self, what: str, about: str = "") -> None:
        super().__init__(what)
        self.about = about


def hold_true(true: bool, what: str, about: str = "") -> None:
    if not true:
        raise Broken(what, about)


@dataclass(slots=True)
class Shelf:
    """Units of one SKU in one warehouse. `missing` were not there when they were picked, and are still counted."""

    on_hand: int = 0
    limit: int = 0
    missing: int = 0
    reserved: dict[OrderId, int] = field(default_factory=dict)
    committed: set[OrderId] = field(default_factory=set)

    def lower(self, order: OrderId, quantity: int) -> None:
        held = self.reserved.get(order, 0)
        hold_true(0 < quantity <= held, f"{quantity} units leave a reservation of {held}", order)
        self.reserved[order] = held - quantity
        if self.reserved[order] == 0:
            del self.reserved[order]
            self.committed.discard(order)

    def check(self, order: str) -> None:
        reserved = sum(self.reserved.values())
        hold_true(0 <= reserved <= self.on_hand + self.limit, f"{reserved} of {self.on_hand} are reserved", order)


@dataclass(slots=True)
class Purse:
    """The money of one payment as the shop's log tells it."""

    authorised: int = 0
    captured: int = 0
    refunded: int = 0


@dataclass(slots=True)
class Sold:
    """An order, and what became of it."""

    placed: OrderPlaced
    cancelled: bool = False
    completed: bool = False
    value_cancelled: int = 0
    units_cancelled: dict[Sku, int] = field(default_factory=lambda: defaultdict(int))
    units_delivered: dict[Sku, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class Books:
    """Kept from the log, event by event."""

    shelves: dict[str, Shelf] = field(default_factory=lambda: defaultdict(Shelf))
    purses: dict[PaymentId, Purse] = field(default_factory=lambda: defaultdict(Purse))
    orders: dict[OrderId, Sold] = field(default_factory=dict)
    checkouts: dict[CheckoutId, CartCheckedOut] = field(default_factory=dict)
    live: dict[str, CheckoutId] = field(default_factory=dict)
    journals: dict[tuple[str, str], JournalEntry] = field(default_factory=dict)
    parked: dict[UUID, CommandParked] = field(default_factory=dict)
    seen: Position = START
    unwanted: set[CheckoutId] = field(default_factory=set)
    _planned: dict[ShipmentId, ShipmentPlanned] = field(default_factory=dict)
    _sent: dict[ShipmentId, ShipmentDispatched] = field(default_factory=dict)
    _inputs: set[tuple[str, UUID]] = field(default_factory=set)
    _commands: dict[UUID, tuple[str, int]] = field(default_factory=dict)

    def see(self, recorded: Recorded[Any], ledger: Mapping[PaymentId, Standing]) -> None:
        """Take an event in, or raise Broken."""
        fact = recorded.fact
        hold_true(recorded.position == self.seen + 1, f"The log goes on at {recorded.position} after {self.seen}")
        self.seen = recorded.position
        if isinstance(fact, JournalEntry):
            hold_true((fact.process, fact.input_id) not in self._inputs, "An input was heard twice", fact.instance)
            self._inputs.add((fact.process, fact.input_id))
            self.journals[fact.process, fact.instance] = fact
            return
        hold_true(not isinstance(fact, InputParked), f"An input could not be taken in: {fact}")
        if isinstance(fact, CommandParked):
            self.parked[fact.command_id] = fact
            return
        if isinstance(fact, CommandResent):
            del self.parked[fact.command_id]
            return
        self._once(recorded)
        if recorded.stream.startswith("stock-"):
            self._stock(self.shelves[recorded.stream], fact)
        else:
            self._trade(fact, ledger)

    def _once(self, recorded: Recorded[Any]) -> None:
        command, place = recorded.metadata.command_id, (recorded.stream, recorded.revision)
        stream, revision = self._commands.get(command, (recorded.stream, recorded.revision - 1))
        hold_true((stream, revision + 1) == place, f"A command was carried out twice: {recorded.fact}")
        self._commands[command] = place

    def _stock(self, shelf: Shelf, fact: Any) -> None:
        match fact:
            case StockReceived(quantity=n) | StockReturned(quantity=n):
                shelf.on_hand += n
            case StockAdjusted(delta=n):
                shelf.on_hand += n
                shelf.missing += n
            case BackorderLimitSet(limit=n):
                shelf.limit = n
            case StockReserved(order_id=order, quantity=n):
                hold_true(order not in shelf.reserved, f"{fact.sku} is reserved twice", order)
                shelf.reserved[order] = n
            case ReservationCommitted(order_id=order):
                shelf.committed.add(order)
            case ReservationReleased(order_id=order, quantity=n):
                shelf.lower(order, n)
            case StockDispatched(order_id=order, quantity=n):
                shelf.lower(order, n)
                shelf.on_hand -= n
        shelf.check(getattr(fact, "order_id", ""))

    def _trade(self, fact: Any, ledger: Mapping[PaymentId, Standing]) -> None:
        match fact:
            case CartCheckedOut():
                hold_true(fact.cart_id not in self.live, "A cart has two live checkouts", fact.checkout_id)
                self.live[fact.cart_id] = fact.checkout_id
                self.checkouts[fact.checkout_id] = fact
            case CartReopened(cart_id=cart):
                del self.live[cart]
            case OrderPlaced():
                self._placed(fact, ledger)
            case OrderCancelled(order_id=order):
                self.orders[order].cancelled = True
            case OrderCompleted(order_id=order):
                self.orders[order].completed = True
            case OrderLineCancelled(order_id=order, sku=sku, quantity=n, value=value):
                self.orders[order].units_cancelled[sku] += n
                self.orders[order].value_cancelled += value.amount
            case CancellationRequested(checkout_id=checkout):
                self.unwanted.add(checkout)
            case ShipmentPlanned(shipment_id=shipment):
                self._planned[shipment] = fact
            case ShipmentShortPicked(shipment_id=shipment):
                for item in fact.missing:
                    self.shelves[f"stock-{item.sku}@{self._planned[shipment].warehouse}"].missing += item.quantity
            case ShipmentDispatched(shipment_id=shipment):
                self._sent[shipment] = fact
            case ShipmentDelivered(shipment_id=shipment, order_id=order):
                for item in self._sent[shipment].items:
                    self.orders[order].units_delivered[item.sku] += item.quantity
            case PaymentAuthorised() | PaymentCaptured() | PaymentRefunded():
                self._money(fact, self.purses[fact.payment_id])

    def _placed(self, fact: OrderPlaced, ledger: Mapping[PaymentId, Standing]) -> None:
        order, checkout = fact.order_id, fact.checkout_id
        hold_true(checkout in self.checkouts, "An order has no checkout", order)
        hold_true(order not in self.orders, "A checkout makes two orders", order)
        hold_true(self.live.get(fact.cart_id) == checkout, "An order is placed though the cart is open again", order)
        for line in fact.lines:
            for source in line.sources:
                shelf = self.shelves[f"stock-{line.priced.sku}@{source.warehouse}"]
                kept = order in shelf.committed and shelf.reserved.get(order) == source.quantity
                hold_true(kept, f"{line.priced.sku} is sold but not held", order)
            units = sum(source.quantity for source in line.sources)
            hold_true(units == line.priced.quantity, f"{units} of {line.priced.sku} are held", order)
        money = ledger.get(fact.payment_id, Standing()) if fact.payment_id else Standing()
        covered = money.held + money.captured >= fact.total.amount
        hold_true(covered, f"{fact.total} are due, the gateway has {money}", order)
        self.orders[order] = Sold(fact)

    def _money(self, fact: Any, purse: Purse) -> None:
        match fact:
            case PaymentAuthorised(amount=amount):
                purse.authorised = amount.amount
            case PaymentCaptured(amount=amount):
                purse.captured += amount.amount
            case PaymentRefunded(amount=amount):
                purse.refunded += amount.amount
        hold_true(0 <= purse.captured <= purse.authorised, f"{purse}", fact.payment_id)
        hold_true(0 <= purse.refunded <= purse.captured, f"{purse}", fact.payment_id)
