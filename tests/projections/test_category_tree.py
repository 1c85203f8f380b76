"""The category tree as rows."""

import asyncpg
import pytest

from domain.category.events import CategoryCreated, CategoryDeleted, CategoryMoved, CategoryRenamed
from domain.shared.ids import CategoryId
from projections import category_tree
from projections.category_tree import PROJECTION, Category
from tests.support.builders.event_log_builder import Log, build, feed, rows

FOOD, DAIRY, CHEESE, ARCHIVE = CategoryId("FOOD"), CategoryId("DAIRY"), CategoryId("CHEESE"), CategoryId("ARCHIVE")


def grocery() -> Log:
    log = Log()
    log.tell(
        CategoryCreated(category_id=FOOD, name="Food", parent_id=None),
        CategoryCreated(category_id=DAIRY, name="Dairy", parent_id=FOOD),
        CategoryCreated(category_id=CHEESE, name="Cheese", parent_id=DAIRY),
        CategoryCreated(category_id=ARCHIVE, name="Archive", parent_id=None),
    )
    return log


async def test_a_category_knows_the_way_down_to_it(connection: asyncpg.Connection) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, grocery().recorded)
    assert await rows(tables, "categories") == [
        ("ARCHIVE", "Archive", None, ["ARCHIVE"], False),
        ("CHEESE", "Cheese", "DAIRY", ["FOOD", "DAIRY", "CHEESE"], False),
        ("DAIRY", "Dairy", "FOOD", ["FOOD", "DAIRY"], False),
        ("FOOD", "Food", None, ["FOOD"], False),
    ]


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_a_moved_category_takes_all_below_it_along(connection: asyncpg.Connection, size: int) -> None:
    log, tables = grocery(), await build(connection, PROJECTION)
    log.tell(
        CategoryMoved(category_id=DAIRY, parent_id=ARCHIVE),
        CategoryRenamed(category_id=CHEESE, name="Old cheese"),
    )
    await feed(tables, PROJECTION, log.recorded, size)
    assert await rows(tables, "categories") == [
        ("ARCHIVE", "Archive", None, ["ARCHIVE"], False),
        ("CHEESE", "Old cheese", "DAIRY", ["ARCHIVE", "DAIRY", "CHEESE"], False),
        ("DAIRY", "Dairy", "ARCHIVE", ["ARCHIVE", "DAIRY"], False),
        ("FOOD", "Food", None, ["FOOD"], False),
    ]


async def test_children_come_by_name_and_roots_have_no_parent(connection: asyncpg.Connection) -> None:
    log, tables = grocery(), await build(connection, PROJECTION)
    log.tell(CategoryCreated(category_id=CategoryId("BAKERY"), name="Bakery", parent_id=FOOD))
    await feed(tables, PROJECTION, log.recorded)
    bakery = Category(
        category_id=CategoryId("BAKERY"), name="Bakery", parent_id=FOOD, path=(FOOD, CategoryId("BAKERY"))
    )
    dairy = Category(category_id=DAIRY, name="Dairy", parent_id=FOOD, path=(FOOD, DAIRY))
    assert await category_tree.children(tables, [FOOD, CHEESE]) == {FOOD: [bakery, dairy]}
    assert [root.category_id for root in await category_tree.roots(tables)] == [ARCHIVE, FOOD]
    assert await category_tree.by_ids(tables, [DAIRY, CategoryId("NONE")]) == {DAIRY: dairy}


async def test_a_deleted_category_is_not_shown_and_can_come_back(connection: asyncpg.Connection) -> None:
    log, tables = grocery(), await build(connection, PROJECTION)
    log.tell(CategoryDeleted(category_id=CHEESE), CategoryDeleted(category_id=ARCHIVE))
    await feed(tables, PROJECTION, log.recorded)
    assert await category_tree.by_ids(tables, [CHEESE, ARCHIVE]) == {}
    assert await category_tree.children(tables, [DAIRY]) == {}
    assert [root.category_id for root in await category_tree.roots(tables)] == [FOOD]
    again = log.tell(CategoryCreated(category_id=CHEESE, name="Cheese", parent_id=FOOD))
    await feed(tables, PROJECTION, again)
    assert set(await category_tree.by_ids(tables, [CHEESE, ARCHIVE])) == {CHEESE}
