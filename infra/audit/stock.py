"""Proofs about stock, by sums of its own: a mistake in the stock's rules shows here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.order.events import OrderDispatched
from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.recorded import Recorded
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationExtended,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
    StockReturned,
)
from infra.audit.cases import Cases
from infra.audit.verdict import Check


@dataclass(slots=True)
class Level:
    """The units of one SKU in one warehouse."""

    on_hand: int = 0
    reserved: int = 0
    backorder_limit: int = 0
    held: dict[OrderId, int] = field(default_factory=dict)


@dataclass(slots=True)
class StockAudit:
    """Every step of every SKU, and what is still held at the end. `closed` are the cases that may hold nothing."""

    cases: Cases
    bounds: Check = field(
        default_factory=lambda: Check("reserved is never below 0 nor above on hand plus the backorder limit")
    )
    reservations: Check = field(default_factory=lambda: Check("only what was reserved is kept, released or sent"))
    held: Check = field(default_factory=lambda: Check("nothing is reserved for a closed checkout or order"))
    sent: Check = field(default_factory=lambda: Check("the units that left the stock are the units that were sent"))
    _levels: dict[tuple[Sku, Warehouse], Level] = field(default_factory=dict)
    _away: dict[tuple[OrderId, Sku], int] = field(default_factory=dict)

    @property
    def checks(self) -> list[Check]:
        return [self.bounds, self.reservations, self.held, self.sent]

    @property
    def handlers(self) -> Mapping[type[Any], Any]:
        return {
            **dict.fromkeys((StockReceived, StockAdjusted, StockReturned, BackorderLimitSet), self._counted),
            StockReserved: self._reserved,
            ReservationExtended: self._extended,
            ReservationCommitted: self._committed,
            ReservationReleased: self._released,
            StockDispatched: self._dispatched,
            OrderDispatched: self._order_dispatched,
        }

    def close(self, closed: set[str]) -> None:
        """Judge what is left at the end of the log."""
        for (sku, warehouse), level in self._levels.items():
            for order, units in level.held.items():
                self.held.looked_at += 1
                if order in closed and self.cases.at_rest(order, self.held):
                    self.held.fail(f"{units} of {sku} in {warehouse} wait for {order}, which is closed.")
        for (order, sku), units in self._away.items():
            if self.cases.at_rest(order, self.sent):
                self.sent.fail(f"{order}: {units} more of {sku} left the stock than were sent.")

    def _counted(self, recorded: Recorded[Any]) -> None:
        level = self._level(recorded.fact)
        match recorded.fact:
            case BackorderLimitSet(limit=limit):
                level.backorder_limit = limit
            case StockAdjusted(delta=units) | StockReceived(quantity=units) | StockReturned(quantity=units):
                level.on_hand += units
        self._prove_bounds(level, recorded)

    def _reserved(self, recorded: Recorded[StockReserved]) -> None:
        fact, level = recorded.fact, self._level(recorded.fact)
        level.reserved += fact.quantity - level.held.get(fact.order_id, 0)
        level.held[fact.order_id] = fact.quantity
        self.cases.see(fact.order_id, recorded)
        self._prove_bounds(level, recorded)

    def _extended(self, recorded: Recorded[ReservationExtended]) -> None:
        self.cases.see(recorded.fact.order_id, recorded)
        self._take(self._level(recorded.fact), recorded, 0)

    def _committed(self, recorded: Recorded[ReservationCommitted]) -> None:
        fact, level = recorded.fact, self._level(recorded.fact)
        self.cases.see(fact.order_id, recorded)
        self.reservations.looked_at += 1
        held = level.held.get(fact.order_id, 0)
        if held == 0 or fact.quantity != held:
            self.reservations.fail(f"{_place(recorded)}: {fact.order_id} holds {held}, not {fact.quantity}.")

    def _released(self, recorded: Recorded[ReservationReleased]) -> None:
        level = self._level(recorded.fact)
        self.cases.see(recorded.fact.order_id, recorded)
        self._take(level, recorded, recorded.fact.quantity)
        self._prove_bounds(level, recorded)

    def _dispatched(self, recorded: Recorded[StockDispatched]) -> None:
        fact, level = recorded.fact, self._level(recorded.fact)
        level.on_hand -= fact.quantity
        self.cases.see(fact.order_id, recorded)
        self._take(level, recorded, fact.quantity)
        self._prove_bounds(level, recorded)
        self.sent.looked_at += 1
        self._balance(fact.order_id, fact.sku, fact.quantity)

    def _order_dispatched(self, recorded: Recorded[OrderDispatched]) -> None:
        for units in recorded.fact.units:
            self._balance(recorded.fact.order_id, units.sku, -units.quantity)

    def _balance(self, order: OrderId, sku: Sku, units: int) -> None:
        if left := self._away.pop((order, sku), 0) + units:
            self._away[order, sku] = left

    def _take(self, level: Level, recorded: Recorded[Any], units: int) -> None:
        order = recorded.fact.order_id
        self.reservations.looked_at += 1
        held = level.held.get(order, 0)
        if held == 0 or units > held:
            self.reservations.fail(f"{_place(recorded)}: {order} holds {held}, not {units}.")
        level.reserved -= units
        if units >= held:
            level.held.pop(order, None)
        elif units:
            level.held[order] = held - units

    def _prove_bounds(self, level: Level, recorded: Recorded[Any]) -> None:
        self.bounds.looked_at += 1
        if not 0 <= level.reserved <= level.on_hand + level.backorder_limit:
            self.bounds.fail(
                f"{_place(recorded)}: {level.reserved} reserved, {level.on_hand} on hand, "
                f"{level.backorder_limit} may be promised beyond."
            )

    def _level(self, fact: Any) -> Level:
        key = fact.sku, fact.warehouse
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = Level()
        return level


def _place(recorded: Recorded[Any]) -> str:
    return f"{recorded.stream} at revision {recorded.revision}"
