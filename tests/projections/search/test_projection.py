"""The rows of search, and what is written down for a copy elsewhere."""

from datetime import timedelta

import asyncpg
import pytest

from domain.category.events import CategoryRenamed
from domain.product.events import ProductCategorised, ProductDescribed, ProductDiscontinued
from domain.shared.ids import CategoryId, OrderId, ProductId, Sku, Warehouse
from domain.stock.events import ReservationReleased, StockReserved
from infra.projections.tables import FedSchema
from projections.dated_prices import ALWAYS, FOR_EVER
from projections.search.entries import COLUMNS, listed_of
from projections.search.projection import PROJECTION
from tests.projections.conftest import connection
from tests.support.builders.catalogue import category, on_sale, price
from tests.support.builders.event_log_builder import Log, build, feed, rows
from tests.support.builders.shelf import LATER, stock

__all__ = ["connection"]

MAIN = Warehouse("MAIN")


@pytest.fixture
async def tables(connection: asyncpg.Connection) -> FedSchema:
    return await build(connection, PROJECTION)


async def listed(tables: FedSchema, columns: str) -> list[tuple[object, ...]]:
    return [
        tuple(row) for row in await tables.fetch(f"select {columns} from {{s}}.entries order by product_id, stretch")
    ]


async def changed(tables: FedSchema) -> dict[str, int]:
    return {row["product_id"]: row["position"] for row in await tables.fetch("select * from {s}.changes")}


async def test_a_row_holds_all_that_a_search_looks_at(tables: FedSchema) -> None:
    log = Log()
    category(log, "Food")
    category(log, "Fine Tea", "Food")
    on_sale(log, "TEA", 350, title="Earl Grey", brand="Leaf & Co", category="FINE TEA")
    stock(log, "TEA", 1)
    await feed(tables, PROJECTION, log.recorded)
    assert await listed(tables, "heading, size, about, more, phrases, path, skus, brand, amount, available") == [
        (
            "earl grey",
            2,
            "leaf co food fine tea",
            "one all about earl grey",
            ["Earl Grey", "Fine Tea", "Leaf & Co"],
            ["FOOD", "FINE TEA"],
            ["tea-1"],
            "Leaf & Co",
            350,
            True,
        )
    ]
    assert await rows(tables, "words", "1") == [
        (word, 1) for word in ("co", "earl", "fine", "food", "grey", "leaf", "tea")
    ]


async def test_what_is_found_together_is_written_side_by_side(tables: FedSchema) -> None:
    log = Log()
    category(log, "Food")
    category(log, "Tools")
    for name, shelf in (("A", "TOOLS"), ("B", "FOOD"), ("C", "TOOLS"), ("D", "FOOD")):
        on_sale(log, name, 350, title=name, category=shelf)
    await feed(tables, PROJECTION, log.recorded)
    written = await tables.fetch("select product_id from {s}.entries order by ctid")
    assert [row["product_id"] for row in written] == ["B", "D", "A", "C"]


async def test_a_price_ahead_makes_a_second_row_until_it_is_taken_back(tables: FedSchema) -> None:
    log = Log()
    on_sale(log, "TEA", 350, title="Tea")
    price(log, "TEA", "TEA-1", 300, LATER)
    await feed(tables, PROJECTION, log.recorded)
    found = await tables.fetch(f"select {', '.join(COLUMNS)} from {{s}}.entries order by stretch")
    assert [(row.stretch, row.valid_from, row.valid_until, row.amount) for row in map(listed_of, found)] == [
        (0, ALWAYS, LATER, 350),
        (1, LATER, FOR_EVER, 300),
    ]
    log.tell(ProductDiscontinued(product_id=ProductId("TEA"), reason="gone"), stream="product-TEA")
    await feed(tables, PROJECTION, log.recorded[-1:])
    assert await listed(tables, "product_id") == []
    assert await rows(tables, "changes") == [("TEA", 0, 6), ("TEA", 1, 6)]
    assert await rows(tables, "words", "1") == await rows(tables, "phrases", "1") == []


async def test_only_what_came_out_different_is_written_down_as_changed(tables: FedSchema) -> None:
    log = Log()
    category(log, "Food")
    on_sale(log, "TEA", 350, title="Tea", category="FOOD")
    on_sale(log, "CUP", 200, title="Cup")
    stock(log, "TEA", 2)
    await feed(tables, PROJECTION, log.recorded)
    at = len(log.recorded)
    await feed(
        tables, PROJECTION, log.tell(ProductCategorised(product_id=ProductId("TEA"), category_id=CategoryId("FOOD")))
    )
    assert await changed(tables) == {"TEA": at, "CUP": at}

    reserved = StockReserved(
        sku=Sku("TEA-1"), warehouse=MAIN, order_id=OrderId("a"), quantity=1, expires_at=LATER + timedelta(days=1)
    )
    released = ReservationReleased(sku=Sku("TEA-1"), warehouse=MAIN, order_id=OrderId("a"), quantity=1, reason="late")
    for facts, expected in (
        ([reserved], {"TEA": at, "CUP": at}),
        ([reserved], {"TEA": at + 3, "CUP": at}),
        ([released], {"TEA": at + 4, "CUP": at}),
        ([ProductDescribed(product_id=ProductId("CUP"), title="Cup", description="", brand="")], None),
        ([CategoryRenamed(category_id=CategoryId("FOOD"), name="Groceries")], {"TEA": at + 6, "CUP": at + 5}),
    ):
        await feed(tables, PROJECTION, log.tell(*facts))
        if expected is not None:
            assert await changed(tables) == expected
    assert await listed(tables, "about, available") == [("", False), ("groceries", True)]
