"""People who pick, pack and send, find shelves empty, and cancel what customers do not want any more."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from domain.order.commands import CancelLine, CancelOrder
from domain.shared.ids import OrderId, ShipmentId
from domain.shared.units import Units
from domain.shipment.commands import (
    CancelShipment,
    DispatchShipment,
    PackShipment,
    PickShipment,
    RecordLoss,
    RecordParcelDelivery,
    RecordReturnToSender,
    ShortPick,
)
from domain.shipment.decider import shipment_decider
from domain.shipment.state import Shipment, ShipmentPhase
from process_managers.engine.parking import ResendParked
from tests.simulation.world import World

RESENDS = 3


@dataclass(slots=True)
class Staff:
    """Looks at all parcels now and then, and does the next thing for each."""

    world: World
    resent: dict[UUID, int] = field(default_factory=dict)

    async def work(self) -> None:
        """Go round for ever."""
        while True:
            await asyncio.sleep(self.world.random.random() * 120)
            await self.round()

    async def round(self) -> None:
        """One round through warehouse and office."""
        for order in list(self.world.books.orders):
            for number in range(1, 3):
                await self.handle(ShipmentId(f"{order}.{number}"))
            await self.office(order)
        for parked in list(self.world.books.parked):
            if (times := self.resent.get(parked, 0)) < RESENDS:
                self.resent[parked] = times + 1
                await self.world.ask("office", ResendParked(command_id=parked))

    async def handle(self, shipment: ShipmentId) -> None:
        parcel = await self.parcel(shipment)
        chance = self.world.random.random()
        match parcel.phase:
            case ShipmentPhase.PLANNED if chance < 0.12:
                await self.world.ask("picker", ShortPick(shipment_id=shipment, missing=self.some(parcel)))
            case ShipmentPhase.PLANNED:
                await self.world.ask("picker", PickShipment(shipment_id=shipment))
            case ShipmentPhase.PICKED if chance < 0.05:
                await self.world.ask("packer", CancelShipment(shipment_id=shipment, reason="Broken"))
            case ShipmentPhase.PICKED:
                await self.world.ask("packer", PackShipment(shipment_id=shipment))
            case ShipmentPhase.CLEARED:
                await self.world.ask(
                    "packer", DispatchShipment(shipment_id=shipment, carrier="mule", tracking=f"M{shipment}")
                )
            case ShipmentPhase.DISPATCHED if chance < 0.04:
                await self.world.ask("carrier", RecordLoss(shipment_id=shipment, reason="Fell off"))
            case ShipmentPhase.DISPATCHED if chance < 0.08:
                await self.world.ask("carrier", RecordReturnToSender(shipment_id=shipment, reason="Nobody home"))
            case ShipmentPhase.DISPATCHED:
                await self.world.ask("carrier", RecordParcelDelivery(shipment_id=shipment))
            case _:
                pass

    async def office(self, order: OrderId) -> None:
        sold, chance = self.world.books.orders[order], self.world.random.random()
        if sold.cancelled or sold.completed or self.world.chaos.calm:
            return
        if chance < 0.02:
            await self.world.ask("office", CancelOrder(order_id=sold.placed.order_id, reason="Asked to"))
        elif chance < 0.04:
            sku = self.world.random.choice(sold.placed.lines).priced.sku
            await self.world.ask(
                "office", CancelLine(order_id=sold.placed.order_id, sku=sku, quantity=1, reason="Asked to")
            )

    def some(self, parcel: Shipment) -> tuple[Units, ...]:
        units = self.world.random.choice(parcel.planned)
        return (Units(sku=units.sku, quantity=self.world.random.randint(1, units.quantity)),)

    async def parcel(self, shipment: ShipmentId) -> Shipment:
        records = await self.world.store.read(f"shipment-{shipment}")
        return shipment_decider.replay(self.world.codec.decode_event(record).fact for record in records)
