"""An order as it was: the fold of the read model over the facts up to then, read from the log."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from domain.shared.ids import OrderId
from domain.shared.recorded import Position, Recorded
from projections.order_view import CHECKOUT, FULFILMENT, OrderView, evolve, orders_of
from projections.orders import PROJECTION
from read_api.ports import History


@strawberry.input(one_of=True, description="A time, or a place in the log.")
class AsOf:
    time: strawberry.Maybe[datetime]
    position: strawberry.Maybe[Position]

    def holds(self, position: Position, recorded_at: datetime) -> bool:
        """Whether an event had happened by then."""
        if self.time is not None:
            return recorded_at <= self.time.value
        return self.position is not None and position <= self.position.value


async def facts_of(history: History, view: OrderView) -> Sequence[Recorded[Any]]:
    """All facts of the story in global order; `view` has their streams."""
    streams = [f"{category}-{view.order_id}" for category in ("order", "payment", CHECKOUT, FULFILMENT)]
    streams += [f"shipment-{parcel}" for parcel in view.shipments]
    if view.checkout is not None:
        streams.append(f"cart-{view.checkout.cart_id}")
    told = await asyncio.gather(*(history.facts(stream, PROJECTION.handles) for stream in streams))
    return sorted(
        (
            recorded
            for facts in told
            for recorded in facts
            if isinstance(recorded.fact, PROJECTION.handles) and view.order_id in orders_of(recorded.fact)
        ),
        key=lambda recorded: recorded.position,
    )


def until(facts: Sequence[Recorded[Any]], as_of: AsOf) -> Sequence[Recorded[Any]]:
    return [recorded for recorded in facts if as_of.holds(recorded.position, recorded.recorded_at)]


def fold(order_id: OrderId, facts: Sequence[Recorded[Any]]) -> OrderView:
    view = OrderView(order_id=order_id)
    for recorded in facts:
        view = evolve(view, recorded)
    return view
