"""What the bench buys: the catalogue of the demo, imported as the demo does, and enough units of ten thousand SKUs."""

import asyncio
from collections.abc import Callable, Iterator
from uuid import uuid4

from commands.handler import CommandHandler
from commands.routes import ROUTES
from domain.shared.ids import Sku
from domain.shared.recorded import Metadata
from domain.stock.commands import ReceiveStock
from infra.bootstrap import composition
from infra.demo.catalogue import WAREHOUSE
from infra.demo.dataset import the_complete_journey
from infra.demo.importing import NoSnapshots
from infra.demo.progress import Bars
from infra.demo.run import run_import
from infra.projections.active import ActiveBuilds
from infra.settings import Settings
from projections import product_catalogue
from tests.load.jobs import Good

DIFFERENT = 10_000
UNITS = 1_000_000
IN_FLIGHT = 500
ON_SALE = """
select p.product_id, v.key as sku, l.amount, l.category_id
  from {s}.listings l
  join {s}.products p using (product_id)
  cross join lateral json_each(p.product -> 'variants') v
 where l.shelf = '' and l.valid_from <= now() and l.valid_until > now() and l.amount > 0
   and (v.value ->> 'base_quantity')::int = 1
 order by md5(p.product_id)
 limit $1
"""


async def import_once(settings: Settings, products: int | None, say: Callable[[str], None]) -> None:
    """Import the catalogue, unless that was done."""
    done = settings.data / "imported"
    wanted = "all" if products is None else str(products)
    if done.exists():
        if done.read_text() != wanted:
            raise SystemExit(f"{settings.data} holds {done.read_text()} products, not {wanted}. Add --fresh.")
        return
    say(f"Importing {wanted} products into {settings.data}")
    with Bars(quiet=True) as bars:
        await run_import(settings, the_complete_journey(), products, bars)
    done.write_text(wanted)


async def on_sale(url: str) -> list[Good]:
    """Ten thousand products from all over the catalogue, the same ones every time."""
    async with ActiveBuilds(url) as models:
        rows = await models[product_catalogue.PROJECTION.name].fetch(ON_SALE, DIFFERENT)
    return [Good(row["sku"], row["product_id"], row["amount"], row["category_id"]) for row in rows]


async def receive_once(settings: Settings, goods: list[Good]) -> None:
    """So many units of each that no bench sells out, unless that was done."""
    done = settings.data / "stocked"
    if done.exists():
        return
    left: Iterator[Good] = iter(goods)
    async with composition.event_store(settings) as store:
        handle = CommandHandler(store, composition.codec(), NoSnapshots(), ROUTES)

        async def work() -> None:
            for good in left:
                command_id = uuid4()
                told = Metadata(
                    command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="bench"
                )
                await handle(ReceiveStock(sku=Sku(good.sku), warehouse=WAREHOUSE, quantity=UNITS), told)

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    done.touch()
