"""The catalogue comes in once, whatever happens on the way."""

from collections import Counter
from uuid import UUID

import pytest

from commands.handler import CommandHandler
from commands.ports import StoreUnavailable
from commands.routes import ROUTES
from domain.shared.ids import Sku
from domain.shared.recorded import Metadata
from domain.stock.commands import ReceiveStock
from domain.stock.events import StockReceived
from infra.demo.catalogue import WAREHOUSE, Catalogue, Entry, categories_of
from infra.demo.dataset import Product
from infra.demo.importing import import_catalogue
from infra.demo.prices import ListPrice
from infra.demo.recalled import recalled
from infra.serialization.codec import JsonCodec
from tests.support.fixtures.memory import MemorySnapshots, MemoryStore

CRISPS = Product(1, 7, "GROCERY", "National", "BAG SNACKS", "POTATO CHIPS", "5 OZ")
PETROL = Product(2, 7, "FUEL", "Private", "FUEL", "GASOLINE-REG UNLEADED", None)
SHELF = [Entry(CRISPS, ListPrice(250), 30), Entry(PETROL, ListPrice(240, 1000), 90_000)]
CATALOGUE = Catalogue(SHELF, categories_of([CRISPS, PETROL]))

BY_HAND = Metadata(command_id=UUID(int=9), correlation_id=UUID(int=9), causation_id=UUID(int=9), actor="ann")


async def bring_in(store: MemoryStore, catalogue: Catalogue = CATALOGUE) -> tuple[int, int]:
    """How many products were new, and how many were told as done."""
    told: Counter[str] = Counter()
    new = await import_catalogue(catalogue, store, JsonCodec(), lambda n: told.update(done=n))
    return new, told["done"]


def types_of(store: MemoryStore, stream: str) -> list[str]:
    return [record.type for record in store.log if record.stream == stream]


async def test_a_product_is_in_the_range_with_its_sku_and_its_stock() -> None:
    store = MemoryStore()
    assert await bring_in(store) == (2, 2)
    assert types_of(store, "product-1") == [
        "product.drafted.v1",
        "product.variant_added.v1",
        "product.variant_priced.v1",
        "product.categorised.v1",
        "product.published.v1",
    ]
    assert types_of(store, "sku-1") == ["sku.claimed.v1"]
    assert types_of(store, "stock-1@MAIN") == ["stock.received.v1"]
    assert types_of(store, "category-tree") == ["category.created.v1"] * 6
    assert len(store.log) == 6 + 2 * 7


async def test_nothing_is_read_before_it_is_written() -> None:
    store = MemoryStore()
    await bring_in(store)
    assert store.reads == []


async def test_a_second_import_appends_nothing() -> None:
    store = MemoryStore()
    await bring_in(store)
    before = list(store.log)
    assert await bring_in(store) == (0, 2)
    assert store.log == before


async def test_what_was_stored_under_an_older_name_is_recalled() -> None:
    store = MemoryStore()
    await bring_in(store)
    store.log[:] = [
        record._replace(type="test.stocked.v1") if record.type == "stock.received.v1" else record
        for record in store.log
    ]
    codec = JsonCodec({"test.stocked.v1": lambda data: ("stock.received.v1", data)})
    assert [one.fact.sku async for one in recalled(store, codec, StockReceived)] == ["1", "2"]
    assert await import_catalogue(CATALOGUE, store, codec, lambda _: None) == 0


@pytest.mark.parametrize("appends", range(1, 7))
async def test_an_import_that_broke_off_goes_on_where_it_stopped(appends: int) -> None:
    whole, broken, left = MemoryStore(), MemoryStore(), iter([None] * appends)

    async def pull_the_plug() -> None:
        if next(left, broken) is broken:
            raise StoreUnavailable("The plug was pulled.")

    await bring_in(whole)
    broken.turn = pull_the_plug
    with pytest.raises(BaseExceptionGroup):
        await bring_in(broken)
    broken.turn = whole.turn
    await bring_in(broken)
    assert sorted((r.stream, r.revision, r.data) for r in broken.log) == sorted(
        (r.stream, r.revision, r.data) for r in whole.log
    )


async def test_what_the_back_office_did_before_is_kept() -> None:
    store = MemoryStore()
    handle = CommandHandler(store, JsonCodec(), MemorySnapshots(), ROUTES)
    await handle(ReceiveStock(sku=Sku("1"), warehouse=WAREHOUSE, quantity=4), BY_HAND)
    assert await bring_in(store) == (2, 2)
    assert types_of(store, "stock-1@MAIN") == ["stock.received.v1", "stock.received.v1"]
    assert await bring_in(store) == (0, 2)
