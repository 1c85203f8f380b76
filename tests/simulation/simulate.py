"""One seed, one course of events: a busy hour in which everything goes wrong, then rest, then the books are checked."""

import asyncio
from datetime import timedelta

from domain.shared.ids import Sku, Warehouse
from domain.stock.commands import ReceiveStock, SetBackorderLimit
from tests.simulation.invariants import Broken
from tests.simulation.quiescence import check_holds, check_quiescence
from tests.simulation.shoppers import PRICES, WAREHOUSES, Shopper
from tests.simulation.staff import Staff
from tests.simulation.world import Variant, World
from tests.support.fixtures.virtual_time import run

ROUNDS = 120


def simulate(seed: int, variant: Variant | None = None) -> World:
    """Raises AssertionError with the story when an invariant does not hold."""
    return run(_simulate(seed, variant or Variant()))


async def _simulate(seed: int, variant: Variant) -> World:
    world = World(seed, variant)
    try:
        await open_shop(world)
        await _busy(world)
        await rest(world, timedelta(hours=2) + world.gateway.late_by)
        check_holds(world.books, world.ledger())
        await rest(world, timedelta(days=365))
        check_quiescence(world.books, world.ledger())
    except Broken as broken:
        story = world.story.about(broken.about)
        raise AssertionError(f"seed {seed}: {broken.about}: {broken}\n{story}") from None
    return world


async def open_shop(world: World) -> None:
    """So little stock that shoppers compete for it."""
    for sku in PRICES:
        for warehouse in WAREHOUSES:
            quantity = world.random.randint(1, 8)
            await world.ask("staff", ReceiveStock(sku=sku, warehouse=warehouse, quantity=quantity))
    if world.random.random() < 0.3:
        await world.ask("staff", SetBackorderLimit(sku=Sku("TEA"), warehouse=Warehouse("WEST"), limit=2))


async def _busy(world: World) -> None:
    """Shoppers, staff, gateway and processes at once, until the shoppers have gone."""
    stop = asyncio.Event()
    shoppers = [Shopper(world, number) for number in range(world.variant.shoppers or world.random.randint(2, 5))]
    background = [
        asyncio.create_task(world.live_and_die(stop)),
        asyncio.create_task(Staff(world).work()),
        asyncio.create_task(_send(world)),
    ]
    visits = asyncio.create_task(_visits(shoppers))
    await asyncio.wait([visits, *background], return_when=asyncio.FIRST_COMPLETED)
    _look(world)
    world.chaos.calm = True
    stop.set()
    await background[0]
    for task in background[1:]:
        task.cancel()
    await asyncio.gather(*background[1:], return_exceptions=True)
    await visits


async def _visits(shoppers: list[Shopper]) -> None:
    await asyncio.gather(*(shopper.live() for shopper in shoppers))


async def _send(world: World) -> None:
    while True:
        await asyncio.sleep(world.random.choice([1, 30]))
        await world.sender.send_due()


async def rest(world: World, within: timedelta) -> None:
    """Nothing goes wrong any more; time jumps from timer to timer until nothing is left to do in that time."""
    staff, end = Staff(world), world.clock() + within
    for _ in range(ROUNDS):
        before = await world.store.head()
        stop = asyncio.Event()
        running = asyncio.create_task(world.live_and_die(stop))
        await staff.round()
        await world.sender.send_due()
        await asyncio.sleep(12)
        stop.set()
        await running
        _look(world)
        if await world.store.head() > before:
            continue
        waiting = [timer.due for timer in world.progress.timers.values()]
        waiting += [webhook.due for webhook in world.bank.untold]
        if not waiting or min(waiting) > end:
            return
        world.warped += max(timedelta(0), min(waiting) - world.clock())
    raise Broken("The shop does not come to rest.")


def _look(world: World) -> None:
    if world.broken is not None:
        raise world.broken
