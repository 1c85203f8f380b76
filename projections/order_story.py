"""The story of one order, from the shopper's word to the parcel at the door: a fold over facts of many streams.

The read model keeps the fold up to now. Whoever asks how an order stood at an earlier time gets the same fold over the
facts up to then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from immutables import Map

from domain.cart.events import CancellationRequested, CartCheckedOut, CartReopened
from domain.order.decider import order_decider
from domain.order.events import OrderEvent, OrderPlaced
from domain.order.state import Line, Order, OrderPhase
from domain.payment.decider import payment_decider
from domain.payment.events import PaymentActionRequired, PaymentEvent, PaymentFailed
from domain.payment.state import Payment
from domain.shared.ids import CartId, CustomerId, OrderId, ShipmentId, Sku
from domain.shared.journal import Heard
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.recorded import Recorded
from domain.shipment.decider import shipment_decider
from domain.shipment.events import ShipmentEvent
from domain.shipment.state import Shipment

CHECKOUT, FULFILMENT = "checkout", "fulfilment"

CheckoutEvent = CartCheckedOut | CancellationRequested | CartReopened | Heard
StoryEvent = CheckoutEvent | OrderEvent | PaymentEvent | ShipmentEvent


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is known under one id. Before it is placed there is a checkout and perhaps a payment, but no order."""

    order_id: OrderId
    customer_id: CustomerId | None = None
    checkout: Checkout | None = None
    placed: Placed | None = None
    order: Order = field(default_factory=Order)
    payment: Payment = field(default_factory=Payment)
    action_url: str | None = None
    payment_failure: str | None = None
    shipments: Map[ShipmentId, Shipment] = field(default_factory=Map)
    attention: Map[str, str] = field(default_factory=Map)

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


def order_of(fact: StoryEvent) -> OrderId:
    """Whose story a fact belongs to: checkout, order and payment share one id."""
    match fact:
        case CartCheckedOut() | CancellationRequested() | CartReopened():
            return OrderId(fact.checkout_id)
        case Heard():
            return OrderId(fact.instance)
        case _:
            return fact.order_id


def evolve(story: Story, recorded: Recorded[Any]) -> Story:
    """The story after one more fact."""
    fact: StoryEvent = recorded.fact
    if isinstance(fact, OrderEvent):
        return _with_order(story, fact)
    if isinstance(fact, PaymentEvent):
        return _with_payment(story, fact)
    if isinstance(fact, ShipmentEvent):
        parcel = shipment_decider.evolve(story.shipments.get(fact.shipment_id, shipment_decider.initial), fact)
        return replace(story, shipments=story.shipments.set(fact.shipment_id, parcel))
    return _with_checkout(story, fact)


def _with_checkout(story: Story, fact: CheckoutEvent) -> Story:
    match fact:
        case CartCheckedOut(cart_id=cart_id, owner=owner, total=total, at=at):
            checkout = Checkout(cart_id=cart_id, started_at=at, total=total)
            return replace(story, customer_id=owner, checkout=checkout)
        case CancellationRequested():
            return story
        case CartReopened(reason=reason):
            return replace(story, checkout=story.checkout and replace(story.checkout, rejection=reason))
        case Heard(process=process, phase=phase, attention=attention):
            needs = story.attention.set(process, attention) if attention else _without(story.attention, process)
            checkout_ = story.checkout
            if process == CHECKOUT and checkout_ is not None:
                checkout_ = replace(checkout_, phase=phase)
            return replace(story, checkout=checkout_, attention=needs)
        case _:
            assert_never(fact)


def _without(attention: Map[str, str], process: str) -> Map[str, str]:
    return attention.delete(process) if process in attention else attention


def _with_order(story: Story, fact: OrderEvent) -> Story:
    order = order_decider.evolve(story.order, fact)
    if not isinstance(fact, OrderPlaced):
        return replace(story, order=order)
    placed = Placed(
        at=fact.at,
        delivery_method=fact.delivery_method,
        delivery_price=fact.delivery_price,
        address=fact.address,
        skus=tuple(line.priced.sku for line in fact.lines),
    )
    return replace(story, order=order, customer_id=fact.customer_id, placed=placed)


def _with_payment(story: Story, fact: PaymentEvent) -> Story:
    """What the shopper has to do, or what went wrong, holds until the payment moves on."""
    url = fact.action_url if isinstance(fact, PaymentActionRequired) else None
    failure = fact.reason if isinstance(fact, PaymentFailed) else None
    payment = payment_decider.evolve(story.payment, fact)
    return replace(story, payment=payment, action_url=url, payment_failure=failure)
