"""The story of one order, from the shopper's word to the parcel at the door: a fold over facts of many streams.

The read model keeps the fold up to now. Whoever asks how an order stood at an earlier time gets the same fold over the
facts up to then.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, get_args

from immutables import Map

from domain.cart.events import CancellationRequested, CartCheckedOut, CartReopened
from domain.customer.events import OrdersClaimed
from domain.order.decider import order_decider
from domain.order.events import OrderEvent, OrderPlaced
from domain.order.state import Line, Order, OrderPhase
from domain.payment.decider import payment_decider
from domain.payment.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentEvent,
    PaymentFailed,
    PaymentRequested,
)
from domain.payment.state import Payment
from domain.shared.frozen import replace
from domain.shared.ids import CartId, CustomerId, OrderId, ShipmentId, Sku
from domain.shared.journal import JournalEntry
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import PriceStep
from domain.shared.recorded import EventView
from domain.shipment.decider import shipment_decider
from domain.shipment.events import ShipmentEvent
from domain.shipment.state import Shipment

CHECKOUT, FULFILMENT = "checkout", "fulfilment"

CheckoutEvent = CartCheckedOut | CancellationRequested | CartReopened | JournalEntry
StoryEvent = CheckoutEvent | OrderEvent | PaymentEvent | ShipmentEvent | OrdersClaimed


class Status(StrEnum):
    """How far an order is, in the words of its buyer."""

    PLACED = "placed"
    PARTLY_DISPATCHED = "partly dispatched"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What the shopper agreed to, and how far the checkout is; `rejection` is why the cart was opened again."""

    cart_id: CartId
    started_at: datetime
    total: Money
    phase: str = "started"
    rejection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What the order says of itself for ever; `skus` are its lines in the order of the cart."""

    at: datetime
    delivery_method: str
    delivery_price: Money
    address: Sealed | None
    skus: tuple[Sku, ...]
    delivery_steps: tuple[PriceStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """All that is known under one id. Before it is placed there is a checkout and perhaps a payment, but no order."""

    order_id: OrderId
    customer_id: CustomerId | None = None
    checkout: Checkout | None = None
    claimed_by: CustomerId | None = None
    contact: Sealed | None = None
    placed: Placed | None = None
    order: Order = field(default_factory=Order)
    payment: Payment = field(default_factory=Payment)
    action_url: str | None = None
    payment_failure: str | None = None
    shipments: Map[ShipmentId, Shipment] = field(default_factory=Map)
    attention: Map[str, str] = field(default_factory=Map)
    revisions: Map[str, int] = field(default_factory=Map)
    """Of the streams of the order, its payment and its parcels, by stream."""

    @property
    def owner(self) -> CustomerId | None:
        """Whose list the order is in: the account that claimed it, else who placed it."""
        return self.claimed_by or self.customer_id

    @property
    def customers(self) -> Sequence[CustomerId]:
        """Who may see it as its customer: a guest does so after an account has claimed it, too."""
        return [it for it in (self.customer_id, self.claimed_by) if it is not None]

    @property
    def is_decided(self) -> bool:
        """Whether the checkout has become an order, or the cart is open again."""
        return self.placed is not None or (self.checkout is not None and self.checkout.rejection is not None)

    @property
    def status(self) -> Status | None:
        """None while there is no order."""
        match self.order:
            case Order(phase=OrderPhase.NEW):
                return None
            case Order(phase=OrderPhase.COMPLETED | OrderPhase.CANCELLED as phase):
                return Status(phase.value)
            case Order(parcels=parcels) if not parcels:
                return Status.PLACED
            case Order(open_units=0, on_the_way=on_the_way):
                return Status.DISPATCHED if on_the_way else Status.DELIVERED
        return Status.PARTLY_DISPATCHED

    def lines(self) -> Iterator[Line]:
        """What was sold, in the order of the cart."""
        yield from (self.order.lines[sku] for sku in (self.placed.skus if self.placed else ()))


def orders_of(fact: StoryEvent) -> Sequence[OrderId]:
    """Whose stories a fact belongs to: checkout, order and payment share one id."""
    return fact.orders if isinstance(fact, OrdersClaimed) else (_ORDER_OF[type(fact)](fact),)


def evolve(view: OrderView, recorded: EventView[Any]) -> OrderView:
    """The story after one more fact."""
    return told(view, [recorded])


def told(view: OrderView, facts: Iterable[EventView[Any]]) -> OrderView:
    """The story after more facts, in their order. Its parts change one by one, and are put together at the end.

    The last phase of a checkout is all that is left of the entries of its journal, which are a quarter of a log.
    """
    changed: dict[str, Any] = {}
    revisions = dict[str, int]()
    for recorded in facts:
        kind = type(recorded.fact)
        _TAKE_IN[kind](view, changed, recorded.fact)
        if kind in _REVISED:
            revisions[recorded.stream] = recorded.revision
    if revisions:
        changed["revisions"] = view.revisions.update(revisions)
    phase: str | None = changed.pop("phase", None)
    if phase is not None and (checkout := changed.get("checkout", view.checkout)):
        changed["checkout"] = replace(checkout, phase=phase)
    return replace(view, **changed) if changed else view


def _checked_out(_story: OrderView, changed: dict[str, Any], fact: CartCheckedOut) -> None:
    changed.pop("phase", None)
    changed["customer_id"] = fact.owner
    changed["contact"] = fact.contact
    changed["checkout"] = Checkout(cart_id=fact.cart_id, started_at=fact.at, total=fact.total)


def _cancellation_requested(_story: OrderView, _changed: dict[str, Any], _fact: CancellationRequested) -> None:
    """Tells nothing before the checkout has ended."""


def _reopened(view: OrderView, changed: dict[str, Any], fact: CartReopened) -> None:
    if checkout := changed.get("checkout", view.checkout):
        changed["checkout"] = replace(checkout, rejection=fact.reason)


def _claimed(_story: OrderView, changed: dict[str, Any], fact: OrdersClaimed) -> None:
    changed["claimed_by"] = fact.subject


def _heard(view: OrderView, changed: dict[str, Any], fact: JournalEntry) -> None:
    attention: Map[str, str] = changed.get("attention", view.attention)
    if fact.attention:
        changed["attention"] = attention.set(fact.process, fact.attention)
    elif fact.process in attention:
        changed["attention"] = attention.delete(fact.process)
    if fact.process == CHECKOUT:
        changed["phase"] = fact.phase


def _ordered(view: OrderView, changed: dict[str, Any], fact: OrderEvent) -> None:
    changed["order"] = order_decider.evolve(changed.get("order", view.order), fact)
    if isinstance(fact, OrderPlaced):
        changed["customer_id"] = fact.customer_id
        changed["placed"] = Placed(
            at=fact.at,
            delivery_method=fact.delivery_method,
            delivery_price=fact.delivery_price,
            address=fact.address,
            skus=tuple(line.priced.sku for line in fact.lines),
            delivery_steps=fact.delivery_steps,
        )


def _paid(view: OrderView, changed: dict[str, Any], fact: PaymentEvent) -> None:
    """What the shopper has to do holds until the payment moves on; what went wrong, until they try again."""
    changed["payment"] = payment_decider.evolve(changed.get("payment", view.payment), fact)
    changed["action_url"] = fact.action_url if isinstance(fact, PaymentActionRequired) else None
    if isinstance(fact, PaymentFailed):
        changed["payment_failure"] = fact.reason
    elif isinstance(fact, PaymentRequested | PaymentAuthorised):
        changed["payment_failure"] = None


def _shipped(view: OrderView, changed: dict[str, Any], fact: ShipmentEvent) -> None:
    shipments: Map[ShipmentId, Shipment] = changed.get("shipments", view.shipments)
    parcel = shipment_decider.evolve(shipments.get(fact.shipment_id, shipment_decider.initial), fact)
    changed["shipments"] = shipments.set(fact.shipment_id, parcel)


_ORDER_OF: Mapping[type[Any], Callable[[Any], OrderId]] = {
    **dict.fromkeys(get_args(StoryEvent), attrgetter("order_id")),
    **dict.fromkeys((CartCheckedOut, CancellationRequested, CartReopened), attrgetter("checkout_id")),
    JournalEntry: attrgetter("instance"),
}

_TAKE_IN: Mapping[type[Any], Callable[[OrderView, dict[str, Any], Any], None]] = {
    CartCheckedOut: _checked_out,
    CancellationRequested: _cancellation_requested,
    CartReopened: _reopened,
    OrdersClaimed: _claimed,
    JournalEntry: _heard,
    **dict.fromkeys(get_args(OrderEvent), _ordered),
    **dict.fromkeys(get_args(PaymentEvent), _paid),
    **dict.fromkeys(get_args(ShipmentEvent), _shipped),
}

_REVISED = frozenset((*get_args(OrderEvent), *get_args(PaymentEvent), *get_args(ShipmentEvent)))
