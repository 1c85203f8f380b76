"""Lists of parcels for those who pick, pack and dispatch them."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.shared import ids
from domain.shared.ids import OrderId, ShipmentId
from domain.shipment.state import ShipmentPhase
from projections import shipment_lists
from projections.shipment_lists import ListedShipment
from read_api import order_parts
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, Number, connection, window
from read_api.graphql.scalars import Whole
from read_api.order_lists import ORDERS
from read_api.order_parts import Shipment
from read_api.orders import Order

CURSORS = Cursors("shipments", Number, str)

Statuses = Annotated[list[ShipmentPhase] | None, strawberry.argument(description="One of these.")]


@strawberry.type(description="A parcel in a list, with the order that it belongs to.")
class ShipmentTask:
    shipment_id: strawberry.ID
    order_id: strawberry.ID
    planned_at: datetime

    @strawberry.field
    async def shipment(self, info: Info) -> Shipment | None:
        view = await info.context.loaders.views.load(OrderId(self.order_id))
        it = ShipmentId(self.shipment_id)
        return order_parts.shipment(it, view) if view is not None and it in view.shipments else None

    @strawberry.field
    async def order(self, info: Info) -> Order | None:
        return Order.of(await info.context.loaders.views.load(OrderId(self.order_id)))


@strawberry.type(description="How many parcels wait in a state.")
class ShipmentCount:
    status: ShipmentPhase
    shipments: Whole


async def list_shipments(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    status: Statuses = None,
    warehouse: strawberry.ID | None = None,
) -> Connection[ShipmentTask]:
    asked = window(CURSORS, first, after, last, before)
    wanted = None if warehouse is None else ids.Warehouse(warehouse)
    page = await shipment_lists.shipments(await info.context.tables(ORDERS), asked, status, wanted)
    return connection(page, CURSORS, _task)


async def count_shipments(info: Info) -> list[ShipmentCount]:
    counted = await shipment_lists.counts(await info.context.tables(ORDERS))
    return [ShipmentCount(status=it, shipments=Whole(counted.get(it, 0))) for it in shipment_lists.TO_BE_DONE]


def _task(listed: ListedShipment) -> ShipmentTask:
    return ShipmentTask(
        shipment_id=strawberry.ID(listed.shipment_id),
        order_id=strawberry.ID(listed.order_id),
        planned_at=listed.planned_at,
    )
