"""Pages follow each other without gap or repeat, also where rows share all but the last of their columns."""

from itertools import product

import asyncpg
import pytest

from projections.engine.paging import Ordering, Page, Place, Window, page_of

ROWS = list(product((1, 2), (1, 2, 3), (1, 2, 3)))
SHUFFLED = [ROWS[number * 7 % len(ROWS)] for number in range(len(ROWS))]
"""No order of columns is the order in which they are stored, and no index helps."""


async def stored(connection: asyncpg.Connection) -> None:
    assert sorted(SHUFFLED) == ROWS
    await connection.execute("create table shown (a int, b int, c int)")
    await connection.copy_records_to_table("shown", records=SHUFFLED)


async def page(connection: asyncpg.Connection, ordering: Ordering, window: Window) -> Page[Place]:
    values = list[object]()
    conditions = " and ".join(["true", *ordering.conditions(window, values)])
    rows = await connection.fetch(f"select a, b, c from shown where {conditions} {ordering.clause(window)}", *values)
    return page_of(
        rows,
        window,
        lambda row: tuple(row[column] for column in ordering.columns),
        lambda row: (row["a"], row["b"], row["c"]),
    )


@pytest.mark.parametrize("size", [1, 2, 5, 17, 18, 19])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("columns", [("a", "b", "c"), ("c", "a", "b")])
async def test_all_rows_are_passed_once_in_order_to_the_end_and_back(
    connection: asyncpg.Connection, columns: tuple[str, ...], descending: bool, size: int
) -> None:
    await stored(connection)
    ordering = Ordering(columns=columns, descending=descending)
    places = sorted((tuple(row["abc".index(column)] for column in columns) for row in ROWS), reverse=descending)

    seen, after = list[Place](), None
    while True:
        found = await page(connection, ordering, Window(size=size, after=after))
        seen += [place for place, _ in found.items]
        after = seen[-1]
        assert found.more_after == (len(seen) < len(places))
        if not found.more_after:
            break
    assert seen == places

    back, before = list[Place](), None
    while True:
        found = await page(connection, ordering, Window(size=size, before=before, backwards=True))
        back = [place for place, _ in found.items] + back
        before = back[0]
        assert found.more_before == (len(back) < len(places))
        if not found.more_before:
            break
    assert back == places


async def test_a_window_ends_at_the_nearer_of_its_bounds(connection: asyncpg.Connection) -> None:
    await stored(connection)
    ordering = Ordering(columns=("a", "b", "c"))
    between = Window(size=10, after=(1, 2, 2), before=(2, 1, 2))
    found = await page(connection, ordering, between)
    assert [place for place, _ in found.items] == [(1, 2, 3), (1, 3, 1), (1, 3, 2), (1, 3, 3), (2, 1, 1)]
