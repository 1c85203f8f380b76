"""Sales and best sellers as rows: what was sold on which day, and what was taken back."""

from datetime import UTC, date, datetime

import asyncpg
import pytest

from domain.category.events import CategoryCreated, CategoryMoved
from domain.order.events import OrderCancelled, OrderCompleted, OrderLineCancelled, OrderPlaced
from domain.shared.ids import CartId, CategoryId, CheckoutId, CustomerId, OrderId, ProductId, Sku, Warehouse
from domain.shared.money import Money, total
from domain.shared.pricing import PricedLine
from projections import best_sellers, sales
from projections.best_sellers import BestSeller, By
from projections.sales import CategorySales, DepartmentSales
from tests.support.builders.event_log_builder import NOON, Log, build, feed, rows
from tests.support.builders.sold import at_list, from_one

FOOD, TEA, POTS = CategoryId("FOOD"), CategoryId("TEA"), CategoryId("POTS")
MONDAY, TUESDAY = date(2017, 1, 2), date(2017, 1, 3)
TODAY = NOON.date()
SALES, BEST_SELLERS = sales.PROJECTION, best_sellers.PROJECTION


def line(sku: str, units: int, cents: int, category: CategoryId | None) -> PricedLine:
    return PricedLine(
        sku=Sku(sku),
        product_id=ProductId(sku.lower()),
        category_id=category,
        title=sku,
        quantity=units,
        steps=(),
        total=Money(cents, "EUR"),
    )


def placed(order: str, day: date, *lines: PricedLine) -> OrderPlaced:
    return OrderPlaced(
        order_id=OrderId(order),
        checkout_id=CheckoutId(order),
        cart_id=CartId(order),
        customer_id=CustomerId("anna"),
        lines=tuple(from_one(line, Warehouse("MAIN")) for line in lines),
        delivery_method="parcel",
        delivery_price=Money(490, "EUR"),
        delivery_steps=at_list("parcel", Money(490, "EUR")),
        address=None,
        total=total((line.total for line in lines), "EUR") + Money(490, "EUR"),
        payment_id=None,
        at=datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC),
    )


def line_cancelled(order: str, sku: str, units: int, cents: int) -> OrderLineCancelled:
    return OrderLineCancelled(
        order_id=OrderId(order), sku=Sku(sku), quantity=units, value=Money(cents, "EUR"), reason="broken"
    )


def a_week() -> Log:
    log = Log()
    log.tell(
        CategoryCreated(category_id=FOOD, name="Food", parent_id=None),
        CategoryCreated(category_id=TEA, name="Tea", parent_id=FOOD),
        CategoryCreated(category_id=POTS, name="Pots", parent_id=None),
        placed("o1", MONDAY, line("ASSAM", 4, 1001, TEA), line("POT", 1, 2500, POTS)),
        placed("o2", MONDAY, line("ASSAM", 1, 250, TEA), line("ODDMENT", 2, 30, None)),
        placed("o3", TUESDAY, line("POT", 3, 7500, POTS)),
        line_cancelled("o1", "ASSAM", 1, 250),
        OrderCompleted(order_id=OrderId("o1")),
        line_cancelled("o3", "POT", 1, 2500),
        OrderCancelled(order_id=OrderId("o3"), reason="changed my mind"),
    )
    return log


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_sales_count_when_placed_and_are_taken_off_when_cancelled(
    connection: asyncpg.Connection, size: int
) -> None:
    tables = await build(connection, SALES)
    await feed(tables, SALES, a_week().recorded, size)
    assert await rows(tables, "sales") == [
        (MONDAY, "", "EUR", 30, 2),
        (MONDAY, "POTS", "EUR", 2500, 1),
        (MONDAY, "TEA", "EUR", 1251, 5),
        (TUESDAY, "POTS", "EUR", 7500, 3),
        (TODAY, "POTS", "EUR", -7500, -3),
        (TODAY, "TEA", "EUR", -250, -1),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_only_orders_that_can_still_change_are_remembered(connection: asyncpg.Connection, size: int) -> None:
    tables = await build(connection, SALES)
    await feed(tables, SALES, a_week().recorded, size)
    assert [row[0] for row in await rows(tables, "open_orders", order="1")] == ["o2"]


async def test_sales_by_day_are_told_with_category_and_department(connection: asyncpg.Connection) -> None:
    tables = await build(connection, SALES)
    await feed(tables, SALES, a_week().recorded)
    odd = CategorySales(day=MONDAY, category_id=None, name=None, department_id=None, revenue=Money(30, "EUR"), units=2)
    pots = CategorySales(
        day=MONDAY, category_id=POTS, name="Pots", department_id=POTS, revenue=Money(2500, "EUR"), units=1
    )
    tea = CategorySales(
        day=MONDAY, category_id=TEA, name="Tea", department_id=FOOD, revenue=Money(1251, "EUR"), units=5
    )
    assert await sales.by_day(tables, last=MONDAY) == [odd, pots, tea]
    assert await sales.by_day(tables, last=MONDAY, within=FOOD) == [tea]


async def test_departments_add_up_and_follow_the_tree(connection: asyncpg.Connection) -> None:
    log, tables = a_week(), await build(connection, SALES)
    await feed(tables, SALES, log.recorded)
    assert await sales.by_department(tables) == [
        DepartmentSales(department_id=POTS, name="Pots", revenue=Money(2500, "EUR"), units=1),
        DepartmentSales(department_id=FOOD, name="Food", revenue=Money(1001, "EUR"), units=4),
        DepartmentSales(department_id=None, name=None, revenue=Money(30, "EUR"), units=2),
    ]
    await feed(tables, SALES, log.tell(CategoryMoved(category_id=TEA, parent_id=POTS)))
    assert await sales.by_department(tables, first=MONDAY, last=TUESDAY) == [
        DepartmentSales(department_id=POTS, name="Pots", revenue=Money(11251, "EUR"), units=9),
        DepartmentSales(department_id=None, name=None, revenue=Money(30, "EUR"), units=2),
    ]


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_best_sellers_are_found_by_units_or_revenue_period_and_category(
    connection: asyncpg.Connection, size: int
) -> None:
    tables = await build(connection, BEST_SELLERS)
    await feed(tables, BEST_SELLERS, a_week().recorded, size)
    assam = BestSeller(product_id=ProductId("assam"), units=4, revenue=Money(1001, "EUR"))
    pot = BestSeller(product_id=ProductId("pot"), units=1, revenue=Money(2500, "EUR"))
    oddment = BestSeller(product_id=ProductId("oddment"), units=2, revenue=Money(30, "EUR"))
    assert await best_sellers.top(tables, 9) == [assam, oddment, pot]
    assert await best_sellers.top(tables, 9, By.REVENUE) == [pot, assam, oddment]
    assert await best_sellers.top(tables, 1) == [assam]
    assert await best_sellers.top(tables, 9, within=FOOD) == [assam]
    assert await best_sellers.top(tables, 9, first=TUESDAY, last=TUESDAY) == [
        BestSeller(product_id=ProductId("pot"), units=3, revenue=Money(7500, "EUR"))
    ]
    assert await best_sellers.top(tables, 9, first=TODAY) == []
