"""Ten thousand buyers, each with a cart that holds one unit of the same SKU, of which there are a hundred.

All come at the same moment. Measured from then on: until so many of them are told by the read models how it ended.
The figure counts as an error whatever is not as it must be: exactly as many orders as units, a no for all others.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import msgspec

from infra.demo.client import ShopClient
from process_managers.checkout.state import ENDED, CheckoutPhase
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Run
from tests.load.jobs import Good, Job

UNITS, CENTS = 100, 1_000
LOOK_EVERY = 0.1
PATIENCE = 600.0
GOAL = Goal("exactly 100 orders", "errors", 0)
ENDS = {*ENDED, CheckoutPhase.PLACED, CheckoutPhase.NEEDS_ATTENTION}
PHASES = "{ cockpit { phases { process phase instances } } }"


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    shop, buyers = await bench.shop(), bench.options.buyers
    async with shop.client() as client:
        good = await _put_on_sale(client)
        await _nobody_buys(client)
        await shop.caught_up()
        goods = shop.settings.data / "hot.json"
        goods.write_bytes(msgspec.json.encode([good]))
        before = await _ended(client)
        job = Job(visit="grab", rate=1e9, seconds=buyers / 1e9, warm=0, patience=PATIENCE, goods=str(goods))
        looking = asyncio.create_task(_answers(client, before, buyers))
        (run,) = await bench.once([job])
        until_told = shop.cpu()
        times = await looking
        spent = {part: run.cpu[part] + seconds - until_told[part] for part, seconds in shop.cpu().items()}
        placed, rejected = (after - was for after, was in zip(await _ended(client), before, strict=True))
    wrong = {
        "unit sold twice or not at all": abs(placed - min(UNITS, buyers)),
        "loser without an answer": abs(rejected - max(0, buyers - UNITS)),
    }
    errors = {**run.errors, **{kind: count for kind, count in wrong.items() if count}}
    note = f"{buyers:,} buyers: {placed} orders, {rejected:,} refused, the last after {times[-1] / 1000:.1f} s"
    figure = Figure.of(
        "hot-sku", job.connections, Run(len(times), times[-1] / 1000, times, errors, dict(run.cpu) | spent), GOAL, note
    )
    bench.say(figure.note)
    yield bench.signed(figure)


async def _answers(client: ShopClient, before: tuple[int, int], buyers: int) -> list[float]:
    """When each buyer was told, in milliseconds since the first of them was."""
    loop = asyncio.get_running_loop()
    began, times = loop.time(), list[float]()
    while len(times) < buyers and loop.time() < began + PATIENCE:
        await asyncio.sleep(LOOK_EVERY)
        ended = sum(await _ended(client)) - sum(before)
        if ended == 0:
            began = loop.time()
        times += [(loop.time() - began) * 1000] * (ended - len(times))
    return times


async def _nobody_buys(client: ShopClient) -> None:
    """Wait until what an earlier scenario began has ended, or it would count here."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if not set(await _phases(client)) - ENDS:
                return
            await asyncio.sleep(LOOK_EVERY)


async def _ended(client: ShopClient) -> tuple[int, int]:
    """How many checkouts have been placed and rejected."""
    found = await _phases(client)
    return found.get("placed", 0), found.get("rejected", 0)


async def _phases(client: ShopClient) -> Mapping[str, int]:
    phases = (await client.ask(PHASES, subject="bench", role="back_office"))["cockpit"]["phases"]
    return {one["phase"]: one["instances"] for one in phases if one["process"] == "checkout"}


async def _put_on_sale(client: ShopClient) -> Good:
    sku = f"HOT-{uuid4().hex[:12]}"

    async def command(path: str, **body: Any) -> dict[str, Any]:
        asking = uuid4()
        return await client.command(
            "POST", path, subject="bench", role="back_office", key=str(asking), correlation_id=asking, body=body
        )

    product = (await command("/products", title="What everybody wants"))["product_id"]
    await command(f"/products/{product}/variants", sku=sku)
    await command(f"/products/{product}/variants/{sku}/prices", price={"amount": CENTS, "currency": "USD"})
    await command(f"/products/{product}/publish")
    await command(f"/stock/MAIN/{sku}/receipts", quantity=UNITS)
    return Good(sku, product, CENTS, None)
