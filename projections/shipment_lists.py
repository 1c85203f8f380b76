"""Parcels as the warehouse works through them: those that wait longest first. Tables of the read model `orders`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from domain.shared.ids import OrderId, ShipmentId, Warehouse
from domain.shared.recorded import EventView, Position
from domain.shipment.events import ShipmentEvent
from domain.shipment.state import ShipmentPhase
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables
from projections.order_view import OrderView

DDL = """
create table {s}.shipments (
    shipment_id text primary key,
    order_id text not null,
    warehouse text not null,
    phase text not null,
    planned bigint not null,
    planned_at timestamptz not null
);
create index on {s}.shipments (phase, planned, shipment_id);
create index on {s}.shipments (planned, shipment_id);
"""

LONGEST_WAITING_FIRST = Ordering(columns=("planned", "shipment_id"))

_KINDS = frozenset(get_args(ShipmentEvent))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedShipment:
    """Where a parcel stands in the list: which order it belongs to, and since when it is to be sent."""

    shipment_id: ShipmentId
    order_id: OrderId
    planned_at: datetime


async def project(batch: Sequence[EventView[Any]], views: Mapping[OrderId, OrderView], tables: Tables) -> None:
    """Keep the parcels of the batch as `views` have them. When a parcel was planned is known from its first event."""
    first = dict[ShipmentId, EventView[Any]]()
    for recorded in batch:
        if type(recorded.fact) in _KINDS:
            first.setdefault(recorded.fact.shipment_id, recorded)
    if not first:
        return
    parcels = [views[recorded.fact.order_id].shipments[it] for it, recorded in first.items()]
    await tables.execute(
        """
        insert into {s}.shipments (shipment_id, order_id, warehouse, phase, planned, planned_at)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
        on conflict (shipment_id) do update set warehouse = excluded.warehouse, phase = excluded.phase
        """,
        list(first),
        [recorded.fact.order_id for recorded in first.values()],
        [parcel.warehouse for parcel in parcels],
        [parcel.phase.name for parcel in parcels],
        [recorded.position for recorded in first.values()],
        [recorded.recorded_at for recorded in first.values()],
    )


async def shipments(
    tables: Tables,
    window: Window,
    phases: Collection[ShipmentPhase] | None = None,
    warehouse: Warehouse | None = None,
) -> Page[ListedShipment]:
    """A page of parcels: those in some phases, those of a warehouse, or all."""
    values: list[object] = []
    conditions = ["true"]
    for condition, value in (
        ("phase = any({}::text[])", None if phases is None else [phase.name for phase in phases]),
        ("warehouse = {}", warehouse),
    ):
        if value is not None:
            values.append(value)
            conditions.append(condition.format(f"${len(values)}"))
    conditions += LONGEST_WAITING_FIRST.conditions(window, values)
    rows = await tables.fetch(
        f"""
        select planned, shipment_id, order_id, planned_at from {{s}}.shipments
        where {" and ".join(conditions)} {LONGEST_WAITING_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, _place, _listed)


async def counts(tables: Tables) -> Mapping[ShipmentPhase, int]:
    """How many parcels are in each phase in which staff have to act."""
    rows = await tables.fetch(
        "select phase, count(*) as parcels from {s}.shipments where phase = any($1) group by phase",
        [phase.name for phase in TO_BE_DONE],
    )
    return {ShipmentPhase[row["phase"]]: row["parcels"] for row in rows}


TO_BE_DONE = (ShipmentPhase.PLANNED, ShipmentPhase.PICKED, ShipmentPhase.PACKED, ShipmentPhase.CLEARED)


def _place(row: Row) -> tuple[Position, ShipmentId]:
    return row["planned"], row["shipment_id"]


def _listed(row: Row) -> ListedShipment:
    return ListedShipment(shipment_id=row["shipment_id"], order_id=row["order_id"], planned_at=row["planned_at"])
