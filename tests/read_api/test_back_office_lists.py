"""The lists that a back office starts from."""

from datetime import timedelta
from typing import Any

import pytest

from domain.category.events import CategoryCreated
from domain.product.events import ProductDiscontinued, ProductDrafted
from domain.shared.ids import CategoryId, OrderId, ProductId, Sku, Warehouse
from domain.stock.events import BackorderLimitSet, StockReceived, StockReserved
from tests.support.builders.catalogue import on_sale, price
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase, bought
from tests.support.harness.read_side import LATER, ReadSide, token

BOB = token("bob", "back_office")


FORWARDS = ("first", "after", "endCursor", "hasNextPage")
BACKWARDS = ("last", "before", "startCursor", "hasPreviousPage")


async def pages(shop: ReadSide, field: str, selection: str, wanted: str = "") -> list[Any]:
    """All nodes, two at a time; backwards they have to be the same."""
    found = await walked(shop, field, selection, wanted, *FORWARDS)
    assert list(reversed(await walked(shop, field, selection, wanted, *BACKWARDS))) == found
    return found


async def walked(
    shop: ReadSide, field: str, selection: str, wanted: str, size: str, place: str, cursor: str, more: str
) -> list[Any]:
    nodes: list[Any] = []
    at = ""
    while True:
        asked = (
            f"{field}({size}: 2 {at} {wanted}) {{ edges {{ node {{ {selection} }} }} pageInfo {{ {cursor} {more} }} }}"
        )
        page = (await shop.ask(f"{{ {asked} }}", token=BOB))[field]
        there = [edge["node"] for edge in page["edges"]]
        nodes += there if size == "first" else reversed(there)
        if not page["pageInfo"][more]:
            return nodes
        at = f'{place}: "{page["pageInfo"][cursor]}"'


@pytest.fixture
async def orders(shop: ReadSide) -> ReadSide:
    for number, customer, day in ((1, "anna", 0), (2, "ben", 1), (3, "anna-maria", 2)):
        Purchase(shop.log, f"order-{number}", customer=customer).buy(at=day * 24 * 60)
    await shop.catch_up()
    return shop


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("", [3, 2, 1]),
        ('from: "2026-11-26"', [3, 2]),
        ('to: "2026-11-26"', [2, 1]),
        ('from: "2026-11-26" to: "2026-11-26"', [2]),
        ('to: "9999-12-31"', [3, 2, 1]),
        ('sku: "MILK-1"', [3, 2, 1]),
        ('sku: "MILK"', []),
        ('text: "order-2"', [2]),
        ('text: "ANNA"', [3, 1]),
        ('text: "anna mar"', [3]),
        ('text: "whole brea ben"', [2]),
        ('text: "’"', [3, 2, 1]),
        ('text: "nothing of it"', []),
        ('sku: "BREAD-1" text: "mi" from: "2026-11-27" customer: "anna-maria" status: PLACED', [3]),
    ],
)
async def test_orders_are_found_by_day_sku_and_text(orders: ReadSide, wanted: str, numbers: list[int]) -> None:
    found = await pages(orders, "orders", "orderId", wanted)
    assert [node["orderId"] for node in found] == [f"order-{number}" for number in numbers]


async def test_an_order_is_found_by_its_tracking_number(shop: ReadSide) -> None:
    Purchase(shop.log, "O2").buy()
    bought(shop.log)
    await shop.catch_up()
    assert await pages(shop, "orders", "orderId", 'text: "JD01"') == [{"orderId": "O1"}]


async def test_products_are_listed_by_where_they_stand(shop: ReadSide) -> None:
    for number in range(3):
        drafted = ProductDrafted(product_id=ProductId(f"D{number}"), title=f"Draft {number}", description="", brand="")
        shop.log.tell(drafted)
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    on_sale(shop.log, "TEA", 99, title="Tea")
    shop.log.tell(ProductDiscontinued(product_id=ProductId("TEA"), reason="gone"))
    await shop.catch_up()

    async def found(wanted: str = "") -> list[str]:
        return [node["productId"] for node in await pages(shop, "catalogue", "productId", wanted)]

    assert await found() == ["TEA", "MILK", "D2", "D1", "D0"]
    assert await found("status: DRAFT") == ["D2", "D1", "D0"]
    assert await found("status: PUBLISHED") == ["MILK"]
    assert await found("status: DISCONTINUED") == ["TEA"]


async def test_prices_that_begin_later_are_listed(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    for hours, cents in ((3, 120), (2, 110), (4, 130)):
        price(shop.log, "MILK", "MILK-1", cents, LATER + timedelta(hours=hours))
    price(shop.log, "MILK", "MILK-1", 100, LATER)
    await shop.catch_up()
    found = await pages(shop, "scheduledPrices", "sku validFrom price { amount } product { title }")
    assert [(node["sku"], node["price"]["amount"]) for node in found] == [
        ("MILK-1", 110),
        ("MILK-1", 120),
        ("MILK-1", 130),
    ]
    assert found[0]["validFrom"] == (LATER + timedelta(hours=2)).isoformat()
    assert found[0]["product"] == {"title": "Whole milk"}


async def test_stock_is_listed_and_what_runs_low(shop: ReadSide) -> None:
    main, side = Warehouse("MAIN"), Warehouse("SIDE")
    for sku, warehouse, quantity in (("A", main, 5), ("A", side, 1), ("B", main, 3), ("C", side, 9)):
        shop.log.tell(StockReceived(sku=Sku(sku), warehouse=warehouse, quantity=quantity))
    until = NOON + timedelta(hours=1)
    shop.log.tell(
        StockReserved(sku=Sku("A"), warehouse=main, order_id=OrderId("O1"), quantity=4, expires_at=until),
        BackorderLimitSet(sku=Sku("B"), warehouse=main, limit=10),
    )
    await shop.catch_up()

    async def found(wanted: str = "") -> list[tuple[str, str, int]]:
        nodes = await pages(shop, "stockLevels", "sku warehouse available", wanted)
        return [(node["sku"], node["warehouse"], node["available"]) for node in nodes]

    everything = [("A", "MAIN", 1), ("A", "SIDE", 1), ("B", "MAIN", 13), ("C", "SIDE", 9)]
    assert await found() == everything
    assert await found('warehouse: "SIDE"') == [everything[1], everything[3]]
    assert await found("below: 9") == everything[:2]
    assert await found('below: 10 warehouse: "SIDE"') == [everything[1], everything[3]]
    houses = await shop.ask("{ warehouses { name skus onHand reserved } }", token=BOB)
    assert houses == {
        "warehouses": [
            {"name": "MAIN", "skus": 2, "onHand": 8, "reserved": 4},
            {"name": "SIDE", "skus": 2, "onHand": 10, "reserved": 0},
        ]
    }


TITLES = ["Apple", "éclair", "Egg", "milk", "Milk, whole", "Yogurt", "Zwieback"]


async def test_titles_are_sorted_as_people_sort(shop: ReadSide) -> None:
    for number, title in enumerate(reversed(TITLES)):
        on_sale(shop.log, f"P{number}", 100, title=title)
        shop.log.tell(CategoryCreated(category_id=CategoryId(f"C{number}"), name=title, parent_id=None))
    await shop.catch_up()
    assert [node["title"] for node in await pages(shop, "products", "title")] == TITLES
    narrowed = await pages(shop, "products", "title", 'filter: { brand: "" }')
    assert [node["title"] for node in narrowed] == TITLES
    categories = (await shop.ask("{ categories { name } }"))["categories"]
    assert [category["name"] for category in categories] == TITLES
