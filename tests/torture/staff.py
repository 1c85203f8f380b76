"""Staff who pick, pack and send what was sold, find shelves empty, and cancel now and then."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from tests.torture.goods import PACKER, STAFF
from tests.torture.shoppers import Street
from tests.torture.witness import ShopSilent, Who, Witness

CANCELS, BREAKS, LOSES = 0.04, 0.03, 0.02
LOOK_EVERY = 0.2
PARCELS = "query($id: ID!) { order(id: $id) { status attention shipments { shipmentId status } } }"
OVER = frozenset({"CANCELLED", "COMPLETED"})


@dataclass(slots=True)
class Staff:
    """Several hands who take one order after the other, and see each to its end."""

    witness: Witness
    checker: Street
    random: Random
    waiting: deque[str] = field(default_factory=deque)
    given_up: list[str] = field(default_factory=list)
    steps: int = 0

    async def work(self, hands: int, leave: asyncio.Event) -> None:
        """Until it is time to leave and nothing is left to do."""

        async def hand() -> None:
            while self.checker.placed or not leave.is_set():
                if self.checker.placed:
                    await self.take(self.checker.placed.popleft(), leave)
                else:
                    await asyncio.sleep(LOOK_EVERY)

        await asyncio.gather(*(hand() for _ in range(hands)))

    async def take(self, order: str, leave: asyncio.Event) -> None:
        try:
            await self.finish(order, leave)
        except ShopSilent as surprise:
            self.checker.surprises.append(f"staff with {order}: {surprise}")

    async def finish(self, order: str, leave: asyncio.Event) -> None:
        """The next thing for each parcel, until there is nothing to do any more; an order that takes long waits."""
        draw, deadline = self.random.random(), monotonic() + 4 * self.checker.patience
        if draw < CANCELS:
            await self.ask(STAFF, f"/orders/{order}/cancel", {"reason": "Asked to"})
        while True:
            seen = (await self.witness.ask(STAFF, PARCELS, id=order))["order"]
            if seen is not None:
                if seen["status"] in OVER or seen["attention"]:
                    return
                for parcel in seen["shipments"]:
                    await self.next_step(parcel["shipmentId"], parcel["status"], draw)
            if monotonic() > deadline:
                (self.given_up if leave.is_set() else self.checker.placed).append(order)
                return
            await asyncio.sleep(LOOK_EVERY)

    async def next_step(self, parcel: str, status: str, draw: float) -> None:
        path = f"/shipments/{parcel}"
        match status:
            case "PLANNED":
                await self.ask(PACKER, f"{path}/pick", {})
            case "PICKED" if CANCELS < draw < CANCELS + BREAKS:
                await self.ask(PACKER, f"{path}/cancel", {"reason": "Broken"})
            case "PICKED":
                await self.ask(PACKER, f"{path}/pack", {})
            case "CLEARED":
                await self.ask(PACKER, f"{path}/dispatch", {"carrier": "mule", "tracking": "M1"})
            case "DISPATCHED" if draw > 1 - LOSES:
                await self.ask(PACKER, f"{path}/loss", {"reason": "Fell off"})
            case "DISPATCHED":
                await self.ask(PACKER, f"{path}/delivery", {})

    async def ask(self, who: Who, path: str, body: dict[str, object]) -> None:
        self.steps += 1
        await self.witness.command(who, "POST", path, f"step-{self.steps}", body)
