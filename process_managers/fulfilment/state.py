"""How far an order has come. Everything here follows from its inputs, in whatever order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from immutables import Map

from domain.order.events import (
    OrderPlaced,
)
from domain.payment.events import (
    PaymentAuthorised,
)
from domain.shared.ids import RefundId, ShipmentId, Sku, Warehouse
from domain.shared.money import Money, total

CAPTURE = "capture"
CAPTURE_TRIES = 3


class Step(IntEnum):
    """How far a parcel has come."""

    EXPECTED = 0
    PLANNED = 1
    PACKED = 2
    DISPATCHED = 3
    DELIVERED = 4
    ASTRAY = 5
    CANCELLED = 6


class Funds(StrEnum):
    """Where the money for the order is."""

    NOT_NEEDED = "not needed"
    EXPECTED = "expected"
    HELD = "held"
    BEING_TAKEN = "being taken"
    TAKEN = "taken"
    GONE = "gone"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was planned, what is to be in it now, and what was not on the shelf.

    `cut` are the units of it that were cancelled. When a line lies in several parcels, each cancelled unit is cut from
    one of them. `recorded` and `arrived`: the order has taken note of the dispatch and of the delivery.
    """

    warehouse: Warehouse
    planned: Map[Sku, int]
    items: Map[Sku, int]
    missing: Map[Sku, int] = field(default_factory=Map)
    cut: Map[Sku, int] = field(default_factory=Map)
    step: Step = Step.EXPECTED
    recorded: bool = False
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """An order's parcels and its money. `troubles` are what no rule can decide, by what they are about."""

    order: OrderPlaced | None = None
    parcels: Map[ShipmentId, Parcel] = field(default_factory=Map)
    authorised: PaymentAuthorised | None = None
    captures_asked: int = 0
    captures_failed: int = 0
    captured: Money | None = None
    voided: frozenset[str | None] = frozenset()
    expired: frozenset[str] = frozenset()
    cancelled_units: Map[Sku, int] = field(default_factory=Map)
    cancelled_values: tuple[Money, ...] = ()
    refunds: Map[RefundId, Money] = field(default_factory=Map)
    moved_by_disputes: Map[str, Money] = field(default_factory=Map)
    cancelled: bool = False
    completed: bool = False
    troubles: Map[str, str] = field(default_factory=Map)

    @property
    def funds(self) -> Funds:
        if self.order is not None and self.order.payment_id is None:
            return Funds.NOT_NEEDED
        if self.captured is not None:
            return Funds.TAKEN
        if self.authorised is None:
            return Funds.EXPECTED
        if self.voided & {None, self.authorised.gateway_ref}:
            return Funds.GONE
        if self.authorised.gateway_ref in self.expired:
            return Funds.EXPIRED
        return Funds.BEING_TAKEN if self.captures_asked > self.captures_failed else Funds.HELD

    @property
    def value_cancelled(self) -> Money:
        """The value of the lines' cancelled units."""
        return self._sum(self.cancelled_values)

    @property
    def due(self) -> Money:
        """What the shopper has to pay for all that was not cancelled."""
        return self._sum([] if self.order is None else [self.order.total]) - self.value_cancelled

    @property
    def over(self) -> Money:
        """What was taken beyond that, before anything went back."""
        return self.over_if(self.due)

    def over_if(self, due: Money) -> Money:
        """What was taken beyond an amount."""
        return max(self.taken - due, self._sum([]))

    @property
    def paid(self) -> bool:
        """Whether parcels may leave."""
        return self.funds is Funds.NOT_NEEDED or self.due <= self.taken

    @property
    def refunded_by_people(self) -> Money:
        """What staff gave back, here or at the gateway."""
        return self._sum(self.refunds.values()) - self._refunded_here

    @property
    def received(self) -> Money:
        """What is left of the payment after refunds, disputes and their fees."""
        return self.taken - self._sum(self.refunds.values()) + self._sum(self.moved_by_disputes.values())

    @property
    def taken(self) -> Money:
        """What was taken, or nothing yet."""
        return self._sum([] if self.captured is None else [self.captured])

    @property
    def _refunded_here(self) -> Money:
        ours = f"{self.order.payment_id}." if self.order is not None else ""
        return self._sum(money for refund, money in self.refunds.items() if refund.startswith(ours))

    @property
    def stopped(self) -> bool:
        """Whether no parcel will leave any more."""
        return all(parcel.step is Step.CANCELLED for parcel in self.parcels.values())

    @property
    def in_limbo(self) -> int:
        """Units that will not be sent although they were not cancelled."""
        planned = sum(sum(parcel.planned.values()) for parcel in self.parcels.values())
        sent = sum(sum(p.items.values()) for p in self.parcels.values() if p.step is not Step.CANCELLED)
        return planned - sent - sum(self.cancelled_units.values())

    @property
    def settled(self) -> bool:
        """Whether every unit has arrived or was cancelled, and the money kept is the value of what has arrived."""
        if self.order is None or self.cancelled or not any(parcel.arrived for parcel in self.parcels.values()):
            return False
        if not all(parcel.arrived or parcel.step is Step.CANCELLED for parcel in self.parcels.values()):
            return False
        return self.in_limbo == 0 and self.taken - self._refunded_here == self.due

    @property
    def given_back(self) -> bool:
        """Whether goods and money of a cancelled order are where they came from."""
        back = (
            self.funds in (Funds.NOT_NEEDED, Funds.GONE, Funds.EXPIRED)
            or self._sum(self.refunds.values()) == self.captured
        )
        return self.cancelled and self.stopped and back

    def _sum(self, amounts: Iterable[Money]) -> Money:
        return total(amounts, "XXX" if self.order is None else self.order.total.currency)
