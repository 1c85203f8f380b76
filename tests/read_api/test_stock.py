"""What can be bought, from the warehouses that the shop sells from; and what is held unpaid."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.shared.holding import Holder
from domain.shared.ids import CustomerId, OrderId, Sku, Warehouse
from domain.stock.events import StockReceived, StockReserved
from tests.support.builders.catalogue import on_sale
from tests.support.builders.event_log_builder import NOON
from tests.support.harness.read_side import ReadSide, asking, token

BOB, WIM = token("bob", "back_office"), token("wim", "warehouse")
SKU = Sku("MILK-1")
BY_SKU, BY_ID = (f"{{ product({which}) {{ variants {{ inStock }} }} }}" for which in ('sku: "MILK-1"', 'id: "MILK"'))
LIST = "{ products(first: 9) { edges { node { variants { inStock } } } } }"
STOCK = '{ stock(sku: "MILK-1") { available levels { warehouse available sells } } }'
HOLDS = '{ stock(sku: "MILK-1") { unpaidHolds { warehouse orderId quantity expiresAt shopper client } } }'


async def in_stock(asker: Any) -> set[bool]:
    pages = [(await asker.ask(page))["product"] for page in (BY_SKU, BY_ID)]
    pages += [edge["node"] for edge in (await asker.ask(LIST))["products"]["edges"]]
    return {variant["inStock"] for page in pages for variant in page["variants"]}


async def test_units_where_the_shop_does_not_sell_from_cannot_be_bought(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    shop.log.tell(StockReceived(sku=SKU, warehouse=Warehouse("RETURNS"), quantity=5))
    await shop.catch_up()
    async with asking(replace(shop.app.state.ports, warehouses=("MAIN",))) as asker:
        assert await in_stock(asker) == {False}
        stock = (await asker.ask(STOCK, token=BOB))["stock"]
        assert stock == {"available": 0, "levels": [{"warehouse": "RETURNS", "available": 5, "sells": False}]}

        shop.log.tell(StockReceived(sku=SKU, warehouse=Warehouse("MAIN"), quantity=2))
        await shop.catch_up()
        assert await in_stock(asker) == {True}
        assert (await asker.ask(STOCK, token=BOB))["stock"]["available"] == 2


async def test_the_back_office_sees_who_holds_units_unpaid(shop: ReadSide) -> None:
    held = StockReserved(
        sku=SKU,
        warehouse=Warehouse("MAIN"),
        order_id=OrderId("O1"),
        quantity=3,
        expires_at=NOON + timedelta(hours=1),
        holder=Holder(shopper=CustomerId("anna"), client="a pseudonym"),
    )
    shop.log.tell(StockReceived(sku=SKU, warehouse=Warehouse("MAIN"), quantity=5), held)
    await shop.catch_up()
    assert (await shop.ask(HOLDS, token=BOB))["stock"]["unpaidHolds"] == [
        {
            "warehouse": "MAIN",
            "orderId": "O1",
            "quantity": 3,
            "expiresAt": "2026-11-25T13:00:00+00:00",
            "shopper": "anna",
            "client": "a pseudonym",
        }
    ]
    assert (await shop.refused(HOLDS, token=WIM))[1] == ["FORBIDDEN"]
